"""The kinds of FAISS index: which one fits how many vectors, and how each is made and searched."""

import os
import threading
from pathlib import Path
from typing import Any, Literal, get_args

from mundap.index.encoders.encoder import Vectors

IndexKind = Literal["flat", "fp16", "hnsw", "ivf"]
INDEX_KINDS: tuple[IndexKind, ...] = get_args(IndexKind)

# Up to this many a scan is a small part of a search, so it may as well be exact.
EXACT_LIMIT = 10_000
# Up to this many a scan is as fast as a graph, finds everything and needs no build.
SCAN_LIMIT = 50_000
# 32 links, efSearch 128: recall@10 .999 on 100,000 clustered vectors; 200 to build with.
_HNSW_LINKS, _HNSW_BUILD, _HNSW_SEARCH = 32, 200, 128
# 64 lists scanned: recall@10 .993 there.
_IVF_PROBES = 64
# FAISS warns below 39 training vectors a list.
_IVF_VECTORS_PER_LIST = 39
# What each thread has told FAISS.
_USED = threading.local()


def faiss() -> Any:
    """Import faiss on first use, so that the morpheme analyser is loaded before it.

    Loading the analyser takes 20 MB more than keeping it; what comes later uses those.
    """
    import faiss

    return faiss


def use_threads(queries: int) -> None:
    """Let FAISS search for so many queries where the calling thread asks it.

    Requests use the cores. One query in parts waits for all of them, which on a busy machine takes
    ten times as long as the search.
    """
    count = 1 if queries == 1 else os.cpu_count() or 1
    if getattr(_USED, "threads", None) != count:
        faiss().omp_set_num_threads(count)
        _USED.threads = count


def kind_for(count: int, kind: IndexKind | Literal["auto"]) -> IndexKind:
    """Return the kind of an index of `count` vectors.

    "flat" scans all and is exact; "fp16" scans them in half precision: cosines are within 5e-4 of
    the exact ones (typically 2e-5) and it takes half the memory, which is what a scan waits for;
    "hnsw" is a graph; "ivf" inverted lists; "auto" is flat up to 10,000 vectors, fp16 up to
    50,000 and hnsw above.
    """
    if kind != "auto":
        return kind
    if count <= EXACT_LIMIT:
        return "flat"
    return "fp16" if count <= SCAN_LIMIT else "hnsw"


def kind_of(index: Any) -> IndexKind:
    """Return the kind of a FAISS index."""
    return _KINDS[type(index).__name__]


def built(vectors: Vectors, kind: IndexKind) -> Any:
    """Return a FAISS index of `vectors`, shape (n, dimension), that can give them back."""
    index = _BUILDERS[kind](vectors)
    index.add(vectors)
    if kind == "ivf":
        index.make_direct_map()
    return index


def write_index(index: Any, file: Path) -> None:
    """Write an index; the caller makes the write durable. Raises OSError.

    Through Python: where a disk runs full at the last bytes, FAISS itself only tells its log.
    """
    with file.open("wb") as out:
        faiss().write_index(index, faiss().PyCallbackIOWriter(out.write))


def usual_search(kind: IndexKind, k: int) -> Any:
    """Return the parameters of a search of all vectors."""
    if kind == "hnsw":
        return faiss().SearchParametersHNSW(efSearch=max(_HNSW_SEARCH, k))
    return faiss().SearchParametersIVF(nprobe=_IVF_PROBES) if kind == "ivf" else None


def exact_search(index: Any, kind: IndexKind, selector: Any) -> tuple[Any, Any]:
    """Return what scans all that a selector keeps, and its parameters.

    Where a filter keeps few, graphs and lists lose most of them.
    """
    if kind == "ivf":
        return index, faiss().SearchParametersIVF(sel=selector, nprobe=index.nlist)
    flat = faiss().downcast_index(index.storage) if kind == "hnsw" else index
    return flat, faiss().SearchParameters(sel=selector)


def _flat(vectors: Vectors) -> Any:
    return faiss().IndexFlatIP(vectors.shape[1])


def _fp16(vectors: Vectors) -> Any:
    half = faiss().ScalarQuantizer.QT_fp16
    return faiss().IndexScalarQuantizer(vectors.shape[1], half, faiss().METRIC_INNER_PRODUCT)


def _hnsw(vectors: Vectors) -> Any:
    index = faiss().IndexHNSWFlat(vectors.shape[1], _HNSW_LINKS, faiss().METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = _HNSW_BUILD
    return index


def _ivf(vectors: Vectors) -> Any:
    count, dimension = vectors.shape
    lists = max(1, min(int(4 * count**0.5), count // _IVF_VECTORS_PER_LIST))
    quantizer = faiss().IndexFlatIP(dimension)
    index = faiss().IndexIVFFlat(quantizer, dimension, lists, faiss().METRIC_INNER_PRODUCT)
    index.train(vectors)
    return index


_BUILDERS = {"flat": _flat, "fp16": _fp16, "hnsw": _hnsw, "ivf": _ivf}
_KINDS: dict[str, IndexKind] = {
    "IndexFlat": "flat",  # as FAISS calls it where it reads one
    "IndexFlatIP": "flat",
    "IndexScalarQuantizer": "fp16",
    "IndexHNSWFlat": "hnsw",
    "IndexIVFFlat": "ivf",
}

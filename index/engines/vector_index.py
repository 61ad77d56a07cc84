"""Nearest vectors by inner product: the only module that imports faiss."""

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

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


def _faiss() -> Any:
    """Import faiss on first use, so that the morpheme analyser is loaded before it.

    Loading the analyser takes 20 MB more than keeping it; what comes later uses those.
    """
    import faiss

    return faiss


class VectorIndexError(ValueError):
    """Vectors or an index file cannot be used."""


@dataclass(frozen=True, slots=True)
class RowHits:
    """The rows nearest to one query, best first, and their cosines; as many as there are."""

    rows: NDArray[np.int64]
    scores: NDArray[np.float32]


class VectorIndex:
    """An immutable index over unit vectors; safe to search from several threads."""

    def __init__(self, faiss_index: Any) -> None:
        self._index = faiss_index
        # Asking FAISS, be it for a number, gives Python's lock away and waits to have it back.
        self._size, self._dimension = int(faiss_index.ntotal), int(faiss_index.d)

    @classmethod
    def build(cls, vectors: Vectors, kind: IndexKind | Literal["auto"] = "auto") -> "VectorIndex":
        """Index `vectors`, shape (n, dimension), row by row.

        `kind` is resolved by `kind_for`. Raises VectorIndexError on an empty, wrongly shaped,
        wrongly typed or not finite array.
        """
        _check(vectors)
        if not len(vectors):
            raise VectorIndexError("0 vectors; wanted at least 1. Add a question to the FAQ.")
        chosen = kind_for(len(vectors), kind)
        index = _BUILDERS[chosen](vectors)
        index.add(vectors)
        if chosen == "ivf":
            index.make_direct_map()  # so that vectors can be read back
        return cls(index)

    @classmethod
    def load(cls, path: Path, *, mapped: bool = False) -> "VectorIndex":
        """Read an index file; `mapped` shares its pages between processes, read-only."""
        flags = _faiss().IO_FLAG_MMAP_IFC if mapped else 0
        try:
            # Damaged headers raise any of these; the checksum of the bundle finds the rest.
            return cls(_faiss().read_index(str(path), flags))
        except (RuntimeError, AssertionError, MemoryError):
            raise VectorIndexError(
                f"{path}: not a readable FAISS index. Rebuild with `mundap index build`, or go "
                "back with `mundap index rollback`."
            ) from None

    def save(self, path: Path) -> None:
        """Write the index; the caller makes the write durable."""
        _faiss().write_index(self._index, str(path))

    def __len__(self) -> int:
        return self._size

    @property
    def dimension(self) -> int:
        """Number of columns of the indexed vectors."""
        return self._dimension

    @property
    def kind(self) -> str:
        """One of `INDEX_KINDS`."""
        return _KINDS[type(self._index).__name__]

    def vectors(self) -> Vectors:
        """Return the indexed vectors in row order, shape (n, dimension), as they are kept."""
        rows: Vectors = self._index.reconstruct_n(0, len(self))
        return rows

    def vectors_of(self, rows: NDArray[np.int64]) -> Vectors:
        """Return the indexed vectors of `rows`, shape (len(rows), dimension)."""
        found: Vectors = self._index.reconstruct_batch(rows)
        return found

    def search(
        self, queries: Vectors, k: int, *, rows: NDArray[np.int64] | None = None
    ) -> list[RowHits]:
        """Return the k nearest rows of each query, shape (n, dimension).

        `rows`, without repeats, limits the search to those; it is then exact for every kind.
        """
        _check(queries)
        if queries.shape[1] != self.dimension:
            raise VectorIndexError(
                f"queries have dimension {queries.shape[1]}, the index {self.dimension}. Search "
                "with the encoder that the index was built with."
            )
        if k < 1:
            raise VectorIndexError(f"k is {k}; wanted at least 1.")
        if rows is None:
            return _row_hits(self._index, queries, min(k, len(self)), self._parameters(k))
        return self._search_among(rows, queries, min(k, len(rows)))

    def _parameters(self, k: int) -> Any:
        if self.kind == "hnsw":
            return _faiss().SearchParametersHNSW(efSearch=max(_HNSW_SEARCH, k))
        return _faiss().SearchParametersIVF(nprobe=_IVF_PROBES) if self.kind == "ivf" else None

    def _search_among(self, rows: NDArray[np.int64], queries: Vectors, k: int) -> list[RowHits]:
        """Scan all of `rows`: where a filter keeps few, graphs and lists lose most of them."""
        kept = np.zeros(len(self), dtype=bool)
        kept[rows] = True
        selector = _faiss().IDSelectorBitmap(np.packbits(kept, bitorder="little"))
        if self.kind == "ivf":
            every_list = _faiss().SearchParametersIVF(sel=selector, nprobe=self._index.nlist)
            return _row_hits(self._index, queries, k, every_list)
        flat = _faiss().downcast_index(self._index.storage) if self.kind == "hnsw" else self._index
        return _row_hits(flat, queries, k, _faiss().SearchParameters(sel=selector))


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


def _row_hits(faiss_index: Any, queries: Vectors, k: int, parameters: Any) -> list[RowHits]:
    if k == 0:
        return [RowHits(np.empty(0, np.int64), np.empty(0, np.float32)) for _ in queries]
    # Requests use the cores. One query in parts waits for all of them, which on a busy machine
    # takes ten times as long as the search.
    _use_threads(1 if len(queries) == 1 else os.cpu_count() or 1)
    scores, rows = faiss_index.search(queries, k, params=parameters)
    # Short results are padded with row -1.
    return [RowHits(r[r >= 0], s[r >= 0]) for r, s in zip(rows, scores, strict=True)]


def _use_threads(count: int) -> None:
    """Let FAISS search with so many threads where the calling thread asks it."""
    if getattr(_USED, "threads", None) != count:
        _faiss().omp_set_num_threads(count)
        _USED.threads = count


def _check(vectors: Vectors) -> None:
    if vectors.ndim != 2 or vectors.dtype != np.float32:
        raise VectorIndexError(
            f"vectors are {vectors.dtype} of shape {vectors.shape}; wanted float32 of shape "
            "(n, dimension)."
        )
    if not np.isfinite(vectors).all():
        bad = int(np.flatnonzero(~np.isfinite(vectors).all(axis=1))[0])
        raise VectorIndexError(f"vector in row {bad} holds NaN or infinity; wanted finite values.")


def _flat(vectors: Vectors) -> Any:
    return _faiss().IndexFlatIP(vectors.shape[1])


def _fp16(vectors: Vectors) -> Any:
    half = _faiss().ScalarQuantizer.QT_fp16
    return _faiss().IndexScalarQuantizer(vectors.shape[1], half, _faiss().METRIC_INNER_PRODUCT)


def _hnsw(vectors: Vectors) -> Any:
    index = _faiss().IndexHNSWFlat(vectors.shape[1], _HNSW_LINKS, _faiss().METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = _HNSW_BUILD
    return index


def _ivf(vectors: Vectors) -> Any:
    count, dimension = vectors.shape
    lists = max(1, min(int(4 * count**0.5), count // _IVF_VECTORS_PER_LIST))
    quantizer = _faiss().IndexFlatIP(dimension)
    index = _faiss().IndexIVFFlat(quantizer, dimension, lists, _faiss().METRIC_INNER_PRODUCT)
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

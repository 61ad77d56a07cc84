"""The stores that `benchmarks.peers_scale` compares with, each as its own guide sets it up.

This runs with the interpreter that has them installed, which need not be that of mundap:

    python benchmarks/peer_stores.py build|serve STORE FOLDER [ADDRESS]

In the folder lie `vectors.npy`, float32 of shape (n, dimension), and `queries.npy`. Who serves says
"ready", and then answers lines "FIRST LAST" with the ten nearest rows of those queries.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

K, WIDTH = 10, 128
_TABLE = "questions"

# The vector of a query -> the rows nearest to it, best first.
Search = Callable[[np.ndarray], list[int]]


def main() -> None:
    """Build or serve what the command line names."""
    what, store, folder, *address = sys.argv[1:]
    build, opened = STORES[store]
    if what == "build":
        build(Path(folder), *address)
    else:
        answer(Path(folder), opened(Path(folder), *address))


def answer(folder: Path, search: Search) -> None:
    """Answer what comes over standard input, and say how long each took."""
    queries = np.load(folder / "queries.npy")
    print("ready", flush=True)
    for line in sys.stdin:
        first, last = map(int, line.split())
        rows, taken, begun = [], [], time.process_time()
        for query in queries[first:last]:
            start = time.perf_counter()
            rows.append(search(query))
            taken.append((time.perf_counter() - start) * 1000)
        used = time.process_time() - begun
        print(json.dumps({"rows": rows, "wall_ms": taken, "cpu_s": used}), flush=True)


def _txtai() -> Any:
    from txtai import Embeddings

    return Embeddings(method="external")  # vectors come as such


def _build_txtai(folder: Path) -> None:
    embeddings = _txtai()
    vectors = np.load(folder / "vectors.npy", mmap_mode="r")
    embeddings.index((row, np.array(vector), None) for row, vector in enumerate(vectors))
    embeddings.save(str(folder / "txtai"))


def _open_txtai(folder: Path) -> Search:
    embeddings = _txtai()
    embeddings.load(str(folder / "txtai"))
    return lambda query: [row for row, _ in embeddings.search(query, K)]


def _engine(url: str) -> Any:
    from langchain_postgres import PGEngine

    return PGEngine.from_connection_string(url.replace("postgresql:", "postgresql+psycopg:"))


def _store(engine: Any) -> Any:
    from langchain_core.embeddings import FakeEmbeddings
    from langchain_postgres import PGVectorStore
    from langchain_postgres.v2.indexes import HNSWQueryOptions

    return PGVectorStore.create_sync(
        engine,
        FakeEmbeddings(size=1),
        _TABLE,
        id_column="row",
        metadata_json_column=None,
        index_query_options=HNSWQueryOptions(ef_search=WIDTH),
    )


def _build_langchain(folder: Path, url: str) -> None:
    """Fill the table of LangChain's by COPY, as its own way in takes a statement a row."""
    import psycopg
    from langchain_postgres import Column
    from langchain_postgres.v2.indexes import HNSWIndex
    from pgvector.psycopg import register_vector

    vectors = np.load(folder / "vectors.npy", mmap_mode="r")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION vector")
        # For the graph, which is made where it fits several times faster.
        connection.execute("ALTER SYSTEM SET maintenance_work_mem = '3GB'")
        connection.execute("SELECT pg_reload_conf()")
    engine = _engine(url)
    engine.init_vectorstore_table(
        _TABLE,
        vectors.shape[1],
        id_column=Column("row", "INTEGER", nullable=False),
        store_metadata=False,
    )
    with psycopg.connect(url) as connection:
        register_vector(connection)
        columns = f'COPY {_TABLE} ("row", content, embedding) FROM STDIN (FORMAT BINARY)'
        with connection.cursor().copy(columns) as copy:
            copy.set_types(["int4", "text", "vector"])
            for row, content in _rows(folder):
                copy.write_row((row, content, np.array(vectors[row])))
    _store(engine).apply_vector_index(HNSWIndex())


def _rows(folder: Path) -> Iterator[tuple[int, str]]:
    with (folder / "faq.jsonl").open(encoding="utf-8") as lines:
        for row, line in enumerate(lines):
            yield row, json.loads(line)["question"]


def _open_langchain(folder: Path, url: str) -> Search:
    store = _store(_engine(url))

    def search(query: np.ndarray) -> list[int]:
        return [int(one.id) for one in store.similarity_search_by_vector(query.tolist(), k=K)]

    return search


STORES: dict[str, tuple[Callable[..., None], Callable[..., Search]]] = {
    "txtai": (_build_txtai, _open_txtai),
    "langchain": (_build_langchain, _open_langchain),
}

if __name__ == "__main__":
    main()

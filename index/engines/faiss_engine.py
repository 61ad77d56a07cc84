"""FAISS as an engine: one index file in one process."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mundap.index.encoders.encoder import Vectors
from mundap.index.engines.engine import (
    EngineError,
    RowHits,
    Rows,
    require_queries,
    require_vectors,
)
from mundap.index.engines.faiss_kinds import (
    IndexKind,
    built,
    exact_search,
    faiss,
    kind_for,
    kind_of,
    use_threads,
    usual_search,
    write_index,
)
from mundap.index.faq.passages.categories import Categories

VECTORS_FILE = "vectors.faiss"


class FaissEngine:
    """An `Engine` over a FAISS index."""

    files = (VECTORS_FILE,)

    def __init__(self, index: Any, categories: Sequence[str]) -> None:
        self._index = index
        # Asking FAISS, be it for a number, gives Python's lock away and waits to have it back.
        self._size, self._dimension = int(index.ntotal), int(index.d)
        self._kind = kind_of(index)
        self._categories = categories
        if len(categories) != self._size:
            raise EngineError(
                f"{len(categories)} passages but {self._size} vectors; wanted as many."
            )

    @classmethod
    def build(
        cls,
        vectors: Vectors,
        categories: Sequence[str],
        kind: IndexKind | Literal["auto"] = "auto",
    ) -> "FaissEngine":
        """Index `vectors`, shape (n, dimension), row by row.

        `kind` is resolved by `kind_for`. Raises EngineError on an empty, wrongly shaped, wrongly
        typed or not finite array.
        """
        require_vectors(vectors)
        if not len(vectors):
            raise EngineError("0 vectors; wanted at least 1. Add a question to the FAQ.")
        return cls(built(vectors, kind_for(len(vectors), kind)), categories)

    @classmethod
    def open(cls, directory: Path, categories: Sequence[str]) -> "FaissEngine":
        """Read the index file of `directory`; raises EngineError where FAISS cannot."""
        path = directory / VECTORS_FILE
        try:
            # Damaged headers raise any of these; the checksum of the bundle finds the rest.
            index = faiss().read_index(str(path))
        except (RuntimeError, AssertionError, MemoryError):
            raise EngineError(
                f"{path}: not a readable FAISS index. Rebuild with `mundap index build`, or go "
                "back with `mundap index rollback`."
            ) from None
        return cls(index, categories)

    def seal(self, directory: Path) -> None:
        """Write the index file; the caller makes the write durable. Raises OSError."""
        write_index(self._index, directory / VECTORS_FILE)

    def verify(self) -> None:
        """Do nothing: all of it lies in the directory, whose checksums the bundle keeps."""

    @property
    def dimension(self) -> int:
        """Number of columns of the indexed vectors."""
        return self._dimension

    @property
    def kind(self) -> IndexKind:
        """How the vectors are indexed; see `kind_for`."""
        return self._kind

    def count(self, category: str | None = None) -> int:
        """Return how many vectors there are, or are of `category`."""
        return self._size if category is None else len(self._rows_of(category))

    def cosines(self, rows: Rows, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the cosine of each of `rows` with one query, shape (dimension,)."""
        found: NDArray[np.float32] = self.vectors(rows) @ query
        return found

    def vectors(self, rows: Rows | None = None) -> Vectors:
        """Return the vectors of `rows`, else of all in their order, as they are kept."""
        found: Vectors = (
            self._index.reconstruct_n(0, self._size)
            if rows is None
            else self._index.reconstruct_batch(rows)
        )
        return found

    def search(self, queries: Vectors, k: int, *, category: str | None = None) -> list[RowHits]:
        """Return the k nearest rows of each query, shape (n, dimension).

        Those of `category` alone where one is given: the search is then exact for every kind.
        """
        require_queries(queries, k, self.dimension)
        if category is None:
            return _row_hits(self._index, queries, min(k, self._size), usual_search(self._kind, k))
        rows = self._rows_of(category)
        kept = np.zeros(self._size, dtype=bool)
        kept[rows] = True
        selector = faiss().IDSelectorBitmap(np.packbits(kept, bitorder="little"))
        scanned, parameters = exact_search(self._index, self._kind, selector)
        return _row_hits(scanned, queries, min(k, len(rows)), parameters)

    def _rows_of(self, category: str) -> Rows:
        return self._of_categories.rows_of(category)

    @cached_property
    def _of_categories(self) -> Categories:
        return Categories.of(self._categories)


def _row_hits(index: Any, queries: Vectors, k: int, parameters: Any) -> list[RowHits]:
    if k == 0:
        return [RowHits(np.empty(0, np.int64), np.empty(0, np.float32)) for _ in queries]
    use_threads(len(queries))
    scores, rows = index.search(queries, k, params=parameters)
    # Short results are padded with row -1.
    return [RowHits(r[r >= 0], s[r >= 0]) for r, s in zip(rows, scores, strict=True)]

"""What keeps the vectors of a generation and finds the nearest: the seam for every engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from mundap.index.encoders.encoder import Vectors
from mundap.index.trouble import Trouble

Rows = NDArray[np.int64]


class EngineError(ValueError):
    """Vectors, or what an engine keeps of them, cannot be used."""


class EngineAwayError(EngineError):
    """What an engine keeps elsewhere cannot be searched now; later it may."""

    trouble: Trouble = "away"


class EngineAbsentError(EngineAwayError):
    """Where it was kept it is no more; whoever took it away may bring it back."""


@dataclass(frozen=True, slots=True)
class RowHits:
    """The rows nearest to one query, best first, and their cosines; as many as there are."""

    rows: Rows
    scores: NDArray[np.float32]


class Engine(Protocol):
    """Unit vectors in row order, each of a category; immutable, searched from several threads.

    All that is known of a row behind this seam is its vector and its category. Each is built in a
    way of its own, from vectors, shape (n, dimension), and the category of each.
    """

    @property
    def files(self) -> tuple[str, ...]:
        """The names of what `seal` writes."""

    @classmethod
    def open(cls, directory: Path, categories: Sequence[str]) -> Self:
        """Open what `seal` left in `directory`; raises EngineError where that is damaged."""

    def seal(self, directory: Path) -> None:
        """Write into `directory` what `open` needs; the caller makes the write durable."""

    def verify(self) -> None:
        """Raise EngineError unless what is kept outside the directory is there and whole."""

    @property
    def dimension(self) -> int:
        """Number of columns of the vectors."""

    @property
    def kind(self) -> str:
        """How the vectors are kept, as the manifest of a generation names it."""

    def count(self, category: str | None = None) -> int:
        """Return how many vectors there are, or are of `category`."""

    def search(self, queries: Vectors, k: int, *, category: str | None = None) -> list[RowHits]:
        """Return the k nearest rows of each query, shape (n, dimension).

        Those of `category` alone where one is given; fewer than k where there are fewer, or where
        the engine gives no more at once.
        """

    def cosines(self, rows: Rows, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the cosine of each of `rows` with one query, shape (dimension,)."""

    def vectors(self, rows: Rows | None = None) -> Vectors:
        """Return the vectors of `rows`, else of all in their order, as they are kept."""


def require_vectors(vectors: Vectors) -> None:
    """Raise EngineError unless `vectors` is finite float32 of shape (n, dimension)."""
    if vectors.ndim != 2 or vectors.dtype != np.float32:
        raise EngineError(
            f"vectors are {vectors.dtype} of shape {vectors.shape}; wanted float32 of shape "
            "(n, dimension)."
        )
    if not np.isfinite(vectors).all():
        bad = int(np.flatnonzero(~np.isfinite(vectors).all(axis=1))[0])
        raise EngineError(f"vector in row {bad} holds NaN or infinity; wanted finite values.")


def require_queries(queries: Vectors, k: int, dimension: int) -> None:
    """Raise EngineError unless `queries` can be searched for in an index of `dimension`."""
    require_vectors(queries)
    if queries.shape[1] != dimension:
        raise EngineError(
            f"queries have dimension {queries.shape[1]}, the index {dimension}. Search with the "
            "encoder that the index was built with."
        )
    if k < 1:
        raise EngineError(f"k is {k}; wanted at least 1.")

"""Development queries that cost nobody any work: the FAQ's own passages.

In scope: each passage of an entry that has others, searched among all but itself. Out of
scope: queries known to have no answer; without any, each passage with its own entry left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.encoder import Vectors
from index.passages import Passages

# More say nothing new: a share is then known within .02.
MOST = 5_000
# Cosines held at once: 16 MB.
_BLOCK = 2**22

_Rows = NDArray[np.int64]
Scores = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Development:
    """The best score of each development query, and which in scope found their entry."""

    in_scope: Scores
    first: Flags  # the right entry came first
    out_of_scope: Scores

    @classmethod
    def of(
        cls, passages: Passages, vectors: Vectors, out_of_scope: Vectors | None, seed: int
    ) -> "Development":
        """Search `vectors`, one for each passage, among each other and `out_of_scope` among them.

        At most 5,000 of a kind, drawn by `seed`, in bounded memory.
        """
        rng = np.random.default_rng(seed)
        owners = passages.owners
        rows = _sample(np.flatnonzero(np.bincount(owners)[owners] > 1), rng)
        found, scores = _search(vectors[rows], passages, vectors, without_rows=rows)
        first = found == owners[rows]
        if out_of_scope is not None:
            astray = _search(out_of_scope, passages, vectors)[1]
        elif len(passages.entries) > 1:
            rows = _sample(np.arange(len(owners)), rng)
            astray = _search(vectors[rows], passages, vectors, without_owners=owners[rows])[1]
        else:
            astray = np.empty(0)
        return cls(scores, first, astray)


def _sample(rows: _Rows, rng: np.random.Generator) -> _Rows:
    return rows if len(rows) <= MOST else np.sort(rng.choice(rows, MOST, replace=False))


def _search(
    queries: Vectors,
    passages: Passages,
    vectors: Vectors,
    *,
    without_rows: _Rows | None = None,
    without_owners: _Rows | None = None,
) -> tuple[_Rows, Scores]:
    """Return the best entry of each query and its score."""
    # Passages stand entry by entry: where each entry begins.
    starts = np.flatnonzero(np.diff(passages.owners, prepend=-1))
    found = np.empty(len(queries), dtype=np.int64)
    scores = np.empty(len(queries), dtype=np.float64)
    for block in _blocks(len(queries), len(vectors)):
        cosines = queries[block] @ vectors.T
        if without_rows is not None:
            np.put_along_axis(cosines, without_rows[block, None], -np.inf, axis=1)
        best = np.maximum.reduceat(cosines, starts, axis=1)
        if without_owners is not None:
            np.put_along_axis(best, without_owners[block, None], -np.inf, axis=1)
        found[block], scores[block] = best.argmax(axis=1), best.max(axis=1)
    # Rounding may leave a cosine of unit vectors a little outside.
    return found, np.clip(scores, -1.0, 1.0)


def _blocks(queries: int, passages: int) -> Iterator[slice]:
    size = max(1, _BLOCK // passages)
    return (slice(start, start + size) for start in range(0, queries, size))

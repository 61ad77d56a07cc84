"""What BM25 says of the entries of a FAQ for one query."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mundap.index.faq.passages.passages import Passages


class EntryScores(Protocol):
    """What BM25 says of entries for one query."""

    def best(self, count: int, category: str | None = None) -> list[int]:
        """Return the places of up to `count` best entries, of `category` alone where one is given.

        In no order; none that shares no word with the query.
        """

    def of(self, owners: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the scores of the entries at these places, in [0, 1)."""

    def rank(self, score: float) -> int:
        """Return the place, from 1, of a score of `best` among those of all entries."""


@dataclass(frozen=True, slots=True)
class WholeScores:
    """The scores of all entries, shape (entries,)."""

    scores: NDArray[np.float32]
    passages: Passages

    def best(self, count: int, category: str | None = None) -> list[int]:
        """See `EntryScores`."""
        eligible = self.scores
        if category is not None:
            eligible = np.where(self.passages.has_category(category), eligible, 0.0)
        (shared,) = (eligible > 0).nonzero()
        if len(shared) > count:
            shared = shared[eligible[shared].argpartition(-count)[-count:]]
        found: list[int] = shared.tolist()
        return found

    def of(self, owners: NDArray[np.int64]) -> NDArray[np.float32]:
        """See `EntryScores`."""
        return self.scores[owners]

    def rank(self, score: float) -> int:
        """See `EntryScores`."""
        return 1 + int((self.scores > score).sum())

"""The best entries for the words of a query, found without a look at all that hold one of them."""

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mundap.index.search.lexical import QueryWords

# Entries that are looked at in one step: fewer take as long.
_STEP = 512

_Array = NDArray[Any]


class Lists(Protocol):
    """What `Threshold` reads."""

    def list_of(self, term: int) -> tuple[_Array, _Array]:
        """Return the entries that use a word, and what it adds to each, least first."""

    @property
    def unlisted(self) -> _Array:
        """The places of entries that stand in no list."""

    def entries_of(self, category: str) -> _Array:
        """Return the places of the entries of a category, ascending."""

    def wanted(self, owners: _Array, category: str | None) -> _Array:
        """Return those of `owners` that may be found, of a category where one is given."""

    def bm25_of(self, words: QueryWords, owners: _Array, lookup: _Array) -> NDArray[np.float32]:
        """Return the scores of entries; `lookup` has the weight of each word."""


@dataclass(slots=True)
class _List:
    """What is left of one word's entries: those before `end`, and the most that one of them gains.

    `first` is where the next step begins and `drop` what the most gained falls by then, an entry.
    """

    entries: _Array
    gains: _Array
    weight: float
    end: int = 0
    most: float = 0.0
    first: int = 0
    drop: float = 0.0

    @classmethod
    def of(cls, entries: _Array, gains: _Array, weight: float) -> "_List":
        found = cls(entries, gains, weight, len(entries))
        found._look()
        return found

    def step(self) -> _Array:
        """Return the next entries."""
        taken: _Array = self.entries[self.first : self.end]
        self.end = self.first
        self._look()
        return taken

    def _look(self) -> None:
        self.most = self.weight * float(self.gains[self.end - 1]) if self.end else 0.0
        # All that gain as much: none of them is before another.
        level = (
            int(self.gains[: self.end].searchsorted(self.gains[self.end - 1])) if self.end else 0
        )
        self.first = max(0, min(level, self.end - _STEP))
        after = self.weight * float(self.gains[self.first - 1]) if self.first else 0.0
        self.drop = (self.most - after) / max(1, self.end - self.first)


@dataclass(slots=True)
class Threshold:
    """The `EntryScores` of one query; `lookup` has the weight of each word of the FAQ in it."""

    index: Lists
    words: QueryWords
    lookup: _Array
    _best: _Array = field(default_factory=lambda: np.empty(0, np.float32))

    def best(self, count: int, category: str | None = None) -> list[int]:
        """See `EntryScores`."""
        owners, scores = np.empty(0, np.int64), np.empty(0, np.float32)
        mass = self.words.mass or 1.0
        weights = self.words.by_term()
        lists = [_List.of(*self.index.list_of(t), w) for t, w in weights.items()]
        few = None if category is None else self.index.entries_of(category)
        if few is not None and len(few) <= sum(each.end for each in lists):
            owners, scores = self._kept(owners, scores, few, count)
            lists = []
        elif len(unlisted := self.index.wanted(self.index.unlisted, category)):
            owners, scores = self._kept(owners, scores, unlisted, count)
        while left := [each for each in lists if each.end]:
            if len(owners) == count and scores.min() >= np.float32(
                sum(x.most for x in left) / mass
            ):
                break
            taken = max(left, key=lambda each: each.drop).step().astype(np.int64)
            taken = self.index.wanted(taken, category)
            owners, scores = self._kept(owners, scores, taken, count)
        self._best = scores
        found: list[int] = owners.tolist()
        return found

    def of(self, owners: NDArray[np.int64]) -> NDArray[np.float32]:
        """See `EntryScores`."""
        return self.index.bm25_of(self.words, owners, self.lookup)

    def rank(self, score: float) -> int:
        """See `EntryScores`: one more than those of `best` where none of them is worse."""
        return 1 + int((self._best > score).sum())

    def _kept(
        self, owners: _Array, scores: _Array, taken: _Array, count: int
    ) -> tuple[_Array, _Array]:
        """Return the `count` best of those kept before and some others."""
        found = self.of(taken)
        least = scores.min() if len(owners) == count else 0.0
        (better,) = (found > least).nonzero()
        taken, found = taken[better], found[better]
        if len(taken) > count:
            top = found.argpartition(-count)[-count:]
            taken, found = taken[top], found[top]
        new = ~np.isin(taken, owners)
        owners = np.concatenate([owners, taken[new]])
        scores = np.concatenate([scores, found[new]])
        top = np.argsort(-scores, kind="stable")[:count]
        return owners[top], scores[top]

"""Batches for in-batch negatives, without false ones, and batches of texts of like length."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sentence_transformers.base.sampler import DefaultBatchSampler

from mundap.index.korean.text import match_key
from mundap.training.data.pairs import Pair

_BATCHES_SORTED = 50


class GroupBatchSampler(DefaultBatchSampler):
    """Deals pairs into batches so that each answer group has at most one pair in each.

    The library's no-duplicates sampler compares strings, so two phrasings of one answer meet
    in a batch and each becomes a "negative" of the other. Here the pairs, group after group
    in random order, are dealt round-robin to a fixed number of batches: a group's pairs fall
    into different ones, every batch is full to within one row, and the number of batches is
    the same in every epoch. A group with more pairs than there are batches sits out the
    surplus; a text that is already in a batch (two answers share a question) does too. Hard
    negatives may meet anything: the loss knows whose they are (`KnownPositives`).
    """

    def __init__(self, dataset: Any, pairs: Sequence[Pair], batch_size: int, seed: int) -> None:
        super().__init__(dataset, batch_size=batch_size, drop_last=False, seed=seed)
        self._groups = np.unique([pair.group for pair in pairs], return_inverse=True)[1]
        self._texts = [{match_key(pair.anchor), match_key(pair.positive)} for pair in pairs]
        self.epoch = 0

    def __len__(self) -> int:
        return -(-len(self._groups) // self.batch_size)

    def __iter__(self) -> Iterator[list[int]]:
        rng = np.random.default_rng([self.seed, self.epoch])
        for batch in self._deal(rng):
            kept: list[int] = []
            seen: set[str] = set()
            for row in batch:
                if seen.isdisjoint(self._texts[row]):
                    seen |= self._texts[row]
                    kept.append(row)
            yield kept

    def _deal(self, rng: np.random.Generator) -> list[list[int]]:
        shuffled = rng.permutation(len(self._groups))
        group_rank = rng.permutation(int(self._groups.max()) + 1)
        order = shuffled[np.argsort(group_rank[self._groups[shuffled]], kind="stable")]
        order = order[_place_in_group(self._groups[order]) < len(self)]
        seats = rng.permutation(len(self))[np.arange(len(order)) % len(self)]
        by_seat = order[np.argsort(seats, kind="stable")]
        ends = np.cumsum(np.bincount(seats, minlength=len(self)))[:-1]
        return [batch.tolist() for batch in np.split(by_seat, ends)]


class LengthBatchSampler(DefaultBatchSampler):
    """Puts texts of like length into a batch, as each is padded to the longest.

    Of every 50 batches' worth of shuffled texts, those next to one another in length meet.
    """

    def __init__(self, dataset: Any, texts: Sequence[str], batch_size: int, seed: int) -> None:
        super().__init__(dataset, batch_size=batch_size, drop_last=False, seed=seed)
        self._lengths = np.array([len(text) for text in texts])
        self.epoch = 0

    def __len__(self) -> int:
        return -(-len(self._lengths) // self.batch_size)

    def __iter__(self) -> Iterator[list[int]]:
        rng = np.random.default_rng([self.seed, self.epoch])
        order = rng.permutation(len(self._lengths))
        together = _BATCHES_SORTED * self.batch_size
        chunks = [order[start : start + together] for start in range(0, len(order), together)]
        order = np.concatenate([c[np.argsort(self._lengths[c], kind="stable")] for c in chunks])
        for batch in rng.permutation(len(self)).tolist():
            yield order[batch * self.batch_size : (batch + 1) * self.batch_size].tolist()


def _place_in_group(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return 0, 1, 2, ... along each run of equal values."""
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    return np.arange(len(groups)) - np.repeat(starts, np.diff([*starts, len(groups)]))

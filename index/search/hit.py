"""An entry found for a query, and the order in which entries are listed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mundap.index.engines.engine import RowHits
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.passages import Passages


@dataclass(frozen=True, slots=True)
class Signals:
    """What each part of retrieval says of one entry; see `index/search/fusion.py`.

    The last five are 0 where no pretrained encoder reads the FAQ.
    """

    dense: float
    centroid: float
    bm25: float
    coverage: float
    phrasing: float = 0.0
    phrasing_centroid: float = 0.0
    content: float = 0.0
    late: float = 0.0
    content_bm25: float = 0.0


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry found for a query, the passage of it that matched best, and its score.

    Higher is better. The score of dense retrieval is a cosine in [-1, 1]; a fused score, which
    comes with the signals it was made of, is at most 1 too.
    """

    entry: FaqEntry
    question: str
    score: float
    signals: Signals | None = None

    @property
    def entry_id(self) -> str:
        """Id of the entry."""
        return self.entry.entry_id


def in_order(hits: list[Hit]) -> list[Hit]:
    """Sort by score descending, then entry_id descending: the order of trec_eval.

    It is total, so a scorer that gives everything the same score gains nothing from the order
    of the file.
    """
    return sorted(hits, key=lambda hit: (hit.score, hit.entry_id), reverse=True)


def best_entries(found: RowHits, passages: Passages, k: int) -> list[Hit]:
    """Collapse passages to their entries, each with its best score; the k best, `in_order`."""
    best: dict[int, tuple[float, int]] = {}
    for row, score in zip(found.rows.tolist(), found.scores.tolist(), strict=True):
        owner = int(passages.owners[row])
        # Equal passages of one entry: the first, which is its question where that ties.
        if owner not in best or (score, -row) > (best[owner][0], -best[owner][1]):
            best[owner] = (score, row)
    hits = [
        Hit(passages.entries[owner], passages.texts[row], score)
        for owner, (score, row) in best.items()
    ]
    return in_order(hits)[:k]


class EntryRanking:
    """Ranks entries by the scores of all their passages, in the order of `best_entries`."""

    def __init__(self, passages: Passages, order: NDArray[np.int64]) -> None:
        self._passages = passages
        self._order = order

    @classmethod
    def of(cls, passages: Passages) -> "EntryRanking":
        """Note once where each entry's id stands among all, so that ties cost nothing later."""
        ids = [entry.entry_id for entry in passages.entries]
        order = np.empty(len(ids), dtype=np.int64)
        order[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids))
        return cls(passages, order)

    def best(self, scores: NDArray[np.floating], k: int) -> list[Hit]:
        """Return the k best entries for `scores`, one for each passage, shape (passages,).

        Scores count in single precision, as in trec_eval and in vector search: sums that
        differ by rounding alone are ties.
        """
        if k < 1:
            raise ValueError(f"k is {k}; wanted at least 1.")
        single = scores.astype(np.float32)
        best = np.full(len(self._order), -np.inf, dtype=np.float32)
        np.maximum.at(best, self._passages.owners, single)
        kept = np.zeros(len(best), dtype=bool)
        kept[np.lexsort((-self._order, -best))[:k]] = True
        rows = np.flatnonzero(kept[self._passages.owners])
        return best_entries(RowHits(rows, single[rows]), self._passages, k)

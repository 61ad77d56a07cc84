"""BM25 over content morphemes: search by the words that a query and a passage share."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from index.morphemes import content_forms
from index.passages import Passages
from index.retriever import Hit, best_entries
from index.vector_index import RowHits

# A term's passages, ascending, and what it adds to the score of each.
_Posting = tuple[NDArray[np.int64], NDArray[np.float64]]


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


class LexicalIndex:
    """An immutable BM25 index (Okapi, k1 1.5, b 0.75); every entry can be found."""

    def __init__(
        self, postings: dict[str, _Posting], passages: Passages, ranking: EntryRanking
    ) -> None:
        self._postings = postings
        self._ranking = ranking
        self.passages = passages

    @classmethod
    def build(cls, passages: Passages) -> "LexicalIndex":
        """Analyse and index every passage; one without a content morpheme scores 0 always."""
        tokens = [content_forms(text) for text in passages.texts]
        # Without a single term BM25Okapi divides by zero.
        postings = _postings(BM25Okapi(tokens)) if any(tokens) else {}
        return cls(postings, passages, EntryRanking.of(passages))

    def search(self, queries: Sequence[str], k: int) -> list[list[Hit]]:
        """Return up to k hits for each query, best first; entries that share no term score 0."""
        return [self._ranking.best(self._scores(query), k) for query in queries]

    def _scores(self, query: str) -> NDArray[np.float64]:
        """Return what `BM25Okapi.get_scores` does, at the cost of the query's terms alone."""
        scores = np.zeros(len(self.passages), dtype=np.float64)
        for form in content_forms(query):
            if form in self._postings:
                rows, gains = self._postings[form]
                scores[rows] += gains
        return scores


def _postings(bm25: BM25Okapi) -> dict[str, _Posting]:
    """Turn the term counts of each passage into the passages of each term, with their gains."""
    found: dict[str, tuple[list[int], list[int]]] = {form: ([], []) for form in bm25.idf}
    for row, counts in enumerate(bm25.doc_freqs):
        for form, count in counts.items():
            found[form][0].append(row)
            found[form][1].append(count)
    lengths = np.array(bm25.doc_len)
    postings = {}
    for form, (row_list, count_list) in found.items():
        rows, counts = np.array(row_list), np.array(count_list)
        norms = bm25.k1 * (1 - bm25.b + bm25.b * lengths[rows] / bm25.avgdl)
        postings[form] = rows, bm25.idf[form] * (counts * (bm25.k1 + 1) / (counts + norms))
    return postings

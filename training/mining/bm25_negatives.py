"""Negatives that share words with the anchor: BM25 over content morphemes."""

from collections.abc import Sequence
from typing import Any

import bm25s
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from mundap.index.korean.morphemes import content_forms


class Bm25Scorer:
    """The scores of Okapi BM25 (k1 1.5, b 0.75) between texts of one collection.

    They are those of `rank_bm25.BM25Okapi`, but that a term of more than half of the texts
    adds nothing, where that library gives it a quarter of the mean idf.
    """

    def __init__(self, counts: Any, gains: Any) -> None:
        self._counts = counts
        self._gains = gains

    @classmethod
    def build(cls, texts: Sequence[str]) -> "Bm25Scorer":
        """Analyse and index every text; one without a content morpheme scores 0 always."""
        tokens = [content_forms(text) for text in texts]
        vocabulary = {form: row for row, form in enumerate(sorted(set().union(*tokens)))}
        if not vocabulary:
            return cls(csr_array((len(texts), 1)), csr_array((1, len(texts))))
        ids = [[vocabulary[form] for form in forms] for forms in tokens]
        bm25 = bm25s.BM25(k1=1.5, b=0.75, method="atire", idf_method="robertson")
        index = bm25.build_index_from_ids(list(vocabulary.values()), ids, show_progress=False)
        shape = len(vocabulary), len(texts)
        # The columns of its texts x terms matrix are the rows of the other way round.
        gains = csr_array((index["data"], index["indices"], index["indptr"]), shape=shape)
        return cls(_counts(ids, len(vocabulary)), gains)

    @property
    def source(self) -> str:
        """See `Scorer`."""
        return "bm25"

    def scores(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """See `Scorer`."""
        dense: NDArray[np.float32] = (self._counts[rows] @ self._gains).toarray()
        return dense.astype(np.float32, copy=False)


def _counts(ids: Sequence[Sequence[int]], terms: int) -> Any:
    """Return how often each text holds each term, shape (texts, terms)."""
    ends = np.cumsum([0, *map(len, ids)])
    columns = np.fromiter((term for row in ids for term in row), dtype=np.int64, count=ends[-1])
    ones = np.ones(len(columns), dtype=np.float32)
    counts = csr_array((ones, columns, ends), shape=(len(ids), terms))
    counts.sum_duplicates()
    return counts

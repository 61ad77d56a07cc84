"""Character TF-IDF: the baseline that needs no language knowledge."""

from collections.abc import Sequence
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer

from mundap.index.faq.passages.passages import Passages
from mundap.index.korean.text import match_key
from mundap.index.search.hit import EntryRanking, Hit


class TfidfRanker:
    """Cosine of TF-IDF weighted character n-grams between query and passage, in [0, 1]."""

    def __init__(self, vectorizer: Any, columns: Any, ranking: EntryRanking) -> None:
        self._vectorizer = vectorizer
        self._columns = columns
        self._ranking = ranking

    @classmethod
    def build(cls, passages: Passages) -> "TfidfRanker":
        """Learn the n-grams and weights of `passages`; raises ValueError when there are none."""
        if not len(passages):
            raise ValueError("0 passages; wanted at least 1. Add a question to the FAQ.")
        # The strongest of six settings, on the bundled FAQ and on ParaKQC.
        vectorizer = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(1, 3), sublinear_tf=True, preprocessor=match_key
        )
        matrix = vectorizer.fit_transform(passages.texts)
        return cls(vectorizer, matrix.T.tocsr(), EntryRanking.of(passages))

    def search(self, queries: Sequence[str], k: int) -> list[list[Hit]]:
        """Return up to k hits for each query, best first; see `best_entries` for the order."""
        return [self._ranking.best(self._scores(query), k) for query in queries]

    def _scores(self, query: str) -> Any:
        """Shape (passages,); one query at a time, so that memory does not grow with them."""
        return (self._vectorizer.transform([query]) @ self._columns).toarray()[0]

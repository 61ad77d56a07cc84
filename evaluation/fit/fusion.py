"""Fits the weights of retrieval on queries with known answers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mundap.evaluation.fit.apart import rank_apart
from mundap.evaluation.queries import Query
from mundap.index.korean.text import match_key
from mundap.index.search.fusion import SIGNALS, Fusion
from mundap.index.search.ranking import Ranking
from mundap.index.search.retriever import CANDIDATES, Retriever

# How far, in log odds, a FAQ's own weights may well lie from the usual ones: the standard
# deviation of the prior.
_SPREAD = 3.0

_Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Candidates:
    """What was ranked for some queries, one after the other, of which some and not all are right.

    `signals` has shape (rows, signals), `right` (rows,); those of query q begin at `starts[q]`,
    and it counts `weights[q]`.
    """

    signals: _Array
    right: NDArray[np.bool_]
    starts: NDArray[np.int64]
    weights: _Array

    @classmethod
    def of(cls, rankings: Sequence[Ranking], answers: Sequence[str]) -> "Candidates":
        """Take what rankings tell; a query whose answer is not found, or alone, is left out."""
        signals, right, sizes = [], [], []
        for ranking, wanted in zip(rankings, answers, strict=True):
            flags = [match_key(hit.entry.answer) == wanted for hit in ranking.hits]
            if any(flags) and not all(flags):
                signals += [[getattr(h.signals, name) for name in SIGNALS] for h in ranking.hits]
                right += flags
                sizes.append(len(flags))
        starts = np.cumsum([0, *sizes])[:-1].astype(np.int64)
        table = np.array(signals, dtype=np.float64).reshape(-1, len(SIGNALS))
        return cls(table, np.array(right, dtype=bool), starts, np.ones(len(sizes)))

    def __len__(self) -> int:
        return len(self.starts)

    def loss(self, slopes: _Array) -> tuple[float, _Array]:
        """Return minus the log-likelihood of the right answers under a softmax, and its slope."""
        sizes = np.diff([*self.starts, len(self.right)])
        odds = self.signals @ slopes
        odds -= np.maximum.reduceat(odds, self.starts).repeat(sizes)
        likely = np.exp(odds)
        rightly = np.where(self.right, likely, 0.0)
        every, good = (np.add.reduceat(part, self.starts) for part in (likely, rightly))
        good = np.maximum(good, 1e-300)
        errors = likely / every.repeat(sizes) - rightly / good.repeat(sizes)
        total = float((self.weights * np.log(every / good)).sum())
        return total, self.signals.T @ (errors * self.weights.repeat(sizes))


def fit_fusion(retriever: Retriever, queries: Sequence[Query], spread: float = _SPREAD) -> Fusion:
    """Return the weights under which the right entries stand out most from their rivals.

    They maximise the log-probability of the right answer under a softmax over the candidates of
    each query, none below 0, with a normal distribution around the retriever's own weights: a few
    queries move those a little, and hundreds take their place. A query that is an alternate too is
    asked as one that is new, see `rank_apart`.
    """
    answers = {entry.entry_id: match_key(entry.answer) for entry in retriever.passages.entries}
    rankings = rank_apart(retriever, [query.text for query in queries], CANDIDATES)
    pairs = zip(rankings, (answers[query.entry_id] for query in queries), strict=True)
    # A query in another language is ranked by no weight of the FAQ's own.
    ours = [(ranking, answer) for ranking, answer in pairs if not ranking.is_foreign]
    candidates = Candidates.of([ranking for ranking, _ in ours], [answer for _, answer in ours])
    if not len(candidates):
        return retriever.fusion
    # Most FAQs come without queries, and are spared what it takes to load.
    from scipy.optimize import minimize

    start = retriever.fusion.log_odds()

    def loss(slopes: _Array) -> tuple[float, _Array]:
        total, gradient = candidates.loss(slopes)
        away = (slopes - start) / spread
        return total + float((away**2).sum()) / 2, gradient + away / spread

    # Signals of a pretrained encoder are 0 without one: their weights then stay as they are.
    bounds = [(0.0, None)] * len(SIGNALS)
    return Fusion.of_log_odds(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x)

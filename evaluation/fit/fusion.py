"""Fits the weights of hybrid retrieval on queries with known answers."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp

from mundap.evaluation.queries import Query
from mundap.index.korean.text import match_key
from mundap.index.search.fusion import SIGNALS, Fusion
from mundap.index.search.hit import Hit
from mundap.index.search.retriever import CANDIDATES, Retriever

# Fewer queries say too little about four numbers.
FEWEST = 200
# Pulls the weights to the default ones, as a few dozen queries on their side would.
_PULL = 1e-3


def fit_fusion(retriever: Retriever, queries: Sequence[Query]) -> Fusion:
    """Return the weights under which the right entries stand out most from their rivals.

    They maximise the mean log-probability of the right answer under a softmax over the
    candidates of each query, none below 0. Queries whose answer is no candidate teach nothing.
    Fewer than 200 that do come back with the retriever's own weights.
    """
    answers = {entry.entry_id: match_key(entry.answer) for entry in retriever.passages.entries}
    lists = []
    rankings = retriever.rank([query.text for query in queries], CANDIDATES)
    for query, ranking in zip(queries, rankings, strict=True):
        right = answers[query.entry_id]
        flags = np.array([match_key(hit.entry.answer) == right for hit in ranking.hits])
        if flags.any() and not flags.all():
            lists.append((_signals(ranking.hits), flags))
    return _fitted(lists, retriever.fusion) if len(lists) >= FEWEST else retriever.fusion


def _signals(hits: Sequence[Hit]) -> NDArray[np.float64]:
    return np.array([[getattr(hit.signals, name) for name in SIGNALS] for hit in hits])


def _fitted(
    lists: Sequence[tuple[NDArray[np.float64], NDArray[np.bool_]]], start: Fusion
) -> Fusion:
    weights = np.array([getattr(start, name) for name in SIGNALS])
    scale = 30.0 / weights.sum()

    def loss(values: NDArray[np.float64]) -> float:
        total = 0.0
        for signals, flags in lists:
            scores = signals @ values
            total += float(logsumexp(scores) - logsumexp(scores[flags]))
        return total / len(lists) + _PULL * float(((values - scale * weights) ** 2).sum())

    bounds = [(0.0, None)] * len(SIGNALS)
    found = minimize(loss, scale * weights, method="L-BFGS-B", bounds=bounds)
    fitted = found.x / found.x.max()
    return Fusion(*(round(float(value), 4) for value in fitted))

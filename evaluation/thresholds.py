"""Chooses when to answer, to suggest and to decline.

In scope and out of scope weigh the same: nobody knows how often a visitor will ask beside
the point.
"""

from typing import Any

import numpy as np
from sklearn.metrics import roc_curve

from evaluation.development import Development, Scores
from index.confidence import Confidence
from index.encoder import Vectors
from index.passages import Passages

# An answer given has to be the right one this often, and so few without one may get any.
PRECISION, OUT_OF_SCOPE_ANSWERED = 0.90, 0.05
# Fewer development queries in scope say too little about a threshold.
FEWEST = 20


def fit_confidence(
    passages: Passages, vectors: Vectors, *, out_of_scope: Vectors | None = None, seed: int = 0
) -> Confidence:
    """Return thresholds for `vectors`, one for each passage, and in `fit` how they fare.

    `out_of_scope` holds vectors of queries without an answer, shape (m, dimension). With
    fewer than 20 development queries in scope, or none out of scope, the default thresholds
    come back with the reason in `fit`.
    """
    given = out_of_scope is not None and len(out_of_scope) > 0
    development = Development.of(passages, vectors, out_of_scope if given else None, seed)
    n_in, n_out = len(development.in_scope), len(development.out_of_scope)
    if n_in < FEWEST or not n_out:
        return Confidence(
            fit={
                "reason": f"{n_in} development queries in scope and {n_out} out of scope; wanted "
                f"at least {FEWEST} and 1. Add alternates to the FAQ."
            }
        )
    answer, reached = answer_threshold(development)
    suggest = suggest_threshold(development, answer)
    source = {"out_of_scope": "given" if given else "entry left out", "seed": seed}
    fared = _fared(development, answer, suggest)
    return Confidence(answer, suggest, {**source, "reached": reached, **fared})


def answer_threshold(development: Development) -> tuple[float, bool]:
    """Return the lowest score from which both demands are met, and whether there is one.

    Where there is none: of the scores that meet the second demand (of all, if none does) the
    one that best parts right answers from uncalled-for ones.
    """
    candidates = np.unique(np.concatenate([development.in_scope, development.out_of_scope]))
    n_in, n_out = len(development.in_scope), len(development.out_of_scope)
    right = _count_from(candidates, development.in_scope[development.first]) / n_in
    answered = _count_from(candidates, development.in_scope) / n_in
    astray = _count_from(candidates, development.out_of_scope) / n_out
    precision = right / (answered + astray)
    too_many = astray > OUT_OF_SCOPE_ANSWERED
    good = (precision >= PRECISION) & ~too_many
    if good.any():
        return float(candidates[np.argmax(good)]), True
    # The difference lies in [-1, 1]: 2 less is behind all that has not lost 2.
    gain = right - astray - 2.0 * too_many
    return float(candidates[np.flatnonzero(gain == gain.max())[-1]]), False


def suggest_threshold(development: Development, answer: float) -> float:
    """Return the score, at most `answer`, with the highest Youden's J for "suggesting helps".

    `answer` where no score parts queries that found their entry from those that have none.
    """
    helped = development.in_scope[development.listed]
    if not len(helped):
        return answer
    scores = np.concatenate([helped, development.out_of_scope])
    labels = np.arange(len(scores)) < len(helped)
    # The first threshold, infinity, stands for "never".
    false_rate, true_rate, thresholds = roc_curve(labels, scores, drop_intermediate=False)
    return min(answer, float(thresholds[np.argmax(true_rate - false_rate)]))


def _count_from(candidates: Scores, scores: Scores) -> Scores:
    """Return, for each candidate threshold, how many `scores` are at or above it."""
    below = np.searchsorted(np.sort(scores), candidates, side="left")
    return (len(scores) - below).astype(np.float64)


def _fared(development: Development, answer: float, suggest: float) -> dict[str, Any]:
    answered = development.in_scope >= answer
    astray = float((development.out_of_scope >= answer).mean())
    right = float((answered & development.first).mean())
    shares = {
        "share_answered": float(answered.mean()),
        "precision": right / (float(answered.mean()) + astray),
        "out_of_scope_answered": astray,
        "in_scope_unknown": float((development.in_scope < suggest).mean()),
    }
    counts = {
        "n_in_scope": len(development.in_scope),
        "n_out_of_scope": len(development.out_of_scope),
    }
    return counts | {name: round(share, 4) for name, share in shares.items()}

"""Chooses when to answer, to suggest and to decline.

What bounds both thresholds is queries that the FAQ cannot answer: no encoder was trained on
them, while it knows every stored phrasing and makes leave-one-out figures look too good.
"""

from typing import Any

import numpy as np

from evaluation.development import Development, Scores
from index.confidence import Confidence
from index.encoder import Vectors
from index.passages import Passages

# An answer given has to be the right one this often.
PRECISION = 0.90
# Of queries without an answer, at most these shares may get one, or candidates to look at:
# a wrong answer misleads, a useless suggestion costs a glance.
OUT_OF_SCOPE_ANSWERED, OUT_OF_SCOPE_SUGGESTED = 0.05, 0.30
# Fewer development queries in scope say too little about precision.
FEWEST = 20


def fit_confidence(
    passages: Passages, vectors: Vectors, *, out_of_scope: Vectors | None = None, seed: int = 0
) -> Confidence:
    """Return thresholds for `vectors`, one for each passage, and in `fit` how they fare.

    `out_of_scope` holds vectors of queries without an answer, shape (m, dimension); without
    any, each passage is asked with its own entry left out. A FAQ of a single entry offers
    neither: the default thresholds come back with the reason in `fit`.
    """
    given = out_of_scope is not None and len(out_of_scope) > 0
    development = Development.of(passages, vectors, out_of_scope if given else None, seed)
    if not len(development.out_of_scope):
        return Confidence(fit={"reason": "One entry, and no queries out of scope to compare."})
    answer, reached = answer_threshold(development)
    suggest = suggest_threshold(development, answer)
    source = {"out_of_scope": "given" if given else "entry left out", "seed": seed}
    fared = _fared(development, answer, suggest)
    return Confidence(answer, suggest, {**source, "reached": reached, **fared})


def answer_threshold(development: Development) -> tuple[float, bool]:
    """Return the lowest score in scope that meets both demands, and whether there is one.

    Where precision is out of reach, or too few queries in scope measure it, the lowest score
    that few queries out of scope reach.
    """
    few = _exceeded_by(development.out_of_scope, OUT_OF_SCOPE_ANSWERED)
    candidates = np.unique(development.in_scope[development.in_scope >= few])
    if len(development.in_scope) < FEWEST or not len(candidates):
        return float(few), False
    right = _count_from(candidates, development.in_scope[development.first])
    good = right / _count_from(candidates, development.in_scope) >= PRECISION
    return (float(candidates[np.argmax(good)]), True) if good.any() else (float(few), False)


def suggest_threshold(development: Development, answer: float) -> float:
    """Return the score, at most `answer`, that not too many queries out of scope reach."""
    return min(answer, _exceeded_by(development.out_of_scope, OUT_OF_SCOPE_SUGGESTED))


def _exceeded_by(scores: Scores, share: float) -> float:
    """Return the lowest threshold that at most `share` of `scores` reach."""
    allowed = int(share * len(scores))
    highest = np.sort(scores)[::-1]
    if allowed == len(scores):
        return float(highest[-1])
    # Just above the first score that must not pass; equal ones then do not pass either.
    return float(np.nextafter(highest[allowed], np.inf))


def _count_from(candidates: Scores, scores: Scores) -> Scores:
    """Return, for each candidate threshold, how many `scores` are at or above it."""
    below = np.searchsorted(np.sort(scores), candidates, side="left")
    return (len(scores) - below).astype(np.float64)


def _fared(development: Development, answer: float, suggest: float) -> dict[str, Any]:
    in_scope, out_of_scope = development.in_scope, development.out_of_scope
    astray = float((out_of_scope >= answer).mean())
    shares = {
        "out_of_scope_answered": astray,
        "out_of_scope_suggested": float((out_of_scope >= suggest).mean()) - astray,
    }
    if len(in_scope):
        answered = in_scope >= answer
        right = int((answered & development.first).sum())
        shares |= {
            "share_answered": float(answered.mean()),
            "precision": right / max(1, int(answered.sum())),
            "in_scope_unknown": float((in_scope < suggest).mean()),
        }
    counts = {"n_in_scope": len(in_scope), "n_out_of_scope": len(out_of_scope)}
    return counts | {name: round(share, 4) for name, share in shares.items()}

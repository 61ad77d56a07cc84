"""The confidence that fits queries whose answers are known, and how it fares on others of them."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from mundap.evaluation.fit.judged import Judged
from mundap.evaluation.fit.log_odds import fit_log_odds
from mundap.evaluation.statistics.bootstrap import estimate
from mundap.evaluation.statistics.confidence import ConfidenceFigures
from mundap.index.search.confidence import Confidence, LogOdds
from mundap.index.search.evidence import Evidence

# Of queries without an answer at most this share may get suggestions: a useless one costs a
# glance, where a wrong answer misleads.
OUT_OF_SCOPE_SUGGESTED = 0.30
# Less likely to be right than this, the best hit is not worth a visitor's glance.
LEAST_SUGGESTED = 0.10
# Parts of the queries of a fit, of which each is judged by what was fitted to the others.
FOLDS = 5


def fitted(
    judged: Judged,
    weights: NDArray[np.float64],
    usual: Confidence,
    seed: int,
    sources: dict[str, Any],
) -> Confidence:
    """Return what is fitted to judged queries, beginning with what is `usual`.

    `sources` go into its record, beside how it does on queries that it was not fitted to.
    """
    held_out = {
        name: _held_out(judged.evidence, labels, weights, getattr(usual, name), seed)
        for name, labels in {"first": judged.correct, "shown": judged.shown}.items()
    }
    outside = ~judged.in_scope
    suggest = suggest_threshold(held_out["shown"][outside], weights[outside])
    return replace(
        usual,
        first=fit_log_odds(judged.evidence, judged.correct, weights, usual.first),
        shown=fit_log_odds(judged.evidence, judged.shown, weights, usual.shown),
        suggest=max(LEAST_SUGGESTED, suggest),
        fit=sources | _fared(judged, held_out["first"], weights, usual.answer),
    )


def _held_out(
    evidence: NDArray[np.float64],
    labels: NDArray[np.bool_],
    weights: NDArray[np.float64],
    start: LogOdds,
    seed: int,
) -> NDArray[np.float64]:
    """Return the probability of each query by a model that was fitted to others."""
    found = np.zeros(len(labels))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for known, asked in folds.split(evidence, labels):
        fitted = fit_log_odds(evidence[known], labels[known], weights[known], start)
        found[asked] = [fitted.probability(Evidence(*row)) for row in evidence[asked].tolist()]
    return found


def suggest_threshold(out_of_scope: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """Return the probability that not too many queries out of scope reach."""
    order = np.argsort(-out_of_scope)
    reached = np.cumsum(weights[order]) / weights.sum()
    beyond = int(np.searchsorted(reached, OUT_OF_SCOPE_SUGGESTED, side="right"))
    return float(np.nextafter(out_of_scope[order][min(beyond, len(order) - 1)], 1.0))


def _fared(
    judged: Judged,
    held_out: NDArray[np.float64],
    weights: NDArray[np.float64],
    target: float,
) -> dict[str, Any]:
    """Return how probabilities fitted on other queries did, in numbers that an owner reads."""
    answered = held_out >= target
    inside = judged.in_scope
    report = ConfidenceFigures.of(held_out, judged.correct, inside, resamples=0)
    shares = {
        "in_scope_answered": _share(answered[inside], weights[inside]),
        "answers_right": _share(judged.correct[answered], weights[answered]),
        "out_of_scope_answered": _share(answered[~inside], weights[~inside]),
    }
    aurocs = {"auroc_scope": report.auroc_scope, "auroc_correct": report.auroc_correct}
    return shares | {name: found and round(found.mean, 4) for name, found in aurocs.items()}


def _share(values: NDArray[np.bool_], weights: NDArray[np.float64]) -> list[float] | None:
    """Return a weighted share with its 95% interval, or None of nothing."""
    if not len(values):
        return None
    mean = float(np.average(values, weights=weights))
    found = estimate(values.astype(np.float64), range(len(values)), mean, weights=weights)
    return [round(value, 4) for value in found.to_list()]

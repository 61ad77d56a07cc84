"""Fits a logistic model that stays near a known one where there is little to learn from."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from mundap.index.search.confidence import EVIDENCE, LogOdds

# How far, in log odds for a usual change of a number, a FAQ's own model may well lie from the
# usual one: the standard deviation of the prior.
_SPREAD = 0.7

_Array = NDArray[np.float64]


def fit_log_odds(
    evidence: _Array,
    labels: NDArray[np.bool_],
    weights: _Array,
    start: LogOdds | None = None,
    spread: float = _SPREAD,
) -> LogOdds:
    """Return the most likely model, shape (n, evidence), for labels and their weights.

    Each slope, times the standard deviation of its evidence, is drawn from a normal distribution
    around that of `start`, or around 0; the intercept is free. So a few queries move `start` a
    little, and thousands take its place.
    """
    scales = np.maximum(evidence.std(axis=0), 1e-6)
    known = np.zeros(len(EVIDENCE))
    intercept = 0.0
    if start is not None:
        known = np.array([start.weights[name] for name in EVIDENCE])
        intercept = start.intercept
    centre = intercept + evidence.mean(axis=0) @ known
    scaled = (evidence - evidence.mean(axis=0)) / scales

    def loss(values: _Array) -> tuple[float, _Array]:
        odds = scaled @ values[1:] + values[0]
        errors = weights * (1 / (1 + np.exp(-odds)) - labels)
        away = (values - first) / spread
        away[0] = 0.0
        total = float((weights * (np.logaddexp(0, odds) - labels * odds)).sum())
        gradient = np.concatenate([[errors.sum()], scaled.T @ errors])
        return total + float((away**2).sum()) / 2, gradient + away / spread

    first = np.concatenate([[centre], known * scales])
    found = minimize(loss, first, jac=True, method="L-BFGS-B").x
    slopes = found[1:] / scales
    return LogOdds(
        round(float(found[0] - slopes @ evidence.mean(axis=0)), 5),
        {name: round(float(slope), 5) for name, slope in zip(EVIDENCE, slopes, strict=True)},
    )

"""How well a confidence parts right replies from wrong ones, as a threshold moves through it.

Every figure takes weights, shape (resamples, n): all ones give the figure itself, and the
counts of a bootstrap draw give a resample's, a thousand at once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Descending:
    """Queries from the surest to the least sure; a threshold can only fall between two `ends`.

    `ends` holds the last place of each run of equal confidences, shape (levels,).
    """

    order: NDArray[np.int64]
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, confidence: Numbers) -> "Descending":
        """Sort once for every figure."""
        order = np.argsort(-confidence, kind="stable")
        falls = np.flatnonzero(np.diff(confidence[order]))
        return cls(order, np.append(falls, len(confidence) - 1))

    def reached(self, weights: Numbers) -> Numbers:
        """Return the weight at or above each level's confidence, shape (resamples, levels)."""
        return np.cumsum(weights[:, self.order], axis=1)[:, self.ends]


def auroc(descending: Descending, weights: Numbers, positive: Flags) -> Numbers:
    """Return how often a positive is surer than a negative, a tie counting half."""
    hits = _shares(descending.reached(weights * positive))
    false = _shares(descending.reached(weights * ~positive))
    width = np.diff(false, axis=1, prepend=0.0)
    height = hits - np.diff(hits, axis=1, prepend=0.0) / 2
    area: Numbers = (width * height).sum(axis=1)
    return area


def fpr_at_95_tpr(descending: Descending, weights: Numbers, positive: Flags) -> Numbers:
    """Return the share of negatives that pass where at least 95% of the positives do."""
    hits = _shares(descending.reached(weights * positive))
    false = _shares(descending.reached(weights * ~positive))
    # Shares are sums of rounded numbers: 19 of 20 must count as .95.
    level = np.argmax(hits >= 0.95 - 1e-9, axis=1)
    return np.take_along_axis(false, level[:, None], axis=1)[:, 0]


def risk_coverage(descending: Descending, weights: Numbers, correct: Flags) -> Numbers:
    """Return (coverage, risk) of each level, shape (resamples, levels, 2), surest first.

    Coverage is the share of queries that get an answer, risk the share of those that is wrong.
    """
    reached = descending.reached(weights)
    wrong = descending.reached(weights * ~correct)
    risk = np.divide(wrong, reached, out=np.zeros_like(wrong), where=reached > 0)
    return np.stack([_shares(reached), risk], axis=2)


def aurc(descending: Descending, weights: Numbers, correct: Flags) -> Numbers:
    """Return the mean over queries of the risk of answering all that are at least as sure."""
    curve = risk_coverage(descending, weights, correct)
    steps = np.diff(curve[:, :, 0], axis=1, prepend=0.0)
    area: Numbers = (steps * curve[:, :, 1]).sum(axis=1)
    return area


def coverage_at(
    descending: Descending, weights: Numbers, correct: Flags, accuracy: float
) -> Numbers:
    """Return the largest coverage at which `accuracy` of the answers are right; 0 at none."""
    curve = risk_coverage(descending, weights, correct)
    good = curve[:, :, 1] <= 1 - accuracy + 1e-9
    largest: Numbers = np.where(good, curve[:, :, 0], 0.0).max(axis=1)
    return largest


def _shares(reached: Numbers) -> Numbers:
    """Return `reached` as shares of all; NaN where a resample drew none of its kind."""
    whole = reached[:, -1:]
    return np.divide(reached, whole, out=np.full_like(reached, np.nan), where=whole > 0)

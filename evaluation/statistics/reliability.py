"""Does a confidence of 0.8 come true eight times in ten? Bins, ECE, and what chance alone gives."""

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

BINS = 15
# Draws of outcomes for `chance_ece`: its mean is then known within .001 for 300 queries.
_DRAWS = 500

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]
_Bins = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Queries of similar confidence: what was promised, what came true, and its 95% interval."""

    confidence: float
    accuracy: float
    low: float
    high: float
    n: int

    def to_dict(self) -> dict[str, float]:
        """Return the fields by name."""
        return asdict(self)


def equal_mass(confidence: Numbers) -> _Bins:
    """Return the bin of each confidence, as many in each; equal ones share a bin."""
    edges = np.percentile(confidence, np.linspace(0, 100, BINS + 1))
    return np.searchsorted(edges[1:-1], confidence)


def equal_width(confidence: Numbers) -> _Bins:
    """Return the bin of each confidence, each as wide as the others."""
    return np.searchsorted(np.linspace(0.0, 1.0, BINS + 1)[1:-1], confidence)


def ece(confidence: Numbers, correct: Flags, bins: _Bins) -> float:
    """Return the expected calibration error: the mean gap of a bin, weighted by its queries."""
    return float(np.abs(np.bincount(bins, weights=confidence - correct)).sum() / len(bins))


def chance_ece(confidence: Numbers, bins: _Bins, *, seed: int = 0) -> float:
    """Return the ECE to expect of a confidence that is perfectly calibrated, at this size.

    Few queries in a bin leave a gap through luck alone: an ECE near this one shows no fault.
    """
    rng = np.random.default_rng(seed)
    draws = (ece(confidence, rng.random(len(confidence)) < confidence, bins) for _ in range(_DRAWS))
    return float(np.mean(list(draws)))


def reliability_bins(
    confidence: Numbers, correct: Flags, bins: _Bins
) -> tuple[ReliabilityBin, ...]:
    """Return the bins that hold a query, least confident first; intervals are Wilson's."""
    return tuple(
        _bin(confidence[bins == number], correct[bins == number]) for number in np.unique(bins)
    )


def _bin(confidence: Numbers, correct: Flags) -> ReliabilityBin:
    right, n = int(correct.sum()), len(correct)
    interval = binomtest(right, n).proportion_ci(method="wilson")
    return ReliabilityBin(
        float(confidence.mean()), right / n, float(interval.low), float(interval.high), n
    )

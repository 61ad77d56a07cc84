"""How far a mean over queries would move with other entries: a clustered bootstrap."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import bootstrap

LEVEL = 0.95
# The ends of an interval then vary by about 1/20 of its width from seed to seed.
RESAMPLES = 2_000
# Numbers drawn at once: 32 MB.
_BLOCK = 2**22


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean and the ends of its 95% interval."""

    mean: float
    low: float
    high: float

    def to_list(self) -> list[float]:
        """Return [mean, low, high], the form of every JSON report."""
        return [self.mean, self.low, self.high]


def estimate(
    values: NDArray[np.float64],
    clusters: Sequence[Hashable],
    mean: float,
    *,
    weights: NDArray[np.float64] | None = None,
    seed: int = 0,
) -> Estimate:
    """Return `mean` of `values` with its percentile interval, drawing whole clusters.

    `weights` are those of a weighted mean; without any, each value counts the same.

    Queries of one entry succeed or fail together, so they are drawn together; one by one
    they would promise too narrow an interval. Values that are all equal, or of a single
    cluster, leave nothing to vary: both ends are then the mean.
    """
    sums, counts = _by_cluster(values, clusters, weights)
    if len(sums) < 2 or values.min() == values.max():
        return Estimate(mean, mean, mean)
    interval = bootstrap(
        (sums, counts),
        _ratio,
        paired=True,
        vectorized=True,
        method="percentile",
        confidence_level=LEVEL,
        n_resamples=RESAMPLES,
        batch=max(1, _BLOCK // len(sums)),
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return Estimate(mean, float(interval.low), float(interval.high))


def _by_cluster(
    values: NDArray[np.float64],
    clusters: Sequence[Hashable],
    weights: NDArray[np.float64] | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the sum of values and the number of queries of each cluster, both weighted."""
    weights = np.ones(len(values)) if weights is None else weights
    numbers: dict[Hashable, int] = {}
    members = np.array([numbers.setdefault(cluster, len(numbers)) for cluster in clusters])
    sums = np.bincount(members, weights=weights * values).astype(np.float64)
    return sums, np.bincount(members, weights=weights).astype(np.float64)


def _ratio(sums: Any, counts: Any, axis: int) -> Any:
    return sums.sum(axis=axis) / counts.sum(axis=axis)

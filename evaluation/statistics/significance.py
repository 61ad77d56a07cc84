"""Could two systems differ this much by luck? Paired tests, and Holm's correction for several."""

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, permutation_test

ALPHA = 0.05
# A p of .05 then varies by .002 from seed to seed; the smallest possible is .0001.
RESAMPLES = 9_999
# Signs drawn at once: 32 MB.
_BLOCK = 2**22

Values = NDArray[np.float64]


def randomisation_p(a: Values, b: Values, clusters: Sequence[Hashable], *, seed: int = 0) -> float:
    """Return Fisher's two-sided randomisation p of the mean of `b` - `a`, a value per query.

    Were both systems equal, their names could be swapped; they are swapped for all queries of
    a cluster together, as those succeed or fail together. Exact where the clusters allow fewer
    than 9,999 swaps.
    """
    numbers = {cluster: number for number, cluster in enumerate(dict.fromkeys(clusters))}
    sums = np.bincount([numbers[cluster] for cluster in clusters], weights=b - a)
    # A cluster without a difference has nothing to swap.
    differing = sums[np.abs(sums) > 1e-12]
    if len(differing) < 2:  # swapped or not, one difference has the same size
        return 1.0
    found = permutation_test(
        (differing,),
        lambda values, axis: values.sum(axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=RESAMPLES,
        batch=max(1, _BLOCK // len(differing)),
        rng=np.random.default_rng(seed),
    )
    return float(found.pvalue)


def mcnemar_p(fixed: int, broken: int) -> float:
    """Return McNemar's exact two-sided p: are `fixed` and `broken` queries as likely?"""
    if not fixed + broken:
        return 1.0
    return float(binomtest(fixed, fixed + broken, 0.5).pvalue)


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Return p-values corrected for being several (Holm 1979); one alone stays as it is."""
    corrected: dict[str, float] = {}
    highest = 0.0
    for place, name in enumerate(sorted(p_values, key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (len(p_values) - place) * p_values[name]))
        corrected[name] = highest
    return {name: corrected[name] for name in p_values}

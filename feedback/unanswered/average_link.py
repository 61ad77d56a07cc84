"""Groups of unit vectors by average link, exact, without a matrix of all pairs.

scikit-learn's needs that matrix, 3 GB for 20,000 questions; with `connectivity` it averages over
the pairs of that graph alone, which is another grouping.
"""

import numpy as np
from numpy.typing import NDArray

from mundap.index.encoders.encoder import Vectors

# Rows that are compared with all others at once; 40 MB beside 20,000.
_BLOCK = 512


def average_link(vectors: Vectors, least: float) -> NDArray[np.int64]:
    """Return a group number for each row of `vectors`, shape (n, dimension), unit or zero.

    Groups are joined, the most alike first, as long as the mean cosine between their members
    reaches `least`, which is above 0; a zero row stays alone. Numbers count up from the first row.

    The mean cosine of two groups is the product of their means. Two groups that are each other's
    nearest may be joined whatever else is: no other comes nearer to what they make together.
    """
    means, sizes = vectors.astype(np.float32), np.ones(len(vectors))
    # Of each group its first row, by which it is known.
    home = np.arange(len(vectors))
    nearest, cosines = np.full(len(vectors), -1), np.zeros(len(vectors), np.float32)
    stale = active = home.copy()
    while len(active) > 1:
        nearest[stale], cosines[stale] = _nearest(means, stale, active)
        # What is near to nobody now never will be.
        active = active[cosines[active] >= least]
        mutual = nearest[nearest[active]] == active
        pairs = active[mutual & (active < nearest[active])]
        if not len(pairs) and len(active):  # ties, rounded one way and the other
            first = active[cosines[active].argmax()]
            pairs = np.array([min(first, nearest[first])])
            nearest[pairs] = max(first, nearest[first])
        others = nearest[pairs]
        share = (sizes[others] / (sizes[pairs] + sizes[others])).astype(np.float32)[:, None]
        means[pairs] += share * (means[others] - means[pairs])
        sizes[pairs] += sizes[others]
        home[others] = pairs
        joined = np.zeros(len(vectors), bool)
        joined[pairs] = joined[others] = True
        active = active[home[active] == active]
        stale = active[joined[active] | joined[nearest[active]]]
    return np.unique(_roots(home), return_inverse=True)[1]


def _nearest(
    means: Vectors, rows: NDArray[np.int64], active: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return of each of `rows`, which are active, the nearest other active one and its cosine."""
    others, places = means[active], active.searchsorted(rows)
    found, cosines = np.empty(len(rows), np.int64), np.empty(len(rows), np.float32)
    for start in range(0, len(rows), _BLOCK):
        part = slice(start, start + _BLOCK)
        alike = means[rows[part]] @ others.T
        here = np.arange(len(alike))
        alike[here, places[part]] = -2
        best = alike.argmax(1)
        found[part], cosines[part] = active[best], alike[here, best]
    return found, cosines


def _roots(home: NDArray[np.int64]) -> NDArray[np.int64]:
    while (further := home[home] != home).any():
        home = np.where(further, home[home], home)
    return home

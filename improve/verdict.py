"""May a candidate serve? Not worse than what serves beyond a margin, by held-back queries."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mundap.evaluation.statistics.bootstrap import Estimate, estimate
from mundap.improve.asked import Asked
from mundap.improve.bounds import Bounds
from mundap.improve.lessons import HeldBack

# Of fewer held-back queries even all alike say little: one of six may be broken unseen.
FEWEST = 20

Reason = Literal[
    "better", "not worse", "too few", "fewer right", "more wrong", "fewer answered", "overtaken"
]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a candidate is promoted or not, and the differences that decided it.

    `right` is the difference in right answers, of queries that an entry answers, and `wrong` that
    in wrong ones, of all; `answered` is that in answers of any kind to what visitors asked lately.
    All are shares, the second less the first, paired, with 95% intervals.
    """

    reason: Reason
    right: Estimate
    wrong: Estimate
    answered: Estimate

    @property
    def promotes(self) -> bool:
        """Whether the candidate may serve."""
        return self.reason in ("better", "not worse")


def judged(
    tests: Sequence[HeldBack],
    asked: tuple[Asked, Asked],
    answered: tuple[Sequence[bool], Sequence[bool]],
    bounds: Bounds,
) -> Verdict:
    """Decide by what two generations, the one that serves first, say to the same queries.

    The candidate is refused where the interval of right answers reaches below minus the margin,
    where wrong answers rise by more than the margin, and where there are too few queries to tell.
    Of fewer queries than one in the margin a single wrong answer is beyond it, and tells nothing:
    it is let pass where right answers certainly rise, unless the margin is 0.
    Owners judge what was not answered more than what was, so held-back queries hardly notice where
    right answers are lost: it is refused too where the interval of `answered`, of what visitors
    asked lately, reaches below minus the margin, unless wrong answers certainly fall.
    """
    covered = [test for test in tests if test.right]
    right = _difference(covered, asked, "right")
    wrong = _difference(tests, asked, "wrong")
    lost = np.array(answered[1], dtype=np.float64) - np.array(answered[0], dtype=np.float64)
    fewer = _estimated(lost, range(len(lost)))
    is_single = bounds.margin > 0 and round(wrong.mean * len(tests)) == 1
    reason: Reason = "better" if right.low > 0 else "not worse"
    if len(covered) < FEWEST:
        reason = "too few"
    elif right.low < -bounds.margin:
        reason = "fewer right"
    elif wrong.mean > bounds.margin and not (is_single and right.low > 0):
        reason = "more wrong"
    elif fewer.low < -bounds.margin and wrong.high >= 0:
        reason = "fewer answered"
    return Verdict(reason, right, wrong, fewer)


def shares(tests: Sequence[HeldBack], asked: Asked) -> Mapping[str, float]:
    """Return the share of each outcome: of queries that an entry answers, and of the others."""
    covered = [asked.queries[test.query].outcome for test in tests if test.right]
    others = [asked.queries[test.query].outcome for test in tests if not test.right]
    names = {"right": "answered_right", "wrong": "answered_wrong", "offered": "offered_right"}
    names |= {"missed": "offered_wrong", "unknown": "unknown"}
    found = {name: _share(covered, outcome) for outcome, name in names.items()}
    return {**found, "uncovered_answered": _share(others, "wrong")}


def _share(outcomes: Sequence[str], wanted: str) -> float:
    return round(outcomes.count(wanted) / len(outcomes), 4) if outcomes else 0.0


def _difference(tests: Sequence[HeldBack], asked: tuple[Asked, Asked], outcome: str) -> Estimate:
    before, after = asked
    values = [
        (after.queries[test.query].outcome == outcome)
        - (before.queries[test.query].outcome == outcome)
        for test in tests
    ]
    # Queries of one entry succeed or fail together; what has none stands alone.
    clusters = [test.right or test.query for test in tests]
    return _estimated(np.array(values, dtype=np.float64), clusters)


def _estimated(values: NDArray[np.float64], clusters: Sequence[Hashable]) -> Estimate:
    if not len(values):
        return Estimate(0.0, 0.0, 0.0)
    return estimate(values, clusters, float(values.mean()))

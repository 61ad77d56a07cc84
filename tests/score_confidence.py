"""A confidence that acts as thresholds on closeness alone, for results worked by hand."""

import math
from typing import Any

from index.confidence import Confidence
from index.evidence import Evidence
from index.morphemes import analyse

# Where the probability is .5, and how steeply it rises there: from .08 to .92 in a quarter.
_MIDDLE, _SLOPE = 0.25, 20.0


def probability_of(score: float, query: str) -> float:
    """Return the probability that `score_confidence` gives to a best hit with this fused score."""
    return probability_at(Evidence.of(score, 0.0, len(analyse(query))).closeness)


def probability_at(closeness: float) -> float:
    """Return the probability that `score_confidence` gives to this closeness."""
    return 1 / (1 + math.exp(-_SLOPE * (closeness - _MIDDLE)))


def score_confidence(answer: float, suggest: float, **about: Any) -> Confidence:
    """Answer from one closeness on, suggest from another; `about` names encoder and fit."""
    return Confidence(
        intercept=-_SLOPE * _MIDDLE,
        weights={"closeness": _SLOPE, "lead": 0.0, "length": 0.0},
        answer=probability_at(answer),
        suggest=probability_at(suggest),
        **about,
    )

"""A confidence that acts as thresholds on the fused score alone, for results worked by hand."""

import math
from typing import Any

from index.confidence import Confidence

# Where the probability is .5, and how steeply it rises there: from .08 to .92 in half a score.
_MIDDLE, _SLOPE = 0.5, 10.0


def probability_at(score: float) -> float:
    """Return the probability that `score_confidence` gives to a best hit with this score."""
    return 1 / (1 + math.exp(-_SLOPE * (score - _MIDDLE)))


def score_confidence(answer: float, suggest: float, **about: Any) -> Confidence:
    """Answer from one fused score on, suggest from another; `about` names encoder and fit."""
    return Confidence(
        intercept=-_SLOPE * _MIDDLE,
        weights={"score": _SLOPE, "lead": 0.0, "length": 0.0},
        answer=probability_at(answer),
        suggest=probability_at(suggest),
        **about,
    )

"""A confidence that acts as thresholds on the fused score, for results worked by hand.

The same score is as good in a query of three morphemes as in one of twelve, nearly.
"""

import math
from typing import Any

from mundap.index.korean.morphemes import analyse
from mundap.index.search.confidence import EVIDENCE, Confidence, LogOdds
from mundap.index.search.evidence import Evidence

_WEIGHTS = {"closeness": 20.0, "lead": 0.0, "length": 3.0}
# The query that the thresholds are exact for, and the score at which its probability is .5.
_MORPHEMES, _MIDDLE = 5, 0.5


def probability_of(score: float, query: str) -> float:
    """Return the probability that `score_confidence` gives to a best hit with this fused score."""
    return _probability(Evidence.of(score, 0.0, len(analyse(query))))


def probability_at(score: float) -> float:
    """Return the same for a query of five morphemes."""
    return _probability(Evidence.of(score, 0.0, _MORPHEMES))


def score_confidence(answer: float, suggest: float, **about: Any) -> Confidence:
    """Answer from one fused score on, suggest from another; `about` names encoder and fit."""
    weights = dict.fromkeys(EVIDENCE, 0.0) | _WEIGHTS
    model = LogOdds(-_weighed(Evidence.of(_MIDDLE, 0.0, _MORPHEMES)), weights)
    return Confidence(
        model,
        model,
        answer=probability_at(answer),
        suggest=probability_at(suggest),
        **about,
    )


def _probability(evidence: Evidence) -> float:
    middle = _weighed(Evidence.of(_MIDDLE, 0.0, _MORPHEMES))
    return 1 / (1 + math.exp(middle - _weighed(evidence)))


def _weighed(evidence: Evidence) -> float:
    return sum(weight * getattr(evidence, name) for name, weight in _WEIGHTS.items())

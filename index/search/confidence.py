"""How sure we may be that the best hit answers the query."""

import json
import math
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from mundap.index.search.evidence import Evidence

ReplyKind = Literal["answer", "suggest", "unknown"]

EVIDENCE = tuple(item.name for item in fields(Evidence))
# An answer is given when it is right this often.
TARGET_ACCURACY = 0.9
# Fitted on ParaKQC (`python -m benchmarks.confidence`), for a FAQ that has nothing to fit on.
_INTERCEPT = -21.8
_WEIGHTS = {"closeness": 46.7, "lead": 12.2, "length": 4.4}
_SUGGEST = 0.2


@dataclass(frozen=True, slots=True)
class Confidence:
    """A logistic model of the probability that the best hit is right, and two thresholds on it.

    The probability is 1 / (1 + exp(-(intercept + sum of weights * evidence))). `answer` and
    `suggest` are probabilities; `encoder` is the fingerprint of the one whose scores it was
    fitted on, empty where it fits any; `fit` says how it was fitted and fared. Raises
    ValueError on thresholds or weights that make no sense.
    """

    intercept: float = _INTERCEPT
    weights: dict[str, float] = field(default_factory=lambda: dict(_WEIGHTS))
    answer: float = TARGET_ACCURACY
    suggest: float = _SUGGEST
    encoder: str = ""
    fit: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 <= self.suggest <= self.answer <= 1:
            raise ValueError(
                f"thresholds are answer {self.answer} and suggest {self.suggest}; wanted "
                "0 <= suggest <= answer <= 1."
            )
        numbers = [self.intercept, *self.weights.values()]
        if set(self.weights) != set(EVIDENCE) or not all(map(math.isfinite, numbers)):
            raise ValueError(
                f"weights are {self.weights} and the intercept is {self.intercept}; wanted a "
                f"finite number for each of {', '.join(EVIDENCE)}."
            )

    def probability(self, evidence: Evidence | None) -> float:
        """Return the probability in [0, 1] that the best hit is right; 0 where there is none."""
        if evidence is None:
            return 0.0
        total = self.intercept
        total += sum(weight * getattr(evidence, name) for name, weight in self.weights.items())
        return 1 / (1 + math.exp(-max(-700.0, min(700.0, total))))

    def kind(self, probability: float) -> ReplyKind:
        """Return what a best hit with this probability of being right is good for."""
        if probability >= self.answer:
            return "answer"
        return "suggest" if probability >= self.suggest else "unknown"

    def to_json(self) -> str:
        """Return the JSON text that `from_json` reads."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Confidence":
        """Undo `to_json`; an unknown key is an error."""
        return cls(**json.loads(text))

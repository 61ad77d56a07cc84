"""How sure we may be that the best hits answer the query."""

import json
import math
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from mundap.index.search.evidence import Evidence
from mundap.index.search.fusion import mode_of

ReplyKind = Literal["answer", "suggest", "unknown"]

EVIDENCE = tuple(item.name for item in fields(Evidence))
_GONE = ("together", "unread_first", "unread_shown")
# Fitted by `python -m benchmarks.usual_fit` across many FAQs.
USUAL_FILE = Path(__file__).with_name("usual_confidence.json")


@dataclass(frozen=True, slots=True)
class LogOdds:
    """A logistic model over evidence: 1 / (1 + exp(-(intercept + sum of weights * evidence))).

    Raises ValueError where a weight is missing, unknown or endless.
    """

    intercept: float
    weights: dict[str, float]

    def __post_init__(self) -> None:
        numbers = [self.intercept, *self.weights.values()]
        if set(self.weights) != set(EVIDENCE) or not all(map(math.isfinite, numbers)):
            raise ValueError(
                f"weights are {self.weights} and the intercept is {self.intercept}; wanted a "
                f"finite number for each of {', '.join(EVIDENCE)}."
            )

    def probability(self, evidence: Evidence) -> float:
        """Return the probability in [0, 1]."""
        total = self.intercept
        total += sum(weight * getattr(evidence, name) for name, weight in self.weights.items())
        return 1 / (1 + math.exp(-max(-700.0, min(700.0, total))))


@dataclass(frozen=True, slots=True)
class Confidence:
    """The probability that the first hit is right, that one of the first three is, and thresholds.

    `first` and `shown` are those two; an answer is given where the one reaches `answer`, entries
    are offered where the other reaches `suggest`. `encoder` is the fingerprint of the one whose
    scores it was fitted on, empty where it fits any; `fit` says how it was fitted and fared.
    Raises ValueError on thresholds that make no sense.
    """

    first: LogOdds
    shown: LogOdds
    answer: float
    suggest: float
    # Two parts of a message are questions of their own where the first hit of either is as likely
    # right: so 69% of 110 such messages are parted, and 4% of 2,254 single questions.
    two: float = 0.4
    encoder: str = ""
    fit: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not all(0 <= least <= 1 for least in (self.answer, self.suggest, self.two)):
            raise ValueError(
                f"thresholds are answer {self.answer}, suggest {self.suggest} and two {self.two}; "
                "wanted each from 0 to 1."
            )

    @classmethod
    def usual(cls, *, content: bool, words: bool = True) -> "Confidence":
        """Return what holds across FAQs; see `Fusion.usual`."""
        known = _usual()[mode_of(content=content, words=words)]
        return cls(
            LogOdds(**known["first"]),
            LogOdds(**known["shown"]),
            known["answer"],
            known["suggest"],
            fit={"reason": "Fitted on other FAQs."},
        )

    def for_foreign(self) -> "Confidence":
        """Return what judges queries in a language that no entry is written in.

        An answer takes the same probability; the rest is what holds across FAQs.
        """
        return replace(Confidence.usual(content=True, words=False), answer=self.answer)

    def probability(self, evidence: Evidence | None) -> float:
        """Return the probability in [0, 1] that the first hit is right; 0 where there is none."""
        return 0.0 if evidence is None else self.first.probability(evidence)

    def clear(self, evidence: Evidence | None) -> float:
        """Return the probability that one of the first three is right; 0 where there is none."""
        return 0.0 if evidence is None else self.shown.probability(evidence)

    def kind(self, evidence: Evidence | None) -> ReplyKind:
        """Return what the hits of a query with this evidence are good for."""
        if evidence is None:
            return "unknown"
        if self.first.probability(evidence) >= self.answer:
            return "answer"
        return "suggest" if self.shown.probability(evidence) >= self.suggest else "unknown"

    def to_json(self) -> str:
        """Return the JSON text that `from_json` reads."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Confidence":
        """Undo `to_json`; an unknown key is an error."""
        values = json.loads(text)
        if "weights" in values:  # an older version knew one model for both
            model = {"intercept": values.pop("intercept"), "weights": values.pop("weights")}
            values |= {"first": model, "shown": model}
        # A bundle of an older version may not know all evidence.
        first, shown = (
            LogOdds(one["intercept"], dict.fromkeys(EVIDENCE, 0.0) | _without_gone(one["weights"]))
            for one in (values.pop("first"), values.pop("shown"))
        )
        return cls(first, shown, **_without_gone(values))


def _without_gone(values: dict[str, Any]) -> dict[str, Any]:
    """Return values without those that one version had a place for and nothing to put there."""
    return {name: value for name, value in values.items() if value or name not in _GONE}


@cache
def _usual() -> Any:
    return json.loads(USUAL_FILE.read_text(encoding="utf-8"))

"""How sure a score makes us that its entry answers the query."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

ReplyKind = Literal["answer", "suggest", "unknown"]

# No passage of another phrasing to learn from (a FAQ without alternates): cosines of unit
# vectors where the embedded encoder, over several FAQs, began to be right and to be of use.
DEFAULT_ANSWER = 0.60
DEFAULT_SUGGEST = 0.45


@dataclass(frozen=True, slots=True)
class Confidence:
    """Two thresholds on the best score, fitted on development data, and how they fared there."""

    answer: float = DEFAULT_ANSWER
    suggest: float = DEFAULT_SUGGEST
    fit: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not -1 <= self.suggest <= self.answer <= 1.01:
            raise ValueError(
                f"thresholds are answer {self.answer} and suggest {self.suggest}; wanted "
                "-1 <= suggest <= answer <= 1.01."
            )

    def kind(self, score: float) -> ReplyKind:
        """Return what a best hit with this score is good for."""
        if score >= self.answer:
            return "answer"
        return "suggest" if score >= self.suggest else "unknown"

    def to_json(self) -> str:
        """Return the JSON text that `from_json` reads."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Confidence":
        """Undo `to_json`; an unknown key is an error."""
        return cls(**json.loads(text))

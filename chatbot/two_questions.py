"""A message that asks two things at once."""

from dataclasses import dataclass

from mundap.index.bundle.bundle import Bundle
from mundap.index.query.questions import parting
from mundap.index.search.hit import Hit

# Characters. A longer message is a story, not two questions.
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class TwoQuestions:
    """The first hit of each question, and how sure the less sure one is.

    `certain` is the probability that it is right, `clear` that one of its first three would be.
    """

    hits: tuple[Hit, Hit]
    certain: float
    clear: float

    @classmethod
    def found(
        cls, bundle: Bundle, text: str, category: str | None, *, marked: bool
    ) -> "TwoQuestions | None":
        """Return how a message is read as two questions; None where it is one.

        See `parting` for `marked`.
        """
        parts = parting(text, marked=marked) if len(text) <= _LONGEST else None
        if parts is None:
            return None
        retriever = bundle.retriever
        left, right = (retriever.rank_in_steps(part, 1, category=category) for part in parts)
        if not left.hits or not right.hits:
            return None
        if len({retriever.answer_key(found.hits[0].entry) for found in (left, right)}) < 2:
            return None
        return cls(
            (left.hits[0], right.hits[0]),
            min(left.certain(bundle.confidence), right.certain(bundle.confidence)),
            min(left.clear(bundle.confidence), right.clear(bundle.confidence)),
        )

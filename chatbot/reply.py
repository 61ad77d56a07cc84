"""What the bot says to one query."""

from dataclasses import dataclass

from index.confidence import Confidence, ReplyKind
from index.retriever import Hit


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An entry the visitor may have meant, offered by its question."""

    entry_id: str
    question: str
    score: float


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply, complete: a page or an API shows it without asking again.

    `text` is the answer for kind "answer", else a sentence to the visitor. `question` is the
    stored phrasing that matched, `score` its cosine; both are None where nothing was searched.
    `suggestions` are other entries, best first. `generation` numbers the bundle that replied.
    """

    kind: ReplyKind
    text: str
    generation: int
    entry_id: str | None = None
    question: str | None = None
    score: float | None = None
    suggestions: tuple[Suggestion, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """A reply with the hits it was chosen from, best first, and the thresholds that chose it."""

    reply: Reply
    hits: tuple[Hit, ...]
    confidence: Confidence

"""One query and the reply to it, and what the visitor did then."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from mundap.index.search.confidence import ReplyKind

Channel = Literal["page", "api"]
# "chosen": the answer of an entry that was offered before, and that the visitor then chose.
ExchangeKind = ReplyKind | Literal["chosen"]
# "chosen": took the entry that was offered; "none": took an earlier thumb back.
ReactionValue = Literal["chosen", "up", "down", "none", "handed_over"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """What it takes to find out why a visitor got a reply; none of the reply's own texts.

    `reading` is what was searched for in place of `query`. `candidates` are the ids of the entries
    offered beside the reply, best first. `conversation` is shared by what one visitor asked in one
    sitting, `language` the one they read in. Times are in UTC. None where a reply says nothing.
    """

    request_id: str
    time: datetime
    channel: Channel
    query: str
    reading: str
    category: str | None
    kind: ExchangeKind
    entry_id: str | None
    score: float | None
    confidence: float | None
    candidates: tuple[str, ...]
    generation: int
    milliseconds: float | None
    conversation: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a visitor did with the reply of this `request_id`; `entry_id` is what was chosen."""

    request_id: str
    time: datetime
    value: ReactionValue
    entry_id: str | None = None
    reason: str | None = None
    comment: str | None = None

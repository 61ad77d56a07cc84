"""One query and the reply to it, and what the visitor thought of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from mundap.index.search.confidence import ReplyKind

Channel = Literal["page", "api"]
# "none": the visitor took an earlier thumb back.
ThumbValue = Literal["up", "down", "none"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """What it takes to find out why a visitor got a reply; none of the reply's own texts.

    `reading` is what was searched for in place of `query`. `candidates` are the ids of the entries
    offered beside the reply, best first. Times are in UTC. None where a reply says nothing.
    """

    request_id: str
    time: datetime
    channel: Channel
    query: str
    reading: str
    category: str | None
    kind: ReplyKind
    entry_id: str | None
    score: float | None
    confidence: float | None
    candidates: tuple[str, ...]
    generation: int
    milliseconds: float | None


@dataclass(frozen=True, slots=True)
class Thumb:
    """What a visitor thought of the exchange of this `request_id`."""

    request_id: str
    time: datetime
    value: ThumbValue
    reason: str | None = None
    comment: str | None = None

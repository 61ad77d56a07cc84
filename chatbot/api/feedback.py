"""Replies remembered for a while, and the route that takes thumbs on them."""

import threading
from collections import OrderedDict
from dataclasses import dataclass

from fastapi import APIRouter, Request

from mundap.chatbot.api.errors import ApiError
from mundap.chatbot.api.pool import Pool
from mundap.chatbot.api.schemas import FeedbackBody, FeedbackReply
from mundap.chatbot.feedback import Feedback, FeedbackLog
from mundap.chatbot.masking import mask
from mundap.chatbot.reply import Reply
from mundap.index.search.confidence import ReplyKind

# Some minutes of a busy service, in about 5 MB.
KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Remembered:
    """What feedback on one reply is written down with; `query` is masked, or "" if not kept."""

    query: str
    kind: ReplyKind
    entry_id: str | None
    score: float | None
    confidence: float | None
    generation: int
    category: str | None

    @classmethod
    def of(cls, reply: Reply, *, query: str, category: str | None) -> "Remembered":
        """Take over what is needed of a reply, and none of its texts."""
        return cls(
            query,
            reply.kind,
            reply.entry_id,
            reply.score,
            reply.confidence,
            reply.generation,
            category,
        )


@dataclass(frozen=True, slots=True)
class ApiFeedback(Feedback):
    """Feedback that came over the API."""

    request_id: str
    reason: str | None
    comment: str | None


class Recent:
    """The last replies by request id; any thread may add and look up."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._replies: OrderedDict[str, Remembered] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, request_id: str, remembered: Remembered) -> None:
        """Remember one reply and forget the oldest beyond `kept`."""
        with self._lock:
            self._replies[request_id] = remembered
            if len(self._replies) > self._kept:
                self._replies.popitem(last=False)

    def get(self, request_id: str) -> Remembered | None:
        """Return a reply, or None when there was none or it is forgotten."""
        with self._lock:
            return self._replies.get(request_id)


def feedback_router(recent: Recent, log: FeedbackLog, pool: Pool) -> APIRouter:
    """Return the route for thumbs; it writes where the page's thumbs go."""
    router = APIRouter(prefix="/v1", tags=["ask"])

    @router.post("/feedback", summary="Say whether a reply helped")
    async def feedback(body: FeedbackBody, request: Request) -> FeedbackReply:
        known = recent.get(body.request_id)
        if known is None:
            message = f"No reply of that request_id among the last {KEPT}."
            raise ApiError(404, "unknown_request_id", message)
        await pool.run(log.append, _record(body, known))
        return FeedbackReply(request_id=request.state.request_id)

    return router


def _record(body: FeedbackBody, known: Remembered) -> ApiFeedback:
    return ApiFeedback(
        value=body.value,
        query=known.query,
        kind=known.kind,
        entry_id=known.entry_id,
        score=known.score,
        confidence=known.confidence,
        generation=known.generation,
        category=known.category,
        request_id=body.request_id,
        reason=None if body.reason is None else mask(body.reason),
        comment=None if body.comment is None else mask(body.comment),
    )

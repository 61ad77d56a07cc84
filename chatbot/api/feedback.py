"""The route that takes thumbs on replies."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request

from mundap.chatbot.api.errors import ApiError
from mundap.chatbot.api.pool import Pool
from mundap.chatbot.api.schemas import FeedbackBody, FeedbackReply
from mundap.feedback.exchange import Thumb
from mundap.feedback.exchanges import Exchanges, NotKeptError, UnknownExchangeError
from mundap.feedback.recent import KEPT


def feedback_router(exchanges: Exchanges, pool: Pool) -> APIRouter:
    """Return the route for thumbs; it writes where the page's thumbs go."""
    router = APIRouter(prefix="/v1", tags=["ask"])

    @router.post("/feedback", summary="Say whether a reply helped")
    async def feedback(body: FeedbackBody, request: Request) -> FeedbackReply:
        thumb = Thumb(body.request_id, datetime.now(UTC), body.value, body.reason, body.comment)
        try:
            await pool.run(exchanges.rate, thumb, request.state.caller.name)
        except UnknownExchangeError:
            message = f"No reply of that request_id among the last {KEPT:,}, if as many are kept."
            raise ApiError(404, "unknown_request_id", message) from None
        except NotKeptError as error:
            raise ApiError(503, "not_kept", f"The feedback was not kept. {error}") from None
        return FeedbackReply(request_id=request.state.request_id)

    return router

"""The route that takes what visitors did with replies."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request

from mundap.chatbot.api.errors import ApiError
from mundap.chatbot.api.routes.schemas import FeedbackBody, FeedbackReply
from mundap.feedback.exchanges.exchange import Reaction
from mundap.feedback.exchanges.exchanges import (
    Exchanges,
    NotKeptError,
    NotOfferedError,
    UnknownExchangeError,
)
from mundap.feedback.exchanges.recent import KEPT


def feedback_router(exchanges: Exchanges) -> APIRouter:
    """Return the route for thumbs and choices; they go where those of the page go."""
    router = APIRouter(prefix="/v1", tags=["ask"])

    @router.post("/feedback", summary="Say whether a reply helped")
    async def feedback(body: FeedbackBody, request: Request) -> FeedbackReply:
        said = Reaction(time=datetime.now(UTC), **body.model_dump())
        try:
            exchanges.react(said, request.state.caller.name)
        except UnknownExchangeError:
            message = f"No reply of that request_id among the last {KEPT:,}, if as many are kept."
            raise ApiError(404, "unknown_request_id", message) from None
        except NotOfferedError:
            message = "The reply did not offer the entry of that entry_id."
            raise ApiError(422, "not_offered", message) from None
        except NotKeptError as error:
            raise ApiError(503, "not_kept", f"The feedback was not kept. {error}") from None
        return FeedbackReply(request_id=request.state.request_id)

    return router

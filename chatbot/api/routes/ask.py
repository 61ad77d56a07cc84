"""Routes that answer and that search."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from mundap.chatbot.api.errors import ApiError
from mundap.chatbot.api.metrics import Metrics
from mundap.chatbot.api.pool import Pool
from mundap.chatbot.api.routes.schema_why import HitOut
from mundap.chatbot.api.routes.schemas import (
    AskBody,
    AskReply,
    BatchBody,
    BatchReply,
    SearchBody,
    SearchReply,
)
from mundap.chatbot.bot import Bot
from mundap.chatbot.reply import Explanation
from mundap.chatbot.settings import ChatSettings
from mundap.feedback.exchanges.exchanges import Exchanges

# Characters. Reading a longer query may take long, if only for somebody who wants it to.
_QUICK_LENGTH = 100

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asking:
    """What the routes share."""

    bot: Bot
    chat: ChatSettings
    pool: Pool
    metrics: Metrics
    exchanges: Exchanges

    def explain(self, query: str, body: AskBody | BatchBody) -> Explanation:
        """Ask the bot."""
        language = body.language or self.chat.language
        return self.bot.explain(
            query,
            category=body.category,
            language=language,
            suggestions=body.k,
            previous=getattr(body, "previous", None),
        )

    async def explain_all(self, body: BatchBody) -> list[Explanation]:
        """Ask the bot query by query, others' queries between them, as long as there is time."""
        async with self.pool.in_time():
            return [await self.pool.run(self.explain, query, body) for query in body.queries]

    async def work(self, query: str, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what `work` for a query returns, from where it holds nobody up."""
        is_quick = len(query) <= _QUICK_LENGTH and not self.bot.waits
        run = self.pool.run_quick if is_quick else self.pool.run
        return await run(work, *args, **kwargs)

    def replied(
        self, query: str, body: AskBody | BatchBody, explained: Explanation, request_id: str
    ) -> AskReply:
        """Count and remember a reply, and return it as the client is told it."""
        self.metrics.count_reply(explained.reply)
        exchange = explained.exchange(
            request_id,
            "api",
            query,
            body.category,
            conversation=getattr(body, "conversation", None),
            language=body.language or self.chat.language,
        )
        self.exchanges.add(exchange)
        hosts = self.chat.page.image_hosts
        return AskReply.of(explained, request_id, explain=body.explain, image_hosts=hosts)

    def require_short(self, queries: Sequence[str]) -> None:
        """Raise ApiError 422 on a query that is too long."""
        limit, longest = self.chat.max_query_length, max(map(len, queries))
        if longest > limit:
            message = f"A query has {longest} characters; at most {limit} are allowed."
            raise ApiError(422, "query_too_long", message)


def ask_router(asking: Asking) -> APIRouter:
    """Return the routes for one query, for many, and for a search."""
    router = APIRouter(prefix="/v1", tags=["ask"])

    @router.post("/ask", response_model=AskReply, summary="Answer a query")
    async def ask(body: AskBody, request: Request) -> Response:
        asking.require_short([body.query, body.previous or ""])
        explained = await asking.work(
            f"{body.previous or ''}{body.query}", asking.explain, body.query, body
        )
        reply = asking.replied(body.query, body, explained, request.state.request_id)
        request.state.log |= {
            "generation": reply.generation,
            "kind": reply.kind,
            "entry_id": reply.entry_id,
            "score": reply.score,
            "confidence": reply.confidence,
            # Names alone: what was repaired is what a visitor typed.
            "steps": explained.steps,
        }
        return _json(reply)

    @router.post("/ask:batch", response_model=BatchReply, summary="Answer many queries")
    async def ask_batch(body: BatchBody, request: Request) -> Response:
        asking.require_short(body.queries)
        explained = await asking.explain_all(body)
        request_id: str = request.state.request_id
        replies = [
            asking.replied(query, body, one, f"{request_id}-{place}")
            for place, (query, one) in enumerate(zip(body.queries, explained, strict=True))
        ]
        request.state.log["generation"] = replies[-1].generation
        return _json(BatchReply(replies=replies, request_id=request_id))

    @router.post("/search", response_model=SearchReply, summary="Rank entries for a query")
    async def search(body: SearchBody, request: Request) -> Response:
        asking.require_short([body.query])
        generation, hits = await asking.work(
            body.query, asking.bot.search, body.query, body.k, category=body.category
        )
        request.state.log["generation"] = generation
        listed = [HitOut.of(rank, hit) for rank, hit in enumerate(hits, start=1)]
        return _json(
            SearchReply(hits=listed, request_id=request.state.request_id, generation=generation)
        )

    return router


def _json(body: BaseModel) -> Response:
    """Return a body that has been validated already: doing it again would cost as much."""
    return Response(body.model_dump_json(), media_type="application/json")

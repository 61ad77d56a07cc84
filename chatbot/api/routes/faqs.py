"""Routes that show the FAQ and what serves it."""

from importlib.metadata import version
from typing import Annotated

from fastapi import APIRouter, Query

from mundap.chatbot.api.errors import ApiError
from mundap.chatbot.api.routes.schema_why import Thresholds
from mundap.chatbot.api.routes.schemas import MAX_BATCH, MAX_CATEGORY, FaqOut, FaqPage, Info
from mundap.chatbot.bot import Bot
from mundap.chatbot.live_bundle import LiveBundle
from mundap.chatbot.settings import ChatSettings

MAX_PAGE = 200


def faqs_router(live: LiveBundle, bot: Bot, chat: ChatSettings) -> APIRouter:
    """Return the routes for reading entries and for `info`."""
    router = APIRouter(prefix="/v1", tags=["faq"])

    @router.get("/faqs", summary="List entries, part by part")
    def faqs(
        offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
        category: Annotated[str | None, Query(max_length=MAX_CATEGORY)] = None,
    ) -> FaqPage:
        bundle = live.get()
        passages = bundle.retriever.passages
        places = passages.places if category is None else passages.places_of(category)
        end = offset + limit
        return FaqPage(
            entries=[FaqOut.of(passages.entries[place]) for place in places[offset:end]],
            total=len(places),
            next_offset=end if end < len(places) else None,
            generation=bundle.manifest.generation,
        )

    # An id may hold a slash.
    @router.get("/faqs/{entry_id:path}", summary="Show one entry")
    def faq(entry_id: str) -> FaqOut:
        entry = live.get().retriever.passages.find(entry_id)
        if entry is not None:
            return FaqOut.of(entry)
        raise ApiError(404, "unknown_entry", "No entry has that id.")

    @router.get("/info", summary="Say what serves")
    def info() -> Info:
        bundle = live.get()
        manifest = bundle.manifest
        return Info(
            title=bot.settings.title,
            version=version("mundap"),
            generation=manifest.generation,
            created=manifest.created,
            entries=manifest.entries,
            passages=manifest.passages,
            index_kind=manifest.index_kind,
            encoder=manifest.encoder,
            thresholds=Thresholds.of(bundle.confidence),
            categories=bot.categories(),
            max_query_length=chat.max_query_length,
            max_batch=MAX_BATCH,
        )

    return router

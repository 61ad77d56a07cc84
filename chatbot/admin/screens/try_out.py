"""The screen "Try": what serves and the draft asked the same, with the reasons of both."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from markupsafe import Markup

from mundap.chatbot.admin.desk.desk import Desk
from mundap.chatbot.admin.screens.trial import Trial
from mundap.chatbot.answer_html import answer_html
from mundap.chatbot.bot import Bot
from mundap.chatbot.home.jobs import JobRunningError
from mundap.chatbot.page.reasons import percent, reasons_html
from mundap.chatbot.reply import Reply
from mundap.index.faq.difference import Difference
from mundap.index.languages import Language

_Asked = Annotated[str, Query(max_length=1000)]


@dataclass(frozen=True, slots=True)
class Shown:
    """A reply as the screen shows it; texts of the FAQ in it are safe."""

    reply: Reply
    html: Markup
    percent: int | None
    reasons: Markup

    @classmethod
    def of(cls, bot: Bot, query: str, language: Language) -> "Shown":
        """Ask a bot; nothing of it is recorded."""
        explained = bot.explain(query, language=language)
        reply, reasons = explained.reply, explained.reasons()
        sure = reply.confidence
        why = "" if reasons is None or sure is None else reasons_html(reasons, sure, language)
        return cls(
            reply,
            Markup(answer_html(reply.text, bot.settings.page.image_hosts)),
            None if sure is None else percent(sure),
            # They are what this screen is for.
            Markup(why.replace("<details ", "<details open ", 1)),
        )


def try_router(desk: Desk) -> APIRouter:
    """Return the routes of the screen."""
    trial = Trial(desk.service)

    router = APIRouter()

    def state() -> tuple[int, Difference, bool]:
        """Return the state of the draft, what parts it from what serves, and if it can serve."""
        publishing = desk.service.publishing
        if publishing is None:
            return 0, Difference(), False
        if not publishing.has_draft:
            return 0, Difference(), True
        draft = publishing.draft
        return draft.copy.snapshot()[0], draft.unpublished(), True

    @router.get("/try")
    async def ask(
        request: Request, owner: Annotated[str, Depends(desk.owner)], q: _Asked = ""
    ) -> Response:
        number, difference, publishes = await run_in_threadpool(state)
        if not len(difference):
            trial.forget()
        bot = await asyncio.to_thread(trial.bot, number) if len(difference) else None
        language = desk.language(request)
        query = q.strip()
        # In the event loop, as the questions of visitors.
        served = Shown.of(desk.service.bot, query, language) if query else None
        drafted = Shown.of(bot, query, language) if query and bot else None
        return await run_in_threadpool(
            desk.render,
            request,
            "try",
            query=query,
            served=served,
            drafted=drafted,
            job=trial.job(number),
            is_ready=bot is not None,
            difference=difference,
            publishes=publishes,
            examples=desk.service.bot.example_questions(),
        )

    @router.post("/try/prepare")
    async def prepare(request: Request, owner: Annotated[str, Depends(desk.owner)]) -> Response:
        form = await request.form()
        number, difference, _ = await run_in_threadpool(state)
        publishing = desk.service.publishing
        if publishing is not None and len(difference):
            with suppress(JobRunningError):
                await run_in_threadpool(trial.start, publishing, owner, number)
        asked = str(form.get("q", ""))[:1000]
        return desk.see(request, f"try?{urlencode({'q': asked})}" if asked else "try")

    return router

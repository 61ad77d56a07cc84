"""The screen "Improve": learn what owners accepted, prove it, and let it serve."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Request, Response

from mundap.chatbot.admin.desk.desk import Desk
from mundap.chatbot.admin.desk.text import words
from mundap.chatbot.admin.screens.faq_commands import faq_command
from mundap.chatbot.home.jobs import JobRunningError, Jobs
from mundap.feedback.verdicts.improvements import last_improvements
from mundap.feedback.verdicts.judgements import all_judgements
from mundap.index.trouble import trouble_of

_REPORTS = 10
OUTCOMES = (
    "answered_right",
    "offered_right",
    "offered_wrong",
    "unknown",
    "answered_wrong",
    "uncovered_answered",
)


def improve_router(desk: Desk) -> APIRouter:
    """Return the routes of the screen."""
    # Of its own: it takes minutes, for which what was edited can still be published.
    jobs = Jobs()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        jobs.close()

    router = APIRouter(lifespan=lifespan)

    def screen(request: Request, status: int = 200, **more: str) -> Response:
        with desk.store().reading() as connection:
            reports = last_improvements(connection, _REPORTS)
            judged = all_judgements(connection)
        counts = {
            verdict: sum(one.verdict == verdict for one in judged)
            for verdict in ("right", "wrong", "uncovered")
        }
        return desk.render(
            request,
            "improve",
            status,
            job=jobs.last(),
            reports=reports,
            judged=counts,
            outcomes=OUTCOMES,
            publishes=desk.service.publishing is not None,
            **more,
        )

    @router.get("/improve")
    def improve(request: Request, owner: Annotated[str, Depends(desk.owner)]) -> Response:
        return screen(request)

    @router.post("/improve")
    def start(request: Request, owner: Annotated[str, Depends(desk.owner)]) -> Response:
        if desk.service.publishing is not None:
            try:
                line = faq_command(desk.service.chat, "improve", "--owner", owner)
                jobs.start(lambda: line, "improve")
            except JobRunningError:
                return desk.see(request, "improve?done=by_another")
            except OSError as error:
                text = words("improve", desk.language(request))
                why = desk.why(request, trouble_of(error))
                return screen(request, 503, trouble=text["not_started"].format(reason=why))
        return desk.see(request, "improve")

    return router

"""The screen "Improve": learn what owners accepted, prove it, and let it serve."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Request, Response

from mundap.chatbot.admin.changes import serves_its_own
from mundap.chatbot.admin.desk import Desk
from mundap.chatbot.admin.faq_commands import faq_command
from mundap.chatbot.admin.text import words
from mundap.chatbot.home.jobs import JobRunningError, RebuildJobs
from mundap.feedback.improvements import last_improvements
from mundap.feedback.judgements import all_judgements

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
    jobs = RebuildJobs(lambda: faq_command(desk.service.chat, "improve"))

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
            publishes=serves_its_own(desk),
            **more,
        )

    @router.get("/improve")
    def improve(request: Request, owner: Annotated[str, Depends(desk.owner)]) -> Response:
        return screen(request)

    @router.post("/improve")
    def start(request: Request, owner: Annotated[str, Depends(desk.owner)]) -> Response:
        if serves_its_own(desk):
            try:
                jobs.start("--owner", owner)
            except JobRunningError:
                pass
            except OSError as error:
                text = words("improve", desk.language(request))
                return screen(request, 503, trouble=text["not_started"].format(reason=error))
        return desk.see(request, "improve")

    return router

"""The screen "Unanswered": what got no good answer, grouped, and what to do with each."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, FastAPI, Form, Query, Request, Response
from fastapi.responses import HTMLResponse

from mundap.chatbot.admin.desk.desk import Desk
from mundap.chatbot.admin.desk.faq_copy import working_copy
from mundap.chatbot.admin.desk.paging import Paging
from mundap.chatbot.admin.desk.undoing import notice, told
from mundap.chatbot.admin.screens.grouping_job import GroupingJob
from mundap.chatbot.admin.screens.proposals import Proposals
from mundap.feedback.unanswered.groups import (
    Group,
    groups,
    not_yet_grouped,
    open_count,
    queries_of,
)
from mundap.feedback.unanswered.query_digest import query_digest
from mundap.feedback.unanswered.settling import ignore
from mundap.feedback.unanswered.unsettled import sure_from
from mundap.index.faq.edited_entry import EditError

# On one page; each is ranked when it is shown.
_GROUPS, _NEW = 10, 10
# Questions of one group that a form holds; what is left comes next.
MEMBERS = 100
# Of a group of so many each is seen before one click settles them all; of more, once unfolded.
_OPEN_MEMBERS = 5
# Entries that are offered to choose from.
_FOUND = 12

Digests = Annotated[list[str], Form(default_factory=list, max_length=MEMBERS)]


def unanswered_router(desk: Desk) -> APIRouter:
    """Return the routes of the screen."""
    live = desk.service.live
    job, proposals = GroupingJob(desk.service.chat, live), Proposals(live)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        daily = asyncio.create_task(job.daily(desk.database)) if desk.database else None
        yield
        if daily is not None:
            daily.cancel()
            with suppress(asyncio.CancelledError):
                await daily
        job.close()
        proposals.close()

    router = APIRouter(lifespan=lifespan)

    def sure() -> float:
        return sure_from(live.get().confidence.answer)

    @router.get("/unanswered")
    def unanswered(
        request: Request,
        owner: Annotated[str, Depends(desk.owner)],
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    ) -> HTMLResponse:
        copy = working_copy(desk, owner)
        last = job.start_if_due(copy.database)
        with copy.database.reading() as connection:
            found, total = groups(connection, (page - 1) * _GROUPS, _GROUPS)
            waiting = not_yet_grouped(connection, last, sure(), _NEW + 1) if page == 1 else []
            questions = open_count(connection)
        new = [Group((one,)) for one in waiting[:_NEW]]
        proposed = proposals.of([group.name for group in (*found, *new)], copy)
        shown = list(zip((*found, *new), proposed, strict=True))
        return desk.render(
            request,
            "unanswered",
            groups=shown[: len(found)],
            new=shown[len(found) :],
            more_new=len(waiting) > _NEW,
            total=total,
            questions=questions,
            left_out=last.left_out if last else 0,
            paging=Paging.of(desk, request, page, -(-total // _GROUPS)),
            is_grouping=job.is_running,
            failed=job.failed,
            members=MEMBERS,
            open_members=_OPEN_MEMBERS,
            digest=query_digest,
            notice=notice(desk, request),
        )

    @router.post("/unanswered/ignore")
    def ignored(
        request: Request, owner: Annotated[str, Depends(desk.owner)], query: Digests
    ) -> Response:
        copy = working_copy(desk, owner)
        with copy.database.writing() as connection:
            queries = queries_of(connection, query, sure())
            if not queries:
                return desk.see(request, told("unanswered", "not_there"))
            deed = ignore(connection, owner, queries)
        return desk.see(request, told("unanswered", "ignored", [deed], len(queries)))

    @router.post("/unanswered/other")
    def other(request: Request, query: Digests) -> Response:
        return desk.see(request, _with("unanswered/choose", query))

    @router.post("/unanswered/new")
    def new_entry(request: Request, query: Digests) -> Response:
        return desk.see(request, _with("entries/new", query))

    @router.get("/unanswered/choose")
    def choose(
        request: Request,
        owner: Annotated[str, Depends(desk.owner)],
        query: Annotated[list[str], Query(default_factory=list, max_length=MEMBERS)],
        text: Annotated[str, Query(max_length=200)] = "",
    ) -> Response:
        copy = working_copy(desk, owner)
        with copy.database.reading() as connection:
            queries = queries_of(connection, query, sure())
        if not queries:
            return desk.see(request, told("unanswered", "not_there"))
        if text.strip():
            entries, total = copy.find(text, limit=_FOUND)
            found = [(entry.entry_id, entry.question) for entry in entries]
        else:
            [near] = proposals.of(queries[:1], copy, _FOUND)
            found, total = [(each.entry_id, each.question) for each in near], len(near)
        return desk.render(
            request,
            "choose",
            screen="unanswered",
            queries=queries,
            digests=query,
            text_asked=text,
            found=found,
            total=total,
            notice=notice(desk, request),
        )

    # The last of the screen, as its path fits those of the others too.
    @router.post("/unanswered/{what}")
    def settle(
        request: Request,
        owner: Annotated[str, Depends(desk.owner)],
        what: Literal["add", "wrong"],
        entry_id: Annotated[str, Form()],
        query: Digests,
    ) -> Response:
        """Let an entry answer queries, or say that it does not."""
        copy = working_copy(desk, owner)
        with copy.database.reading() as connection:
            queries = queries_of(connection, query, sure())
        if not queries:
            return desk.see(request, told("unanswered", "not_there"))
        do, was = (copy.add_phrasing, "added") if what == "add" else (copy.refuse, "refused")
        try:
            deeds = [do(entry_id, each, owner) for each in queries]
        except EditError as error:
            if error.fault not in ("unknown_entry", "own_question"):
                raise
            name = "not_entry" if error.fault == "unknown_entry" else "not_refused"
            return desk.see(request, told("unanswered", name))
        return desk.see(request, told("unanswered", was, deeds, len(deeds)))

    return router


def _with(path: str, digests: list[str]) -> str:
    return f"{path}?{urlencode([('query', each) for each in digests])}"

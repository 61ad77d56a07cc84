"""The screen "Entries": the FAQ, to look through and to edit."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import HTMLResponse

from mundap.chatbot.admin.desk.desk import Desk
from mundap.chatbot.admin.desk.faq_copy import working_copy
from mundap.chatbot.admin.desk.paging import Paging
from mundap.chatbot.admin.desk.undoing import notice, told
from mundap.chatbot.admin.screens.edited_form import EntryForm, version_of
from mundap.chatbot.admin.screens.entry_facts import rivals_of
from mundap.chatbot.admin.screens.unanswered import MEMBERS, Digests
from mundap.chatbot.answer_html import answer_html
from mundap.feedback.editing.working_copy import WorkingCopy
from mundap.feedback.exchanges.exchange import Exchange
from mundap.feedback.traffic.asked_of_entry import asked_of_entry, query_of
from mundap.feedback.unanswered.groups import queries_of
from mundap.feedback.unanswered.query_digest import query_digest
from mundap.feedback.unanswered.settling import settle
from mundap.feedback.unanswered.unsettled import sure_from
from mundap.feedback.verdicts.judgements import Verdict, verdicts_on
from mundap.index.faq.edited_entry import EditError
from mundap.index.faq.entry import FaqEntry
from mundap.index.korean.text import match_key

_EACH_PAGE = 50
# Questions and deeds shown of one entry.
_ASKED, _DEEDS = 50, 20

_Text = Annotated[str, Query(max_length=200)]


def entries_router(desk: Desk) -> APIRouter:
    """Return the routes of the screen."""
    router = APIRouter()

    def queries(copy: WorkingCopy, digests: list[str]) -> list[str]:
        sure = sure_from(desk.service.live.get().confidence.answer)
        with copy.database.reading() as connection:
            return queries_of(connection, digests, sure)

    def show(
        request: Request, copy: WorkingCopy, form: EntryForm, status: int = 200, **given: object
    ) -> HTMLResponse:
        hosts = desk.own.now.page.image_hosts
        facts: dict[str, object] = {"asked": (), "rivals": (), "history": ()}
        if form.entry_id:
            facts = {
                "asked": _asked(copy, form.entry_id),
                "rivals": rivals_of(desk.service.live.get(), copy, form.entry_id),
                "history": copy.history(form.entry_id, _DEEDS),
            }
        values: dict[str, object] = {
            "wrong": None,
            "now": None,
            "digests": [],
            "notice": notice(desk, request),
        }
        return desk.render(
            request,
            "entry",
            status,
            **{
                **values,
                **facts,
                "screen": "entries",
                "form": form,
                "categories": copy.categories(),
                "preview": answer_html(form.answer, hosts) if form.answer.strip() else "",
                **given,
            },
        )

    @router.get("/entries")
    def entries(
        request: Request,
        owner: Annotated[str, Depends(desk.owner)],
        text: _Text = "",
        category: _Text = "",
        page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    ) -> HTMLResponse:
        copy = working_copy(desk, owner)
        found, total = copy.find(text, category or None, (page - 1) * _EACH_PAGE, _EACH_PAGE)
        return desk.render(
            request,
            "entries",
            entries=found,
            total=total,
            categories=copy.categories(),
            text_asked=text,
            category=category,
            paging=Paging.of(desk, request, page, -(-total // _EACH_PAGE)),
            notice=notice(desk, request),
        )

    @router.get("/entries/new")
    def new(
        request: Request,
        owner: Annotated[str, Depends(desk.owner)],
        query: Annotated[list[str], Query(default_factory=list, max_length=MEMBERS)],
    ) -> HTMLResponse:
        copy = working_copy(desk, owner)
        asked = queries(copy, query)
        form = EntryForm(question=asked[0] if asked else "", phrasings="\n".join(asked[1:]))
        return show(request, copy, form, digests=query)

    @router.get("/entries/edit")
    def edit(
        request: Request, owner: Annotated[str, Depends(desk.owner)], entry_id: str
    ) -> Response:
        copy = working_copy(desk, owner)
        entry = copy.entry(entry_id)
        if entry is None:
            return desk.see(request, told("entries", "not_entry"))
        return show(request, copy, EntryForm.of(entry))

    @router.post("/entries/save")
    def save(
        request: Request,
        owner: Annotated[str, Depends(desk.owner)],
        form: Annotated[EntryForm, Depends(EntryForm.sent)],
        query: Digests,
        preview: Annotated[str, Form()] = "",
    ) -> Response:
        copy = working_copy(desk, owner)
        if preview:
            return show(request, copy, form, digests=query)
        before = copy.entry(form.entry_id) if form.entry_id else None
        if form.entry_id and before is None:
            # What was typed is not lost: it can be kept as an entry of its own.
            form = form.as_new()
            return show(request, copy, form, 409, digests=query, wrong="gone")
        if before is not None and version_of(before) != form.version:
            form = form.of_version(version_of(before))
            return show(request, copy, form, 409, wrong="changed", now=before)
        try:
            deeds = [copy.save(form.entry(before), owner, seen=before)]
        except EditError as error:
            return show(request, copy, form, 422, digests=query, wrong=error.fault)
        made = _of_deed(copy, deeds[0])
        keys = {match_key(text) for text in made.passages}
        settled = [each for each in queries(copy, query) if match_key(each) in keys]
        if settled:
            with copy.database.writing() as connection:
                deeds.append(settle(connection, owner, settled, made.entry_id))
        if form.entry_id:
            path = told("entries/edit", "saved", deeds, entry_id=made.entry_id)
        else:
            path = told("unanswered" if query else "entries", "made", deeds)
        return desk.see(request, path)

    @router.post("/entries/wrong")
    def wrong(
        request: Request,
        owner: Annotated[str, Depends(desk.owner)],
        entry_id: Annotated[str, Form()],
        request_id: Annotated[str, Form(max_length=64)],
    ) -> Response:
        copy = working_copy(desk, owner)
        query = query_of(copy.database, request_id, entry_id)
        if query is None:
            return desk.see(request, told("entries/edit", "not_there", entry_id=entry_id))
        try:
            deed = copy.refuse(entry_id, query, owner)
        except EditError as error:
            name = "not_refused" if error.fault == "own_question" else "not_entry"
            return desk.see(request, told("entries", name))
        # Which entry does is the next question.
        path = told("unanswered/choose", "refused", [deed], 1, query=query_digest(match_key(query)))
        return desk.see(request, path)

    @router.post("/entries/remove")
    def remove(
        request: Request,
        owner: Annotated[str, Depends(desk.owner)],
        entry_id: Annotated[str, Form()],
    ) -> Response:
        try:
            deed = working_copy(desk, owner).remove(entry_id, owner)
        except EditError:
            return desk.see(request, told("entries", "not_entry"))
        return desk.see(request, told("entries", "removed", [deed]))

    return router


def _asked(
    copy: WorkingCopy, entry_id: str
) -> list[tuple[Exchange, Verdict | Literal["own"] | None]]:
    """Return what an entry answered lately, with what owners say of each.

    "own" is its very question.
    """
    with copy.database.reading() as connection:
        verdicts = verdicts_on(connection, entry_id)
    entry = copy.entry(entry_id)
    own = {match_key(entry.question): "own"} if entry else {}
    known: dict[str, Any] = {**verdicts, **own}
    found = asked_of_entry(copy.database, entry_id, _ASKED)
    return [(one, known.get(match_key(one.query))) for one in found]


def _of_deed(copy: WorkingCopy, deed: int) -> FaqEntry:
    """Return the entry that a deed has saved."""
    for change in copy.history(limit=_DEEDS):
        if change.deed == deed and change.after is not None:
            return change.after
    raise LookupError(deed)

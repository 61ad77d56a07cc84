"""The screen "Changes": what does not serve yet, to publish it, compare it and go back."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from mundap.chatbot.admin.desk.desk import Desk
from mundap.chatbot.admin.desk.faq_copy import working_copy
from mundap.chatbot.admin.desk.text import words
from mundap.chatbot.home.draft import Draft
from mundap.chatbot.home.draft_error import DraftError
from mundap.chatbot.home.jobs import Job, JobRunningError
from mundap.chatbot.home.publishing import Publishing
from mundap.feedback.editing.working_copy import WorkingCopy
from mundap.feedback.owners.deeds import Deed, deeds
from mundap.index.bundle.generations import Generations
from mundap.index.bundle.manifest import BundleError
from mundap.index.faq.difference import Difference
from mundap.index.trouble import trouble_of

# Of each kind of change so many entries are shown; of what was done, lines.
SHOWN, _DEEDS, _PUBLISHED = 50, 60, 20
_State = Annotated[str, Query(max_length=12)]


def changes_router(desk: Desk) -> APIRouter:
    """Return the routes of the screen."""
    router = APIRouter()

    def begin(request: Request, owner: str, action: str) -> Response:
        publishing = desk.service.publishing
        if publishing is None:
            return desk.see(request, "changes")
        working_copy(desk, owner)
        try:
            publishing.publish(owner) if action == "publish" else publishing.roll_back(owner)
        except JobRunningError:
            return desk.see(request, "changes")
        except OSError as error:
            text = words("changes", desk.language(request))
            return _screen(
                desk,
                request,
                503,
                text["not_started"].format(reason=desk.why(request, trouble_of(error))),
            )
        return desk.see(request, f"changes?done={action}")

    @router.get("/changes")
    def changes(
        request: Request,
        owner: Annotated[str, Depends(desk.owner)],
        before: _State = "",
        after: _State = "",
    ) -> Response:
        return _screen(desk, request, before=before, after=after)

    @router.post("/changes/publish")
    def publish(request: Request, owner: Annotated[str, Depends(desk.owner)]) -> Response:
        return begin(request, owner, "publish")

    @router.get("/changes/rollback")
    def ask(request: Request, owner: Annotated[str, Depends(desk.owner)]) -> Response:
        publishing = desk.service.publishing
        older = _older(publishing)
        if publishing is None or older is None:
            return desk.see(request, "changes")
        return desk.render(
            request,
            "rollback",
            serving=publishing.draft.serving(),
            older=older,
            difference=publishing.draft.difference("serving", str(older)),
            unpublished=publishing.draft.unpublished() if publishing.has_draft else Difference(),
            shown=SHOWN,
        )

    @router.post("/changes/rollback")
    def roll_back(request: Request, owner: Annotated[str, Depends(desk.owner)]) -> Response:
        return begin(request, owner, "rollback")

    return router


def _older(publishing: Publishing | None) -> int | None:
    """Return the generation that a roll-back goes to; None where there is none."""
    if publishing is None:
        return None
    try:
        older = Generations(publishing.draft.home.index).older()
    except BundleError:
        return None
    return int(older[0].name) if older else None


def _screen(
    desk: Desk,
    request: Request,
    status: int = 200,
    trouble: str | None = None,
    *,
    before: str = "",
    after: str = "",
) -> Response:
    text = words("changes", desk.language(request))
    publishing, compared = desk.service.publishing, None
    draft = publishing and publishing.draft
    if draft and before and after:
        try:
            compared = draft.difference(before, after)
        except DraftError:
            trouble = text["not_known"]
    job = _job(desk)
    with desk.store().reading() as connection:
        done = deeds(connection, _DEEDS)
    return desk.render(
        request,
        "changes",
        status,
        publishes=draft is not None,
        difference=draft.unpublished() if draft and not draft.copy.is_empty() else Difference(),
        newer_file=publishing and publishing.newer_file,
        states=_states(draft) if draft else [],
        job=job,
        older=_older(publishing),
        serving=desk.service.live.get().manifest.generation,
        published=draft.copy.publications(_PUBLISHED) if draft else [],
        deeds=done,
        questions=_questions(WorkingCopy(desk.store()), done),
        before=before or "serving",
        after=after or "draft",
        compared=compared,
        shown=SHOWN,
        **({"trouble": trouble} if trouble else {}),
        # That it has begun is news until it has ended.
        **({"done": None} if job and job.state != "running" else {}),
    )


def _questions(copy: WorkingCopy, done: Sequence[Deed]) -> dict[str, str]:
    """Return by entry id the questions of what deeds are about, of removed entries as they were."""
    ids = {
        str(deed.detail["entry_id"]) for deed in done if deed.detail and "entry_id" in deed.detail
    }
    found = {entry_id: entry.question for entry_id, entry in copy.some(ids).items()}
    for entry_id in ids - found.keys():
        for change in copy.history(entry_id, 1):
            if change.before is not None:
                found[entry_id] = change.before.question
    return found


def _job(desk: Desk) -> Job | None:
    """Return the last job where it was one of this screen's."""
    job = desk.service.jobs.last()
    return job if job is not None and job.action in ("publish", "rollback") else None


def _states(draft: Draft) -> Sequence[int]:
    """Return the numbers of the generations that can be compared, the newest first."""
    known = {publication.generation for publication in draft.copy.publications()}
    known |= {int(path.name) for path in Generations(draft.home.index).paths()}
    return sorted(known, reverse=True)

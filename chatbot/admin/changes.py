"""The screen "Changes": what does not serve yet, to publish it, compare it and go back."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response

from mundap.chatbot.admin.desk import Desk
from mundap.chatbot.admin.faq_commands import faq_command
from mundap.chatbot.admin.faq_copy import working_copy
from mundap.chatbot.admin.text import words
from mundap.chatbot.home.draft import Draft, DraftError
from mundap.chatbot.home.first_run import PreparationError
from mundap.chatbot.home.jobs import JobRunningError, RebuildJobs
from mundap.feedback.deeds import deeds
from mundap.index.bundle.generations import Generations
from mundap.index.bundle.manifest import BundleError
from mundap.index.faq.difference import Difference

# Of each kind of change so many entries are shown; of what was done, lines.
SHOWN, _DEEDS, _PUBLISHED = 50, 60, 20
_State = Annotated[str, Query(max_length=12)]


def changes_router(desk: Desk) -> APIRouter:
    """Return the routes of the screen."""
    chat = desk.service.chat
    jobs = RebuildJobs(lambda: faq_command(chat, "faq", "publish"))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        jobs.close()

    router = APIRouter(lifespan=lifespan)

    @router.get("/changes")
    def changes(
        request: Request,
        owner: Annotated[str, Depends(desk.owner)],
        before: _State = "",
        after: _State = "",
    ) -> Response:
        return _screen(desk, request, jobs, before=before, after=after)

    @router.post("/changes/publish")
    def publish(request: Request, owner: Annotated[str, Depends(desk.owner)]) -> Response:
        if not serves_its_own(desk):
            return desk.see(request, "changes")
        working_copy(desk, owner)
        try:
            jobs.start("--owner", owner)
        except JobRunningError:
            return desk.see(request, "changes")
        except OSError as error:
            text = words("changes", desk.language(request))
            return _screen(desk, request, jobs, 503, text["not_started"].format(reason=error))
        return desk.see(request, "changes?done=publish")

    @router.get("/changes/rollback")
    def ask(request: Request, owner: Annotated[str, Depends(desk.owner)]) -> Response:
        draft, older = draft_of(desk), _older(desk)
        if older is None:
            return desk.see(request, "changes")
        serving = draft.serving()
        return desk.render(
            request,
            "rollback",
            serving=serving,
            older=older,
            difference=draft.difference("serving", str(older)),
            unpublished=draft.unpublished(),
            shown=SHOWN,
        )

    @router.post("/changes/rollback")
    def roll_back(request: Request, owner: Annotated[str, Depends(desk.owner)]) -> Response:
        text = words("changes", desk.language(request))
        working_copy(desk, owner)
        try:
            draft_of(desk).roll_back(owner, desk.service.live.get().retriever.encoder)
        except (BundleError, DraftError) as error:
            return _screen(desk, request, jobs, 409, text["not_back"].format(reason=error))
        return desk.see(request, "changes?done=rollback")

    return router


def draft_of(desk: Desk) -> Draft:
    """Return the draft of the FAQ that is served."""
    return Draft.of(desk.service.chat, desk.store())


def serves_its_own(desk: Desk) -> bool:
    """Whether what serves is the index of the FAQ's home, which is what publishing changes."""
    serving = desk.service.live.get().directory
    return serving.resolve() == draft_of(desk).home.index.resolve()


def _older(desk: Desk) -> int | None:
    """Return the generation that a roll-back goes to; None where there is none."""
    if not serves_its_own(desk):
        return None
    try:
        older = Generations(draft_of(desk).home.index).older()
    except BundleError:
        return None
    return int(older[0].name) if older else None


def _screen(
    desk: Desk,
    request: Request,
    jobs: RebuildJobs,
    status: int = 200,
    trouble: str | None = None,
    *,
    before: str = "",
    after: str = "",
) -> Response:
    values: dict[str, Any] = {"publishes": False, "difference": Difference(), "states": []}
    text = words("changes", desk.language(request))
    try:
        draft = draft_of(desk)
        values["publishes"] = serves_its_own(desk)
    except PreparationError as error:
        trouble, draft = str(error), None
    compared = None
    if draft is not None and values["publishes"]:
        if not draft.copy.is_empty():
            values["difference"] = draft.unpublished()
        values["states"] = _states(draft)
        if before and after:
            try:
                compared = draft.difference(before, after)
            except DraftError:
                trouble = text["not_known"]
    with desk.store().reading() as connection:
        done = deeds(connection, _DEEDS)
    return desk.render(
        request,
        "changes",
        status,
        **values,
        job=jobs.last(),
        older=_older(desk) if draft is not None else None,
        serving=desk.service.live.get().manifest.generation,
        published=draft.copy.publications(_PUBLISHED) if draft is not None else [],
        deeds=done,
        before=before or "serving",
        after=after or "draft",
        compared=compared,
        shown=SHOWN,
        **({"trouble": trouble} if trouble else {}),
    )


def _states(draft: Draft) -> Sequence[int]:
    """Return the numbers of the generations that can be compared, the newest first."""
    known = {publication.generation for publication in draft.copy.publications()}
    known |= {int(path.name) for path in Generations(draft.home.index).paths()}
    return sorted(known, reverse=True)

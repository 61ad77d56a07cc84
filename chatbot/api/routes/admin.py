"""Routes for the administrator: they exist only where an admin token is set."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from mundap.chatbot.api.errors import ApiError
from mundap.chatbot.api.layers.access import ADMIN_PREFIX, Level
from mundap.chatbot.api.routes.schemas import AdviceLine, AdviceOut, AdviceQuery, JobOut, RolledBack
from mundap.chatbot.home.completion import completing
from mundap.chatbot.home.draft_error import DraftError
from mundap.chatbot.home.first_run import build_options, is_to_be_completed
from mundap.chatbot.home.home import Home, PreparationError
from mundap.chatbot.home.jobs import Job, JobRunningError
from mundap.chatbot.home.published import is_from_store
from mundap.chatbot.home.service import Service
from mundap.chatbot.live_bundle import LiveBundle
from mundap.chatbot.settings import ChatSettings
from mundap.index.bundle.advice import advice
from mundap.index.bundle.manifest import READING, BundleBusyError, BundleError

# Who holds the token has no name that could be checked.
_OWNER = "api"


def rebuild_arguments(live: LiveBundle, chat: ChatSettings) -> list[str]:
    """Return the command line that indexes the FAQ of the settings where `live` looks.

    The encoder is the one that serves: another one is a decision to take at a desk. An early index
    is completed instead: built as it is, it would take the place of the whole one. Of what was
    published from the store, that is indexed.
    """
    bundle = live.get()
    try:
        home = Home.of(chat)
    except PreparationError:
        message = "The FAQ that this service was started with is no longer there."
        raise ApiError(409, "no_faq", message) from None
    is_its_own = bundle.directory.resolve() == home.index.resolve()
    if chat.faq is None and not is_its_own:
        message = "Which FAQ this index is of is not known here. Start with --faq."
        raise ApiError(409, "no_faq", message)
    if is_its_own and is_from_store(home.directory):
        return home.publishing("--again")
    if is_its_own and is_to_be_completed(home):
        return completing(chat)
    encoder = bundle.encoder_directory
    if encoder is None:
        message = "The index does not hold its encoder, so only who built it can build it again."
        raise ApiError(409, "no_encoder", message)
    reads = READING in bundle.manifest.encoders  # also where it cannot run just now
    options = build_options(home.faq, encoder, bundle.directory, reads=reads)
    return [*options.arguments(), *home.columns.arguments()]


def admin_router(service: Service) -> APIRouter:
    """Return the routes that rebuild the index, roll it back and say what would help it."""
    chat, live, jobs = service.chat, service.live, service.jobs
    router = APIRouter(
        prefix=ADMIN_PREFIX.rstrip("/"), tags=["administration"], dependencies=[Depends(_admin)]
    )

    @router.post("/rebuild", status_code=202, summary="Index the FAQ again")
    def rebuild() -> JobOut:
        try:
            return _told(jobs.start(lambda: rebuild_arguments(live, chat)))
        except JobRunningError:
            raise ApiError(409, "rebuild_running", "A rebuild is running already.") from None

    @router.get("/advice", summary="Say what the percentages rest on and what would help most")
    def told(asked: Annotated[AdviceQuery, Query()]) -> AdviceOut:
        bundle = live.get()
        language = asked.language or chat.language
        found = advice(bundle.path, bundle.entries, bundle.confidence, language)
        return AdviceOut(
            generation=bundle.manifest.generation,
            advice=[
                AdviceLine(about=one.about, text=one.text, entry_ids=list(one.entry_ids))
                for one in found
            ],
        )

    @router.get("/jobs/{job_id}", summary="Say how far a rebuild is")
    def job(job_id: str) -> JobOut:
        found = jobs.get(job_id)
        if found is None:
            raise ApiError(404, "unknown_job", "No rebuild has that id.")
        return _told(found)

    @router.post("/rollback", summary="Serve the generation before this one")
    def rollback() -> RolledBack:
        try:
            generation = _rolled_back(service)
        except BundleBusyError:
            raise ApiError(409, "rebuild_running", "A rebuild is running already.") from None
        except (BundleError, DraftError):
            message = "No older generation can serve."
            raise ApiError(409, "no_rollback", message) from None
        return RolledBack(generation=generation)

    return router


def _told(job: Job) -> JobOut:
    return JobOut(
        job_id=job.job_id,
        state=job.state,
        percent=job.percent,
        eta_seconds=job.eta_seconds,
        generation=job.generation,
        message=job.message,
    )


def _rolled_back(service: Service) -> int:
    """Go back with the FAQ, where it is edited, or with the index alone."""
    publishing = service.publishing
    if publishing is None or not publishing.has_draft:
        return service.live.rollback()
    encoder = service.live.get().retriever.encoder
    return publishing.draft.roll_back(_OWNER, encoder, wait=0).generation


def _admin(request: Request) -> None:
    """Check once more, at the route itself, what the guard has checked by path."""
    if request.state.caller.level is not Level.ADMIN:
        raise ApiError(403, "token_not_enough", "This token is not the administrator's.")

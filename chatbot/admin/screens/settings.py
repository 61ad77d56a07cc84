"""The screen "Settings": words, look, contact, and how sure an answer is to be."""

from base64 import b64encode
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from pydantic import BaseModel
from starlette.datastructures import FormData, UploadFile

from mundap.chatbot.admin.desk.desk import Desk
from mundap.chatbot.admin.desk.text import words
from mundap.chatbot.own_settings import LOGO, TARGET, ChoiceError, logo_of
from mundap.chatbot.settings import ENGLISH, KOREAN, ChatSettings
from mundap.feedback.traffic.confidences import confidences, outlook
from mundap.index.languages import LANGUAGES

# Fields of a form -> what they set. An empty field goes back to the settings file.
LOOK = ("title", "page.subtitle", "page.subtitle_en", "page.greeting", "page.greeting_en")
CONTACT = tuple(f"contact.{name}" for name in ("telephone", "email", "hours", "link", "form"))
_TEXTS = ("unknown", "suggest", "greeting", "thanks")
SAID = tuple(f"texts_{language}.{name}" for name in _TEXTS for language in LANGUAGES)
COLOUR, STARTERS = "page.colour", "page.starters"
# What is proposed; the one that serves now is added.
_TARGETS = (0.7, 0.8, 0.85, 0.9, 0.95)
_LOGO_BYTES, _LONGEST = 64 * 1024, 500
_MOST_STARTERS = 8


def settings_router(desk: Desk) -> APIRouter:
    """Return the routes of the screen: it shows everything, and each form saves its part."""
    router = APIRouter()

    @router.get("/settings")
    def settings(request: Request) -> Response:
        return _screen(desk, request)

    @router.post("/settings/{part}")
    async def save(request: Request, part: str) -> Response:
        form = await request.form()
        own = desk.own
        try:
            values = await _values(part, form, own.given)
            await run_in_threadpool(own.choose, values, desk.owner(request))
        except ChoiceError as error:
            return await run_in_threadpool(_screen, desk, request, form, error.names)
        return desk.see(request, f"settings?done={part}")

    return router


async def _values(part: str, form: FormData, given: ChatSettings) -> dict[str, Any]:
    """Return what a form chooses, None where it goes back to the file; raises ChoiceError."""
    match part:
        case "target":
            try:
                return {TARGET: float(str(form.get(TARGET)))}
            except ValueError:
                raise ChoiceError({TARGET: "wanted a number"}) from None
        case "look":
            logo = await _logo(form)
            starters = str(form.get(STARTERS, "")).splitlines()
            listed = [line.strip()[:_LONGEST] for line in starters if line.strip()]
            colour = str(form.get(COLOUR, "")).lower()
            return {
                **_lines(form, LOOK),
                COLOUR: None if colour == given.page.colour.lower() else colour,
                STARTERS: listed[:_MOST_STARTERS] or None,
                **logo,
            }
        case "contact":
            return _lines(form, CONTACT)
        case "said":
            return _lines(form, SAID)
    raise ChoiceError({part: "no such part"})


def _lines(form: FormData, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: str(form.get(name, "")).strip()[:_LONGEST] or None for name in names}


async def _logo(form: FormData) -> dict[str, Any]:
    if form.get("no_logo"):
        return {LOGO: None}
    sent = form.get(LOGO)
    if not isinstance(sent, UploadFile) or not sent.filename:
        return {}
    content = await sent.read(_LOGO_BYTES + 1)
    if len(content) > _LOGO_BYTES or logo_of(content) is None:
        raise ChoiceError({LOGO: "wanted a PNG, JPEG or WebP image of 64 KiB at most"})
    return {LOGO: b64encode(content).decode("ascii")}


def _screen(
    desk: Desk, request: Request, form: FormData | None = None, wrong: dict[str, str] | None = None
) -> Response:
    own, chosen = desk.own, desk.own.chosen()
    text = words("settings", desk.language(request))
    shown = {name: chosen.get(name) or "" for name in (*LOOK, *CONTACT, *SAID)}
    shown |= {
        COLOUR: own.now.page.colour,
        STARTERS: "\n".join(chosen.get(STARTERS, ())),
    }
    if form is not None:  # what was typed is not lost
        shown |= {name: value for name, value in form.items() if isinstance(value, str)}
    asked = confidences(desk.store())
    live = desk.service.live.get()
    target = live.confidence.answer
    return desk.render(
        request,
        "settings",
        422 if wrong else 200,
        shown=shown,
        otherwise={name: _otherwise(own.given, name) for name in (*LOOK, *CONTACT, *SAID)},
        chosen=chosen,
        wrong={
            name: text.get(f"wrong_{name.split('.')[-1]}", text["wrong"]) for name in wrong or ()
        },
        trouble=text["not_saved"] if wrong else None,
        asked=len(asked),
        now=outlook(asked, target),
        targets=[outlook(asked, each) for each in sorted({*_TARGETS, target})],
        measured=live.confidence.fit,
        is_own_target=own.target is not None,
        logo=own.now.page.logo_address(),
        look=LOOK,
        contact=CONTACT,
        said=SAID,
    )


def _otherwise(given: ChatSettings, name: str) -> str:
    """Return what holds where an owner chooses nothing: what the file says, or what is usual."""
    part, _, field = name.rpartition(".")
    held: BaseModel = getattr(given, part) if part else given
    usual = {"texts_ko": KOREAN, "texts_en": ENGLISH}.get(part)
    return str(getattr(held, field) or getattr(usual, field, None) or "")

"""What every screen of the owner's page works with."""

import hmac
from collections.abc import AsyncIterator, MutableMapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.exceptions import HTTPException

from mundap.chatbot.admin.desk.attempts import Attempts
from mundap.chatbot.admin.desk.menu import SCREENS
from mundap.chatbot.admin.desk.text import words
from mundap.chatbot.admin.desk.unpublished import Unpublished
from mundap.chatbot.admin.desk.word_difference import word_difference
from mundap.chatbot.home.service import Service
from mundap.chatbot.own_settings import OwnSettings
from mundap.feedback.owners.owners import Owners, Session
from mundap.feedback.store.database import Database, StoreError
from mundap.index.languages import LANGUAGES, Language
from mundap.index.trouble import WORDS, Trouble

COOKIE = "mundap_owner"
_LANGUAGE_COOKIE = "mundap_language"
_YEAR = 365 * 24 * 60 * 60
_CSRF_FIELD = Markup('<input type="hidden" name="csrf" value="{}">')
_FOLDER = Path(__file__).parents[1] / "templates"


class NobodyError(Exception):
    """Who asks has not logged in, or too long ago."""


class ForeignFormError(Exception):
    """A form does not hold what this page has given out."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The owner's page of one service; `database` is None where its store cannot be used."""

    service: Service
    database: Database | None
    owners: Owners | None
    # Settings as they are now, and how they are changed.
    own: OwnSettings
    # Passwords that were tried, at the door or inside.
    attempts: Attempts
    _unpublished: Unpublished | None
    _templates: Environment

    @classmethod
    def of(cls, service: Service, own: OwnSettings) -> "Desk":
        """Return the desk of a service."""
        templates = Environment(
            loader=FileSystemLoader(_FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        database = service.database
        owners = None if database is None else Owners(database)
        templates.globals |= {"time": _time, "words": word_difference}
        publishing = service.publishing
        unpublished = None if publishing is None else Unpublished(publishing.draft)
        return cls(service, database, owners, own, Attempts(), unpublished, templates)

    @property
    def store_name(self) -> str:
        """The store as it may be named to anybody: without a folder or a host."""
        return "" if self.database is None else self.database.name.rpartition("/")[2]

    def present(self) -> Owners:
        """Return the owners; without any there is no page. Raises HTTPException, StoreError."""
        if self.owners is None:
            raise StoreError("The store cannot be used.")
        if not self.owners.exist():
            raise HTTPException(404)
        return self.owners

    def store(self) -> Database:
        """Return the store, of which `present` has made sure."""
        assert self.database is not None
        return self.database

    def session(self, request: Request) -> Session | None:
        """Return who has logged in with the browser that sends `request`."""
        return self.present().session(request.cookies.get(COOKIE))

    def owner(self, request: Request) -> str:
        """Return the owner who sends `request`; raises NobodyError, which leads to the log-in."""
        session: Session = request.state.session
        return session.owner

    async def is_owner(self, scope: MutableMapping[str, Any]) -> bool:
        """Return whether an owner who has logged in sends a request to the chat page."""
        token = Request(scope).cookies.get(COOKIE)
        if self.owners is None or token is None:
            return False
        try:
            return await run_in_threadpool(self.owners.session, token) is not None
        except StoreError:
            return False

    async def admit(self, request: Request) -> AsyncIterator[None]:
        """Let a request of an owner in, and a form only with the `csrf` of the session.

        Every route of a screen depends on it, without being told. Raises NobodyError and
        ForeignFormError.
        """
        session = await run_in_threadpool(self.session, request)
        if session is None:
            raise NobodyError
        request.state.session = session
        try:
            if request.method != "GET":
                given = (await request.form()).get("csrf")
                if not isinstance(given, str) or not hmac.compare_digest(
                    given.encode("utf-8", "replace"), session.csrf.encode("ascii")
                ):
                    raise ForeignFormError
            yield
        finally:
            await request.close()  # with the files that were sent

    def language(self, request: Request) -> Language:
        """Return the language that was chosen, or else that of the browser or of the settings."""
        wanted = [request.query_params.get("lang"), request.cookies.get(_LANGUAGE_COOKIE)]
        accepted = request.headers.get("accept-language", "").lower().split(",")
        for each in (*wanted, *accepted):
            for known in LANGUAGES:
                if each is not None and each.strip()[:2] == known:
                    return known
        return self.service.chat.language

    def to(self, request: Request, path: str = "") -> str:
        """Return the address of `path` below /admin, relative to the one that was asked for.

        Relative, so that it holds under whatever path a proxy shows the service.
        """
        scope = request.scope
        # Not yet decoded: a part may hold a slash.
        asked: bytes = scope.get("raw_path") or scope["path"].encode()
        asked = asked.removeprefix(scope.get("root_path", "").encode())
        up = "../" * (asked.count(b"/") - 1)
        return f"{up}admin" + (f"/{path}" if path and path[0] != "?" else path)

    def see(self, request: Request, path: str = "") -> RedirectResponse:
        """Send the browser on, after a form, to `path` below /admin."""
        return RedirectResponse(self.to(request, path), 303)

    def why(self, request: Request, trouble: Trouble | None) -> str:
        """Return what kept work from being done, for an owner; the log has the rest."""
        return WORDS[trouble or "other"][self.language(request)]

    def render(
        self, request: Request, template: str, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """Return the page that `templates/{template}.html.j2` makes of `values`.

        Templates know besides: `text`, the words of `texts/{template}.toml`; `language`; `to(path)`
        for links; `csrf_field` for every form; `owner`, None at the door; `title` of the bot;
        `unpublished`, the number of entries that were edited and do not serve yet; `why(trouble)`,
        what kept a job from its end. After `see(request, "PATH?done=NAME")` the text `done_NAME`
        stands on top, and so does `trouble`.
        """
        language = self.language(request)
        text = words(template, language)
        session: Session | None = getattr(request.state, "session", None)
        waiting = self._unpublished.count() if session and self._unpublished else 0
        page = self._templates.get_template(f"{template}.html.j2").render(
            **{
                "text": text,
                "language": language,
                "screens": SCREENS,
                "screen": template,
                "owner": session and session.owner,
                "unpublished": waiting,
                "csrf_field": _CSRF_FIELD.format(session.csrf) if session else "",
                "title": self.own.now.title,
                "to": lambda path="": self.to(request, path),
                "why": partial(self.why, request),
                "done": text.get(f"done_{request.query_params.get('done')}"),
                "trouble": None,
            }
            | values,
        )
        response = HTMLResponse(page, status)
        if request.query_params.get("lang") == language:
            response.set_cookie(
                _LANGUAGE_COOKIE, language, max_age=_YEAR, path=None, samesite="strict"
            )
        return response


def _time(moment: datetime) -> Markup:
    """Return a moment as people of this machine's time zone write it."""
    local = moment.astimezone()
    return Markup('<time datetime="{}">{}</time>').format(
        local.isoformat(timespec="seconds"), f"{local:%Y-%m-%d %H:%M}"
    )

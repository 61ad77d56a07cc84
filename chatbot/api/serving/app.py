"""The REST API: its parts put together."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import cache, partial
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from starlette.exceptions import HTTPException
from starlette.routing import Match

from mundap.chatbot.admin.desk.desk import Desk
from mundap.chatbot.admin.frame import add_admin
from mundap.chatbot.api.errors import ApiError
from mundap.chatbot.api.layers.guard import Guard, error_body
from mundap.chatbot.api.layers.newest import Newest
from mundap.chatbot.api.layers.page import PageAtRoot
from mundap.chatbot.api.metrics import Metrics
from mundap.chatbot.api.pool import Pool
from mundap.chatbot.api.routes.admin import admin_router
from mundap.chatbot.api.routes.ask import Asking, ask_router
from mundap.chatbot.api.routes.docs import docs_router
from mundap.chatbot.api.routes.elsewhere import elsewhere_router
from mundap.chatbot.api.routes.faqs import faqs_router
from mundap.chatbot.api.routes.feedback import feedback_router
from mundap.chatbot.api.routes.health import health_router
from mundap.chatbot.api.routes.openapi import ERRORS, describe, errors
from mundap.chatbot.api.routes.page_files import page_files_router
from mundap.chatbot.api.routes.similarity import similarity_router
from mundap.chatbot.api.routes.widget import widget_router
from mundap.chatbot.api.settings import ApiSettings
from mundap.chatbot.counters import Counters
from mundap.chatbot.home.service import Service
from mundap.chatbot.live_bundle import LiveBundle
from mundap.chatbot.own_settings import OwnSettings
from mundap.chatbot.page.chat_page import ChatPage
from mundap.chatbot.settings import ChatSettings
from mundap.chatbot.shared_counters import SharedCounters
from mundap.index.engines.engine import EngineAwayError, EngineError

_CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}
_METHODS = ("GET", "POST")
# What is asked of a server that does not answer; it is tried again every second.
_AWAY_SECONDS = "2"
# As many problems of one request as a person reads.
_PROBLEMS = 3


def build_api(
    service: Service,
    settings: ApiSettings,
    *,
    page: ChatPage | None = None,
    shared: Path | None = None,
) -> FastAPI:
    """Return the API of a service; `page` answers every path that is not the API's.

    `shared` is the file of several processes that serve it. What one of them would have to know of
    another beside that is not there: the owner's page, and what the administrator's token is for.
    """
    chat, live, bot = service.chat, service.live, service.bot
    metrics = Metrics(live, service.exchanges)
    pool = Pool(settings.threads, settings.answer_timeout)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.callback(service.close)
            stack.callback(pool.close)
            stack.callback(service.jobs.close)
            if page is not None:
                stack.callback(page.files.close)
                inner = page.application
                await stack.enter_async_context(inner.router.lifespan_context(inner))
            # Another process, here or on another machine, may choose settings.
            if shared is not None or (service.database and not service.database.is_sqlite):
                following = asyncio.create_task(own.follow())
                stack.callback(following.cancel)
            # The first reply loads the morpheme analyser; no visitor should wait for that.
            with suppress(EngineAwayError):  # each request says so, until it is back
                bot.reply(chat.title)
            yield

    app = FastAPI(
        title=chat.title,
        version=version("mundap"),
        description="Answers from a list of questions and answers.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.openapi_version = "3.1.0"
    asking = Asking(bot, chat, pool, metrics, service.exchanges)
    app.include_router(ask_router(asking), responses=ERRORS)
    thumbs = feedback_router(service.exchanges)
    app.include_router(thumbs, responses={**ERRORS, **errors(404)})
    app.include_router(faqs_router(live, bot, chat), responses={**ERRORS, **errors(404)})
    length = chat.max_query_length
    sentences = similarity_router(service.similarity, service.rankings, settings, pool, length)
    app.include_router(sentences, responses={**ERRORS, **errors(415)})
    if settings.admin_token is not None and shared is None:
        refusals = {**ERRORS, **errors(403, 404, 409)}
        app.include_router(admin_router(service), responses=refusals)
    app.include_router(health_router(live, bot, metrics), responses=ERRORS)
    own = OwnSettings(chat, service.database, live, bot, page.dress if page else _undressed)
    own.load()
    desk = Desk.of(service, own)
    if shared is None:
        add_admin(app, desk)
    else:
        app.include_router(elsewhere_router())
    if page is not None:
        app.include_router(page_files_router(page.files, settings))
        app.include_router(widget_router(bot, settings))
    _add_docs(app, settings)
    counters = Counters if shared is None else partial(SharedCounters, shared)
    _add_layers(app, settings, live, metrics, page, desk, counters)
    return app


def _undressed(settings: ChatSettings) -> None:
    """Do nothing, as there is no page."""


def _add_docs(app: FastAPI, settings: ApiSettings) -> None:
    # Made when somebody first asks for it: it takes a tenth of a second of every start.
    description = cache(partial(describe, app, settings))
    app.openapi = description  # type: ignore[method-assign]
    app.include_router(docs_router(app.title))


def _add_layers(
    app: FastAPI,
    settings: ApiSettings,
    live: LiveBundle,
    metrics: Metrics,
    page: ChatPage | None,
    desk: Desk,
    counters: Callable[[], Counters],
) -> None:
    """Wrap the routes, from the inside out, and give every error its shape."""
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(EngineError, _not_searched)
    if page is not None:
        seen = page.application
        app.add_middleware(PageAtRoot, page=seen, calls=page.calls, is_owner=desk.is_owner)
    app.add_middleware(Newest, live=live)
    app.add_middleware(Guard, settings=settings, metrics=metrics, counters=counters)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type"],
            expose_headers=["X-Request-ID", "Retry-After"],
        )


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = error.status_code
    if isinstance(error, ApiError):
        code, message = error.code, error.message
    else:
        code, message = _CODES.get(status, f"http_{status}"), HTTPStatus(status).phrase
    headers = dict(error.headers or {})
    if status == 405:
        headers["Allow"] = _allowed(request)
    return _error(request, status, code, message, headers)


def _allowed(request: Request) -> str:
    """Return the methods of every route at this path; a route alone knows its own."""
    routes, scopes = request.app.routes, [{**request.scope, "method": name} for name in _METHODS]
    allowed = [s["method"] for s in scopes if any(r.matches(s)[0] is Match.FULL for r in routes)]
    return ", ".join(allowed)


def _invalid(request: Request, error: Exception) -> Response:
    """Say what is wrong and where, but repeat no value: it may be personal."""
    assert isinstance(error, RequestValidationError)
    problems = [
        f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors()
    ]
    message = "; ".join(problems[:_PROBLEMS])
    return _error(request, 422, "invalid", message, {})


def _not_searched(request: Request, error: Exception) -> Response:
    """Say that it will be better later, and nothing of servers and collections."""
    message = "The questions cannot be searched right now; the log has the reason."
    return _error(request, 503, "not_searched", message, {"Retry-After": _AWAY_SECONDS})


def _error(
    request: Request, status: int, code: str, message: str, headers: dict[str, str]
) -> Response:
    body = error_body(code, message, request.state.request_id)
    return Response(body, status, headers, media_type="application/json")

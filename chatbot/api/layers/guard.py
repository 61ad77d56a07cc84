"""What every request passes on its way in, and every response on its way out."""

import asyncio
import json
import logging
import secrets
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from typing import Any

from mundap.chatbot.admin.frame import is_admin
from mundap.chatbot.api.errors import ApiError
from mundap.chatbot.api.layers.access import Access, Caller
from mundap.chatbot.api.layers.body import BodyGate, Message, Receive
from mundap.chatbot.api.layers.hosts import Hosts, require_own_page
from mundap.chatbot.api.layers.rate import RateLimit
from mundap.chatbot.api.lines import CLIENT
from mundap.chatbot.api.log import FIELDS
from mundap.chatbot.api.metrics import PAGE, Metrics
from mundap.chatbot.api.settings import ApiSettings
from mundap.chatbot.counters import Counters
from mundap.chatbot.places import NoPlaceError, Places

Scope = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

_LOG = logging.getLogger("mundap.api")

# A load balancer asks these every second, and must get its answer when all else is busy.
HEALTH = frozenset({"/healthz", "/readyz"})
# The one thing that other sites take from here.
WIDGET = "/widget.js"
_OWN = frozenset({*HEALTH, WIDGET, "/metrics", "/docs", "/openapi.json"})
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_READING = frozenset({"GET", "HEAD"})
# A client that has no more than one in so many of the places is not turned away for others.
_SHARE = 20
UPLOADS = frozenset({"/v1/sts/rank", "/gradio_api/upload"})
# Files on their way at once, of all clients and of one: each may lie on the disk meanwhile.
_UPLOADS, _UPLOADS_EACH = 16, 4
# A page is some eighty files, so that they count for a tenth.
_FILES = 10
# Of what gradio's page asks for, the paths that we answer ourselves.
_OF_THE_PAGE = ("/gradio_api/upload", "/gradio_api/file=")

_ALWAYS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
# Nothing in a response of the API is to be run, framed or kept; `docs.py` has a policy of its own.
_API = [
    *_ALWAYS,
    (b"x-frame-options", b"DENY"),
    (
        b"content-security-policy",
        b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"cache-control", b"no-store"),
]

# The owner's page runs what it brings along itself. A form says whence it comes, which a browser
# leaves out where nothing of an address may be told.
_ADMIN = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (
        b"content-security-policy",
        b"default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        b"form-action 'self'; frame-ancestors 'none'",
    ),
    (b"cache-control", b"no-store"),
]


def _of_the_page(framed_by: Sequence[str]) -> Headers:
    # The page needs its scripts, and its own way with caches.
    ancestors = " ".join(("'self'", *framed_by))
    policy = f"frame-ancestors {ancestors}; object-src 'none'; base-uri 'self'"
    # The older header knows no list.
    only_here = [] if framed_by else [(b"x-frame-options", b"SAMEORIGIN")]
    return [*_ALWAYS, *only_here, (b"content-security-policy", policy.encode("ascii"))]


def is_api(path: str) -> bool:
    """Whether we answer a path ourselves; every other one is gradio's."""
    return path in _OWN or is_admin(path) or path.startswith(("/v1/", "/docs/", *_OF_THE_PAGE))


class Guard:
    """An ASGI layer: request id, limits, tokens, security headers, metrics and one log line."""

    def __init__(
        self,
        app: Asgi,
        *,
        settings: ApiSettings,
        metrics: Metrics,
        counters: Callable[[], Counters] = Counters,
    ) -> None:
        self._app = app
        self._settings = settings
        self._metrics = metrics
        self._access = Access(settings)
        self._hosts = Hosts(settings.host, settings.allowed_hosts)
        self._rate = RateLimit(settings.rate_limit, counters=counters())
        self._file_rate = RateLimit(settings.rate_limit, _FILES, counters())
        self._page_headers = _of_the_page(settings.embed_origins)
        self._uploads = Places(_UPLOADS, _UPLOADS_EACH)
        # Requests at work by client.
        self._at_work: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, request_id = time.perf_counter(), secrets.token_hex(8)
        state = scope.setdefault("state", {})
        state["request_id"], state["log"] = request_id, {}
        added = self._headers_of(scope["path"])
        gate = self._gate(scope["path"], receive)
        status = 0

        async def respond(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _with(message["headers"], added, request_id)
            elif gate.refused and not message.get("more_body", False):
                await send({**message, "more_body": True})
                await gate.linger()
                message = {"type": "http.response.body"}
            await send(message)

        caller = self._access.caller(scope["headers"], (scope["client"] or ("local", 0))[0])
        state["caller"] = caller
        CLIENT.set(caller.name)
        # A page fetches its files and then holds a request for as long as it is open.
        working = int(is_api(scope["path"]) or scope["method"] not in _READING)
        self._at_work[caller.name] += working
        try:
            self._let_in(scope, caller, gate)
            with self._place_of(scope, caller):
                await self._app(scope, gate.read, respond)
        except ApiError as error:
            await send_error(error, request_id, respond)
        except asyncio.CancelledError:
            # The server ends and has waited long enough. Half a response is broken off.
            if not status:
                await send_error(_ending(), request_id, respond)
        except Exception:
            _LOG.exception("failed", extra={FIELDS: {"request_id": request_id}})
            if status:  # half a response cannot be taken back, only broken off
                raise
            await send_error(internal_error(), request_id, respond)
        finally:
            self._leave(caller, working)
            self._note(scope, caller, status, time.perf_counter() - started)

    def _headers_of(self, path: str) -> Headers:
        if is_admin(path):
            return _ADMIN
        return _API if is_api(path) else self._page_headers

    def _gate(self, path: str, receive: Receive) -> BodyGate:
        settings = self._settings
        limit = settings.max_upload_bytes if path in UPLOADS else settings.max_body_bytes
        return BodyGate(receive, limit, settings.body_timeout)

    def _let_in(self, scope: Scope, caller: Caller, gate: BodyGate) -> None:
        """Raise ApiError where a request may not pass."""
        path = scope["path"]
        if path in HEALTH:
            return
        if self._is_busy(caller):
            message = "Too many requests at once; try again in a second."
            raise ApiError(503, "busy", message, {"Retry-After": "1"})
        is_file = not is_api(path) and scope["method"] in _READING
        (self._file_rate if is_file else self._rate).count(caller.name)
        self._hosts.require(scope["headers"])
        if not path.startswith("/v1/"):  # there the setting cors_origins decides
            embedding = self._settings.embed_origins if path == WIDGET else ()
            require_own_page(scope["headers"], embedding)
        self._access.require(caller, path)
        gate.check(scope["headers"])

    @contextmanager
    def _place_of(self, scope: Scope, caller: Caller) -> Iterator[None]:
        """Hold a place for an upload; raises ApiError 503."""
        if scope["path"] not in UPLOADS:
            yield
            return
        try:
            self._uploads.take(caller.name)
        except NoPlaceError:
            message = "Too many files are on their way; try again in a second."
            raise ApiError(503, "busy", message, {"Retry-After": "1"}) from None
        try:
            yield
        finally:
            self._uploads.leave(caller.name)

    def _is_busy(self, caller: Caller) -> bool:
        """Whether too much is at work; who has little of it is let in until it is twice as much."""
        most, at_work = self._settings.max_concurrent, self._at_work.total()
        is_greedy = self._at_work[caller.name] > max(1, most // _SHARE)
        return at_work > most and (is_greedy or at_work > 2 * most)

    def _leave(self, caller: Caller, working: int) -> None:
        self._at_work[caller.name] -= working
        if not self._at_work[caller.name]:
            del self._at_work[caller.name]

    def _note(self, scope: Scope, caller: Caller, status: int, seconds: float) -> None:
        route = _route(scope)
        # A method is the client's to invent, and each new label would stay in memory.
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.count_request(route, method, status, seconds)
        if self._settings.log_requests:
            fields = {
                "request_id": scope["state"]["request_id"],
                "client": caller.name,
                "method": scope["method"],
                "path": scope["path"],
                "status": status,
                "ms": round(1000 * seconds, 2),
                **scope["state"]["log"],
            }
            _LOG.info("request", extra={FIELDS: fields})


def _ending() -> ApiError:
    message = "The server ends, and this would have taken too long; try again in a minute."
    return ApiError(503, "ending", message, {"Retry-After": "60"})


def internal_error() -> ApiError:
    """Return what a client is told when something of ours has failed: nothing."""
    return ApiError(500, "internal", "Something failed here; the log has the reason.")


def error_body(code: str, message: str, request_id: str) -> bytes:
    """Return the JSON of an error; ASCII, as a message may repeat what has no UTF-8."""
    return json.dumps(
        {"error": {"code": code, "message": message, "request_id": request_id}}
    ).encode()


async def send_error(error: ApiError, request_id: str, send: Send) -> None:
    """Send an error as a whole response."""
    body = error_body(error.code, error.message, request_id)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        *((name.lower().encode(), value.encode()) for name, value in (error.headers or {}).items()),
    ]
    await send({"type": "http.response.start", "status": error.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _with(headers: Any, added: Headers, request_id: str) -> Headers:
    held = list(headers)
    names = {name for name, _ in held}
    missing = [header for header in added if header[0] not in names]
    return [*held, *missing, (b"x-request-id", request_id.encode())]


def _route(scope: Scope) -> str:
    """Return the path as it was declared: one label for all entries, not one for each."""
    if not is_api(scope["path"]):
        return PAGE
    return getattr(scope.get("route"), "path", "unknown")

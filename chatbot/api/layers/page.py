"""Lets the chat page live beside the API: what is not the API's is the page's."""

from collections.abc import Awaitable, Callable

from mundap.chatbot.api.errors import ApiError
from mundap.chatbot.api.layers.body import Message, Receive
from mundap.chatbot.api.layers.guard import Asgi, Scope, Send, is_api
from mundap.chatbot.api.layers.page_routes import PageRoute, routes_at
from mundap.chatbot.page.calls import CallError, Calls

# What gradio is told of a request. Not among them: where it came from and its cookies, which it
# would answer, and addresses that proxies claim; the server has read those it trusts.
_PASSED = (
    *(b"host", b"content-type", b"user-agent", b"accept", b"accept-encoding", b"accept-language"),
    *(b"if-none-match", b"if-modified-since", b"range"),
)


class PageAtRoot:
    """An ASGI layer that sends what the page needs to the page, and what is the API's past it.

    A mount at / would also take the API's wrong methods and unknown paths, and gradio has routes
    that read files, fetch addresses and keep what was said.
    """

    def __init__(
        self,
        app: Asgi,
        *,
        page: Asgi,
        calls: Calls,
        is_owner: Callable[[Scope], Awaitable[bool]],
    ) -> None:
        self._app = app
        self._page = page
        self._calls = calls
        # Asked of the request as it came: gradio is not to know of cookies.
        self._is_owner = is_owner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http" or is_api(scope["path"]):
            await self._app(scope, receive, send)
            return
        route = _route(scope)
        asked = scope
        passed = [header for header in scope["headers"] if header[0] in _PASSED]
        scope = {**scope, "query_string": b"", "headers": passed}
        if route.kind == "event":
            scope["state"]["is_owner"] = await self._is_owner(asked)
            receive = await self._clean(scope, receive)
        await self._page(scope, receive, send)

    async def _clean(self, scope: Scope, receive: Receive) -> Receive:
        """Read the body of a call, and return a `receive` that hands on what is left of it."""
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return receive
            body += message.get("body", b"")
            more = message.get("more_body", False)
        try:
            cleaned = self._calls.clean(bytes(body))
        except CallError as error:
            raise ApiError(422, "invalid", str(error)) from None
        length = (b"content-length", str(len(cleaned)).encode())
        scope["headers"] += [length]
        return _first({"type": "http.request", "body": cleaned, "more_body": False}, receive)


def _route(scope: Scope) -> PageRoute:
    found = routes_at(scope["path"])
    for route in found:
        if scope["method"] in route.methods:
            return route
    if found:
        allowed = ", ".join(method for route in found for method in route.methods)
        raise ApiError(405, "method_not_allowed", "Method Not Allowed", {"Allow": allowed})
    raise ApiError(404, "not_found", "Not Found")


def _first(message: Message, receive: Receive) -> Receive:
    """Return a `receive` that gives `message` before what `receive` gives."""
    waiting = [message]

    async def read() -> Message:
        return waiting.pop() if waiting else await receive()

    return read

"""Lets nobody who asks after a promotion be answered by the generation before it."""

from mundap.chatbot.api.layers.body import Receive
from mundap.chatbot.api.layers.guard import Asgi, Scope, Send
from mundap.chatbot.live_bundle import LiveBundle

# Whether the process is alive and ready does not hang on what it is about to load.
_AT_ONCE = ("/healthz", "/readyz")


class Newest:
    """An ASGI layer that has the newest generation loaded before a request is worked on.

    The event loop goes on meanwhile; what it searches with is then in memory.
    """

    def __init__(self, app: Asgi, *, live: LiveBundle) -> None:
        self._app = app
        self._live = live

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] == "http":
            if scope["path"] in _AT_ONCE:
                self._live.get()  # what it begins, the next visitor need not wait for
            else:
                await self._live.newest()
        await self._app(scope, receive, send)

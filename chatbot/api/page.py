"""Lets the chat page live beside the API: what is not the API's is the page's."""

import asyncio

from mundap.chatbot.api.body import Message, Receive
from mundap.chatbot.api.guard import Asgi, Scope, Send, is_api


class PageAtRoot:
    """An ASGI layer that sends every path which is not the API's to the page.

    A mount at / would also take the API's wrong methods and unknown paths.
    """

    def __init__(self, app: Asgi, *, page: Asgi) -> None:
        self._app = app
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] == "http" and not is_api(scope["path"]):
            stopping: asyncio.Event = scope["app"].state.stopping
            # An open page holds a request for as long as it is open.
            await self._page(scope, _until(stopping, receive), send)
        else:
            await self._app(scope, receive, send)


def _until(stopping: asyncio.Event, receive: Receive) -> Receive:
    """Return a `receive` to which the client is gone once the server is to end."""

    async def read() -> Message:
        received = asyncio.ensure_future(receive())
        stopped = asyncio.ensure_future(stopping.wait())
        try:
            await asyncio.wait({received, stopped}, return_when=asyncio.FIRST_COMPLETED)
            return received.result() if received.done() else {"type": "http.disconnect"}
        finally:
            received.cancel()
            stopped.cancel()

    return read

"""Reads a request body no larger and no slower than allowed."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from mundap.chatbot.api.errors import ApiError

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

# The rest of the body is not wanted, so the connection cannot go on.
_CLOSE = {"Connection": "close"}
# A client that is cut off while it sends never reads why. So what it still sends is thrown
# away, but no more than this, for no longer, and only while something comes.
_LINGER_BYTES = 64 * 1024 * 1024
_LINGER_SECONDS = 5.0
_LINGER_PAUSE = 0.5


class BodyGate:
    """Hands a body on as it arrives; raises ApiError 413 or 408 beyond `limit` or `seconds`.

    Counts what arrives: Content-Length may be missing or wrong.
    """

    def __init__(self, receive: Receive, limit: int, seconds: float) -> None:
        self._receive = receive
        self._limit = limit
        self._seconds = seconds
        self._deadline = asyncio.get_running_loop().time() + seconds
        self._size = 0
        self._complete = False
        self.refused = False

    async def read(self) -> Message:
        """Return the next ASGI message."""
        if self._complete:  # what comes now is the end of the connection
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            late = f"The body did not arrive within {self._seconds:g} s."
            raise ApiError(408, "body_too_slow", late, _CLOSE) from None
        self._size += len(message.get("body", b""))
        if self._size > self._limit:
            raise self._too_large()
        self._complete = not message.get("more_body", False)
        return message

    def check(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Raise ApiError 413 where the headers announce a body that would be too large."""
        announced = next((value for name, value in headers if name == b"content-length"), b"0")
        if announced.isdigit() and int(announced[:20]) > self._limit:
            raise self._too_large()

    async def linger(self) -> None:
        """Throw away what still comes of a body that was refused, within bounds."""
        received, more = 0, True
        try:
            async with asyncio.timeout(_LINGER_SECONDS):
                while more and received < _LINGER_BYTES:
                    message = await asyncio.wait_for(self._receive(), _LINGER_PAUSE)
                    received += len(message.get("body", b""))
                    more = message.get("more_body", False)
        except TimeoutError:
            return

    def _too_large(self) -> ApiError:
        self.refused = True
        return ApiError(413, "body_too_large", f"A body may have {self._limit} bytes here.", _CLOSE)

"""A connection that limits what the head of a request may cost: its time, its size, its number."""

import asyncio
import secrets
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from mundap.chatbot.api.errors import ApiError
from mundap.chatbot.api.layers.guard import error_body

# Seconds for request line and headers. The body has a time of its own, and so has the pause
# between two requests; uvicorn limits that one only.
HEAD_SECONDS = 10.0
# Bytes of request line and headers, or of anything else that is neither body nor complete: the
# parser has no limit and would gather an endless header.
HEAD_BYTES = 65_536
# Connections of one address at once, unless a trusted proxy has it: a process may hold a thousand
# or so, and idle ones are cheap for who opens them.
PER_ADDRESS = 256
# Requests that wait behind the one that is answered; each is kept in memory.
PIPELINED = 32


class Connection(HttpToolsProtocol):
    """Closes where a client dawdles with a head (a "slowloris") or sends too much of it."""

    _due: asyncio.TimerHandle | None = None
    # Whether a head has begun and not ended.
    _in_head = False
    # Bytes of the request line and the headers of the request that is read.
    _head_size = 0
    # Bytes since the parser last reported something: those that it gathers.
    _gathered = 0
    _refusal: ApiError | None = None

    def connection_made(self, transport: Any) -> None:
        """Start waiting for the first head."""
        super().connection_made(transport)
        if self._has_too_many():
            transport.abort()
        else:
            self._wait()

    def data_received(self, data: bytes) -> None:
        """Go on waiting while the head is incomplete."""
        self._gathered += len(data)
        super().data_received(data)
        if self._gathered > HEAD_BYTES:
            self._refusal = _too_large()
            self.send_400_response("")
        # Bytes while nothing is to be answered may be blank lines, or the body of what was
        # answered before it was read. Neither may go on for ever.
        if self._in_head or not self._is_answering():
            self._wait()
        else:
            self._stop()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Refuse and close, in the form of every other error."""
        if self.transport.is_closing():
            return
        # A client would take it for the answer to what is being answered.
        if not self._is_answering():
            error = self._refusal or ApiError(400, "not_http", "This is no request of HTTP/1.1.")
            request_id = secrets.token_hex(8)
            body = error_body(error.code, error.message, request_id)
            head = (
                STATUS_LINE[error.status_code],
                b"content-type: application/json\r\nx-content-type-options: nosniff\r\n",
                b"x-request-id: %b\r\ncontent-length: %d\r\n" % (request_id.encode(), len(body)),
                b"connection: close\r\n\r\n",
            )
            self.transport.write(b"".join((*head, body)))
        self.transport.close()

    def on_message_begin(self) -> None:
        """Begin a head."""
        super().on_message_begin()
        self._in_head, self._head_size, self._gathered = True, 0, 0

    def on_url(self, url: bytes) -> None:
        """Count the target, or a part of it."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header; one after the body counts as one before it."""
        self._count(len(name) + len(value) + len(b": \r\n"))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """End the head."""
        self._in_head, self._gathered = False, 0
        if len(self.pipeline) >= PIPELINED:
            # The parser stops at any exception, and the connection is closed.
            raise BufferError(f"{PIPELINED} requests wait already")
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._gathered = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End the request."""
        self._gathered = 0
        super().on_message_complete()

    def _count(self, size: int) -> None:
        self._gathered = 0
        self._head_size += size
        if self._head_size > HEAD_BYTES:
            self._refusal = _too_large()
            raise self._refusal

    def _has_too_many(self) -> bool:
        address = self.client[0] if self.client else None
        if address is None or address in (self.config.forwarded_allow_ips or ()):
            return False
        others = (one.client for one in self.connections if isinstance(one, Connection))
        return sum(client is not None and client[0] == address for client in others) > PER_ADDRESS

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _wait(self) -> None:
        if self._due is None:
            self._due = self.loop.call_later(HEAD_SECONDS, self._close)

    def _stop(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _close(self) -> None:
        self._due = None
        if self._is_answering():
            self.cycle.keep_alive = False  # closes behind the answer
        else:
            self.transport.close()


def _too_large() -> ApiError:
    message = f"Request line and headers have more than {HEAD_BYTES:,} bytes; send fewer."
    return ApiError(431, "head_too_large", message)

"""The one store of what was asked over page and API, and of the thumbs on it."""

import logging
import threading
import time
from dataclasses import replace
from pathlib import Path

from mundap.feedback.exchange import Exchange, Thumb
from mundap.feedback.log import append, line_of
from mundap.feedback.masking import mask
from mundap.feedback.recent import Recent

_LOG = logging.getLogger(__name__)
# What one client may add to the file in a day: some thousand thumbs.
CLIENT_BYTES = 4 * 1024 * 1024
_DAY = 24 * 60 * 60


class UnknownExchangeError(LookupError):
    """No exchange of that id is remembered."""


class NotKeptError(Exception):
    """A thumb was not kept; the message says why, without a path."""


class Exchanges:
    """Remembers exchanges in memory and writes thumbs on them to a file.

    Texts of visitors are kept masked where `keeps_texts` is on, and not at all where it is off.
    """

    def __init__(self, path: Path, *, keeps_texts: bool, max_bytes: int) -> None:
        self.keeps_texts = keeps_texts
        self._path = path
        self._max_bytes = max_bytes
        self._recent = Recent()
        self._shares = _Shares(CLIENT_BYTES)

    def text(self, text: str) -> str:
        """Return what may be kept of a text that a visitor typed."""
        return mask(text) if self.keeps_texts else ""

    def add(self, exchange: Exchange) -> None:
        """Remember an exchange, with what may be kept of its texts."""
        category = None if exchange.category is None else mask(exchange.category)
        query, reading = self.text(exchange.query), self.text(exchange.reading)
        self._recent.add(replace(exchange, query=query, reading=reading, category=category))

    def rate(self, thumb: Thumb, client: str) -> None:
        """Keep what `client` thinks of an exchange; the same again is kept already.

        Of several thumbs of one client on one exchange the last one counts. Raises
        UnknownExchangeError, and NotKeptError where a bound is reached or the file fails.
        """
        said = (thumb.value, thumb.reason, thumb.comment)
        try:
            exchange = self._recent.get(thumb.request_id)
            before = self._recent.change(thumb.request_id, client, said)
        except LookupError:
            raise UnknownExchangeError(thumb.request_id) from None
        except OverflowError:
            raise NotKeptError("Minds were changed about this reply too often.") from None
        if before == hash(said):
            return
        try:
            self._write(line_of(exchange, _masked(thumb)), client)
        except NotKeptError:
            self._recent.undo(thumb.request_id, client, before)
            raise

    def _write(self, line: bytes, client: str) -> None:
        if not self._shares.take(client, len(line)):
            raise NotKeptError("This client has given too much feedback today.")
        try:
            append(self._path, line, self._max_bytes)
        except OSError as error:
            _LOG.error("%s: feedback not kept (%s).", self._path, error)
            raise NotKeptError("It could not be written; the log has the reason.") from None


class _Shares:
    """How many bytes each client may still write today; any thread may ask."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._taken: dict[str, int] = {}
        self._begun = time.monotonic()
        self._lock = threading.Lock()

    def take(self, client: str, size: int) -> bool:
        """Take `size` bytes of a client's share, or nothing where that is more than is left."""
        with self._lock:
            if time.monotonic() > self._begun + _DAY:
                self._taken.clear()
                self._begun = time.monotonic()
            taken = self._taken.get(client, 0) + size
            if taken > self._size:
                return False
            self._taken[client] = taken
            return True


def _masked(thumb: Thumb) -> Thumb:
    reason = None if thumb.reason is None else mask(thumb.reason)
    comment = None if thumb.comment is None else mask(thumb.comment)
    return replace(thumb, reason=reason, comment=comment)

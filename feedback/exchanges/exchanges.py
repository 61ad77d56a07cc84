"""What page and API say of what happened: it is remembered for a while, and recorded."""

import threading
import time
from contextlib import suppress
from pathlib import Path

from mundap.feedback.exchanges.exchange import Exchange, Reaction
from mundap.feedback.exchanges.recent import Recent, digest
from mundap.feedback.exchanges.retention import Retention
from mundap.feedback.exchanges.shared_recent import SharedRecent
from mundap.feedback.exchanges.writer import Writer
from mundap.feedback.store.database import Database
from mundap.index.shared_file import SharedFileError

# What one client may add in a day with reactions: some thousand comments.
CLIENT_BYTES = 4 * 1024 * 1024
_DAY = 24 * 60 * 60
# Of a reaction in the store, without its texts.
_ROW_BYTES = 200


class UnknownExchangeError(LookupError):
    """No exchange of that id is remembered."""


class NotOfferedError(ValueError):
    """An entry was chosen that the reply did not offer."""


class NotKeptError(Exception):
    """A reaction was not kept; the message says why, without a path."""


class Exchanges:
    """Records exchanges and reactions in the store, masked, and never keeps a reply waiting.

    Without `records` nothing is written; without a store, everything is dropped and counted.
    """

    def __init__(
        self,
        database: Database | None,
        *,
        records: bool = True,
        retention: Retention | None = None,
        shared: Path | None = None,
    ) -> None:
        """`shared` is a file by which the processes of a server know each other's exchanges."""
        self._records = records
        self._recent = Recent() if shared is None else SharedRecent(shared)
        self._shares = _Shares(CLIENT_BYTES)
        self._without_store = 0
        self._writer = None
        if database is not None:
            tidy = (retention or Retention()).within(database)
            self._writer = Writer(database, tidy, is_alone=shared is None)

    @property
    def recorded(self) -> int:
        """How many exchanges and reactions the store has taken."""
        return 0 if self._writer is None else self._writer.recorded

    @property
    def is_recording(self) -> bool:
        """Whether the store took what was given to it last, or would."""
        return self._writer is not None and self._writer.is_writing

    @property
    def dropped(self) -> int:
        """How many were to be recorded and were not."""
        return self._without_store + (0 if self._writer is None else self._writer.dropped)

    def add(self, exchange: Exchange) -> None:
        """Record an exchange; reactions to it are taken from now on."""
        if self._records:
            # Without room for it there is an answer, and no thumb for it.
            with suppress(SharedFileError):
                self._recent.add(exchange.request_id, exchange.candidates)
            self._take(exchange)

    def react(self, reaction: Reaction, client: str) -> None:
        """Record what `client` did with a reply; the same again is kept already.

        Of several thumbs of one client on one exchange the last one counts. Raises
        UnknownExchangeError, NotOfferedError, and NotKeptError where a bound is reached or nothing
        is recorded.
        """
        if not self._records:
            raise NotKeptError("Recording is switched off.")
        said = (reaction.value, reaction.entry_id, reaction.reason, reaction.comment)
        try:
            offered = self._recent.candidates(reaction.request_id)
            if reaction.value == "chosen" and reaction.entry_id not in offered:
                raise NotOfferedError(reaction.entry_id)
            before = self._recent.change(reaction.request_id, client, said)
        except (LookupError, SharedFileError):
            raise UnknownExchangeError(reaction.request_id) from None
        except OverflowError:
            raise NotKeptError("Minds were changed about this reply too often.") from None
        if before == digest(said):
            return
        try:
            self._keep(reaction, client)
        except NotKeptError:
            with suppress(SharedFileError):
                self._recent.undo(reaction.request_id, client, before)
            raise

    def close(self) -> None:
        """Write what is not written yet; nothing is taken from now on."""
        if self._writer is not None:
            self._writer.close()

    def _keep(self, reaction: Reaction, client: str) -> None:
        if not self._shares.take(client, _size(reaction)):
            raise NotKeptError("This client has given too much feedback today.")
        # What waits for a store that is away may never be written, and nobody is to think it was.
        if not (self.is_recording and self._take(reaction)):
            raise NotKeptError("It could not be written; the log has the reason.")

    def _take(self, record: Exchange | Reaction) -> bool:
        if self._writer is None:
            self._without_store += 1
            return False
        return self._writer.add(record)


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


def _size(reaction: Reaction) -> int:
    texts = (reaction.reason, reaction.comment)
    return _ROW_BYTES + sum(len(text.encode("utf-8", "replace")) for text in texts if text)

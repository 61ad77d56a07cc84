"""What happened goes to the store from one thread, in batches: nobody waits for the disk."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice

from sqlalchemy.exc import DataError, IntegrityError

from mundap.feedback.exchanges.exchange import Exchange, Reaction
from mundap.feedback.exchanges.kept_rows import keep
from mundap.feedback.store.database import Database, StoreError

_LOG = logging.getLogger("mundap.store")
# Half a minute of ten thousand exchanges a minute, and some 30 MB where all are of the longest.
QUEUED = 5_000
# Of one transaction, so that others can write between two.
_BATCH = 1_000
# Seconds that a batch is gathered; with its writing it is no second that `kill -9` can lose.
GATHERED = 0.5
# Seconds after a failure, doubled with each, up to the last.
_FIRST_PAUSE, _LAST_PAUSE = 1.0, 30.0
# Seconds between two lines of the log that say the same.
_SAID_EVERY = 60.0
# Seconds: for the next look at what is to be tidied up, and for the last batches at the end.
_IDLE, _PATIENCE = 60.0, 10.0

Record = Exchange | Reaction


class Writer:
    """A bounded queue and the thread that empties it into the store; any thread may add.

    A store that cannot be written is tried again until it can; what the queue has no room for
    meanwhile is dropped, counted and logged. `tidy` is called between two batches: it does a small
    part of what there is to tidy up, and says whether there is more.
    """

    def __init__(
        self,
        database: Database,
        tidy: Callable[[], bool] = lambda: False,
        *,
        is_alone: bool = True,
    ) -> None:
        """Other processes write, too, where it is not alone: a reaction waits for its exchange."""
        self.recorded = 0
        self.dropped = 0
        self._database = database
        self._tidy = tidy
        self._is_alone = is_alone
        self._is_tidy = False
        self._queue: deque[Record] = deque()
        # Guards the queue and the counters.
        self._changed = threading.Condition()
        self._is_closing = False
        self._failures = 0
        self._pause = _FIRST_PAUSE
        # Beginning of a sentence -> when it may be said again.
        self._next_line: dict[str, float] = {}
        self._thread = threading.Thread(target=self._run, name="mundap-store", daemon=True)
        self._thread.start()

    @property
    def is_writing(self) -> bool:
        """Whether the store can be used, as far as is known."""
        return not self._failures and self._database.refusal is None

    def add(self, record: Record) -> bool:
        """Put into the queue what happened; return whether there was room."""
        with self._changed:
            has_room = not self._is_closing and len(self._queue) < QUEUED
            if has_room:
                self._queue.append(record)
                if len(self._queue) in (1, _BATCH):
                    self._changed.notify_all()
            else:
                self.dropped += 1
        if not has_room:
            self._say("The queue for it is full: what comes now is dropped.")
        return has_room

    def close(self) -> None:
        """Write what is in the queue, as far as the store takes it, and end the thread."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        self._thread.join(_PATIENCE)

    def _run(self) -> None:
        while not (self._is_closing and (self._failures or not self._queue)):
            batch = self._gather()
            if batch:
                self._write(batch)
            if self.is_writing:
                self._is_tidy = not self._tidied()
        if self._queue:
            with self._changed:
                self.dropped += len(self._queue)
            _LOG.error("%s: %d records were lost.", self._database.name, len(self._queue))

    def _gather(self) -> list[Record]:
        """Wait for what there is to write and return it; it stays in the queue until written."""
        with self._changed:
            self._changed.wait_for(self._has_work, _IDLE if self._is_tidy else 0.0)
            if self._failures:
                self._changed.wait_for(lambda: self._is_closing, self._pause)
            elif self._queue:
                self._changed.wait_for(self._is_full, GATHERED)
            return list(islice(self._queue, _BATCH))

    def _has_work(self) -> bool:
        return bool(self._queue) or self._is_closing

    def _is_full(self) -> bool:
        return len(self._queue) >= _BATCH or self._is_closing

    def _write(self, batch: Sequence[Record]) -> None:
        """Write a batch and take it off the queue, or leave it there for the next time."""
        early: list[Reaction] = []
        try:
            written = self._written(batch, early)
        except StoreError as error:
            self._pause = min(2 * self._pause, _LAST_PAUSE) if self._failures else _FIRST_PAUSE
            self._failures += 1
            self._say("Nothing is recorded now.", f"{error}")
            return
        if self._failures:
            _LOG.warning("%s: recording again.", self._database.name)
        self._failures = 0
        with self._changed:
            self.recorded += written
            self.dropped += len(batch) - written - len(early)
            for _ in batch:
                self._queue.popleft()
            self._queue.extend(early)

    def _written(self, batch: Sequence[Record], early: list[Reaction]) -> int:
        """Write a batch, one by one where a record is refused; return how many were taken."""
        try:
            with self._database.writing() as connection:
                return keep(connection, batch, None if self._is_alone else early)
        except Exception as error:  # of the record's own, or the thread would end with it
            if isinstance(error, StoreError) and not _is_refusal(error):
                raise
            if len(batch) > 1:
                early.clear()
                return sum(self._written([record], early) for record in batch)
            _LOG.exception("%s: a record was refused.", self._database.name)
            return 0

    def _tidied(self) -> bool:
        """Tidy a part up; return whether there is more."""
        try:
            return self._tidy()
        except StoreError as error:
            self._say("Nothing could be tidied up.", f"{error}")
            return False

    def _say(self, sentence: str, reason: str = "") -> None:
        """Log a sentence with its reason, unless it was said just now."""
        now = time.monotonic()
        if now >= self._next_line.get(sentence, now):
            self._next_line[sentence] = now + _SAID_EVERY
            _LOG.error("%s: %s %s", self._database.name, sentence, reason)


def _is_refusal(error: StoreError) -> bool:
    """Whether it is what was to be written that the database does not take."""
    return isinstance(error.__cause__, DataError | IntegrityError)

"""Groups what is unanswered in a child process, which holds what the server should not."""

import asyncio
import logging
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from mundap.chatbot.home.child import Child
from mundap.chatbot.live_bundle import LiveBundle
from mundap.chatbot.settings import ChatSettings
from mundap.feedback.store.database import Database, StoreError
from mundap.feedback.unanswered.groups import Grouping, grouping, is_stale
from mundap.index.progress import Failure

_LOG = logging.getLogger("mundap.admin")
# While questions come in all the time, the child rests ten times as long as it worked, in seconds.
_REST, _LEAST_REST = 10.0, 10.0
# Who never looks finds new groups all the same; looked for in seconds.
_DAY = timedelta(days=1)
_HOUR = 60 * 60


class GroupingJob:
    """At most one child of this server at a time; any thread may ask."""

    def __init__(self, chat: ChatSettings, live: LiveBundle) -> None:
        self.failed = False
        self._chat = chat
        self._live = live
        self._child: Child | None = None
        self._follower: threading.Thread | None = None
        self._ended: float | None = None
        self._lock = threading.Lock()

    @property
    def is_running(self) -> bool:
        """Whether it groups just now."""
        return self._child is not None

    def start_if_due(self, database: Database) -> Grouping | None:
        """Start a child where there is something new to group, and return the last grouping."""
        generation = self._live.get().manifest.generation
        with database.reading() as connection:
            last = grouping(connection)
            stale = is_stale(connection, last, generation)
        if stale and self._has_rested(last):
            self._start()
        return last

    def close(self) -> None:
        """End a child that runs: the groups of before stay."""
        child, follower = self._child, self._follower
        if child is not None:
            child.end()
        if follower is not None:
            follower.join()

    async def daily(self, database: Database) -> None:
        """Start a child once a day, until it is cancelled."""
        while True:
            await asyncio.sleep(_HOUR)
            # A store that is away is back another hour.
            with suppress(StoreError):
                await asyncio.to_thread(self._start_if_old, database)

    def _start_if_old(self, database: Database) -> None:
        with database.reading() as connection:
            last = grouping(connection)
        if last is None or datetime.now(UTC) - last.time >= _DAY:
            self.start_if_due(database)

    def _has_rested(self, last: Grouping | None) -> bool:
        if self._ended is None:
            return True
        worked = 0.0 if last is None else last.seconds
        return time.monotonic() - self._ended >= max(_LEAST_REST, _REST * worked)

    def _start(self) -> None:
        with self._lock:
            if self._child is not None:
                return
            try:
                self._child = Child.start(self._arguments())
            except OSError as error:
                _LOG.error("unanswered questions cannot be grouped: %s", error)
                self.failed, self._ended = True, time.monotonic()
                return
            self._follower = threading.Thread(
                target=self._follow, args=(self._child,), name="mundap-grouping", daemon=True
            )
            self._follower.start()

    def _arguments(self) -> list[str]:
        chat = self._chat
        arguments = ["unanswered", "--top", "0", "--index", str(self._live.get().directory)]
        arguments += ["--home", str(chat.home), "--speed", chat.speed]
        return arguments if chat.faq is None else [*arguments, "--faq", str(chat.faq)]

    def _follow(self, child: Child) -> None:
        failed = False
        for event in child.events():
            if isinstance(event, Failure):
                failed = True
                _LOG.error("unanswered questions were not grouped: %s", event.message)
        with self._lock:
            self.failed, self._ended, self._child = failed, time.monotonic(), None

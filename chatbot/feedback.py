"""Thumbs up and down, kept for the owner to read."""

import errno
import json
import logging
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from filelock import FileLock

from mundap.index.search.confidence import ReplyKind

# "none": the visitor took an earlier thumb back.
FeedbackValue = Literal["up", "down", "none"]

_LOG = logging.getLogger(__name__)
# Seconds that one thumb may wait for others; a line is written in less than a millisecond.
_WAIT = 5.0


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a visitor thought of one reply, with what it takes to find out why."""

    value: FeedbackValue
    query: str
    kind: ReplyKind
    entry_id: str | None
    score: float | None
    confidence: float | None
    generation: int
    category: str | None


class FeedbackLog:
    """A file of JSON Lines that only grows; any number of threads and processes may append.

    Where a thumb cannot be kept, the reason goes to the program's log: the visitor did us a
    favour and is not to be troubled with it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, feedback: Feedback) -> None:
        """Write one line, the time in UTC first; a failure is logged, never raised."""
        record = {"time": datetime.now(UTC).isoformat(timespec="seconds"), **asdict(feedback)}
        # A lone surrogate, which a browser can send, has no UTF-8.
        line = (json.dumps(record, ensure_ascii=False) + "\n").encode("utf-8", "replace")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # The path's lock, not this object's: other processes write here too.
            with FileLock(f"{self._path}.lock", timeout=_WAIT):
                _append_whole(self._path, line)
        except OSError as error:
            _LOG.error("%s: feedback not kept (%s).", self._path, error)


def _append_whole(path: Path, line: bytes) -> None:
    """Append all of `line` or nothing; a full disk leaves no half line behind."""
    with path.open("ab", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        try:
            if file.write(line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            file.truncate(size)
            raise

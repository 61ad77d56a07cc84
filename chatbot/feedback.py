"""Thumbs up and down, kept for the owner to read."""

import json
import logging
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from filelock import FileLock

from index.confidence import ReplyKind

# "none": the visitor took an earlier thumb back.
FeedbackValue = Literal["up", "down", "none"]

_LOG = logging.getLogger(__name__)
# Seconds one thumb may wait for the others; a write takes less than a millisecond.
_WAIT = 5.0


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a visitor thought of one reply, with what it takes to find out why."""

    value: FeedbackValue
    query: str
    kind: ReplyKind
    entry_id: str | None
    score: float | None
    generation: int
    category: str | None


class FeedbackLog:
    """A file of JSON Lines that only grows; any number of threads and processes may append.

    Feedback is a gift: where it cannot be kept, the reason goes to the program's log and the
    visitor is not troubled.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, feedback: Feedback) -> None:
        """Write one line with the time in UTC; a failure is logged, never raised."""
        record = {"time": datetime.now(UTC).isoformat(timespec="seconds"), **asdict(feedback)}
        line = json.dumps(record, ensure_ascii=False) + "\n"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # A lock of its own for each line: the same object would let two threads in.
            with FileLock(f"{self._path}.lock", timeout=_WAIT):
                _append(self._path, line.encode("utf-8", "replace"))
        except OSError as error:
            _LOG.error("%s: feedback not kept (%s).", self._path, error)


def _append(path: Path, line: bytes) -> None:
    with path.open("ab", buffering=0) as file:
        size = file.tell()
        try:
            # A line that a crash or a full disk cut short must not swallow the next one.
            file.write(line if _ends_a_line(path, size) else b"\n" + line)
            os.fsync(file.fileno())
        except OSError:
            ...
            raise


def _ends_a_line(path: Path, size: int) -> bool:
    if size == 0:
        return True
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"

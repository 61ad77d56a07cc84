"""What a run that was killed goes on from: one file beside what it trains."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from mundap.improve.lessons import Lessons
from mundap.index.durable import replaced_file
from mundap.index.trouble import Trouble, trouble_of

_FILE, _LOCK = "run.json", ".lock"


class ImproveError(ValueError):
    """An improvement cannot run now; the message says why."""

    def __init__(self, message: str, trouble: Trouble) -> None:
        super().__init__(message)
        self.trouble: Trouble = trouble


@dataclass(frozen=True, slots=True)
class Notes:
    """Which run goes on: its number in the store, what it learns from, what it is compared with."""

    improvement_id: int
    baseline: int
    # How many queries are held back since.
    new: int
    # The deed that made the working copy just what the candidate holds; 0 where it holds more.
    state: int
    lessons: Lessons
    # What visitors asked lately: whether it is answered is looked at, and nothing learned of it.
    visited: tuple[str, ...]

    @classmethod
    def read(cls, directory: Path) -> "Notes | None":
        """Return the notes of a run that has not ended; None where there are none."""
        try:
            values = json.loads((directory / _FILE).read_text(encoding="utf-8"))
            values["lessons"] = Lessons.from_json(values["lessons"])
            return cls(**{**values, "visited": tuple(values["visited"])})
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, directory: Path) -> None:
        """Keep the notes, whole or not at all."""
        names = ("improvement_id", "baseline", "new", "state", "visited")
        values = {name: getattr(self, name) for name in names}
        with replaced_file(directory / _FILE) as partial:
            text = json.dumps({**values, "lessons": self.lessons.to_json()})
            partial.write_text(text + "\n", encoding="utf-8")


def forget(directory: Path) -> None:
    """Remove the notes and what was trained: the run has ended."""
    (directory / _FILE).unlink(missing_ok=True)
    for path in (*directory.glob("encoder-*"), *directory.glob(".encoder-*")):
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Hold what one process at a time may do; the system lets go of what a killed one held.

    Raises ImproveError where another holds it, or nothing can be written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        lock = FileLock(directory / _LOCK)
        lock.acquire(timeout=0)
    except Timeout:
        raise ImproveError(
            "Another improvement of this FAQ is running. Wait until it has ended.", "busy"
        ) from None
    except OSError as error:
        raise ImproveError(
            f"{directory}: cannot be written ({error.strerror or error}). Name a folder that can: "
            "MUNDAP_HOME, or home in mundap.toml.",
            trouble_of(error),
        ) from None
    try:
        yield
    finally:
        lock.release()

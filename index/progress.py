"""How far work is: a bar for people, or JSON lines for the program that started this one.

With MUNDAP_PROGRESS=json in its environment a process writes each event as one JSON object to
standard output; whoever starts it so reads them with `read_event`.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from mundap.index.trouble import Trouble

AS_JSON = {"MUNDAP_PROGRESS": "json"}

_T = TypeVar("_T")

# As often as a bar is drawn.
_SECONDS = 0.1
# Items from which a step takes seconds, and after how many a bar moves.
_MANY, _SHOWN = 20_000, 1_000


@dataclass(frozen=True, slots=True)
class Step:
    """How far one step is; `seconds_left` is None while nothing can be said."""

    name: str
    done: int
    total: int
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """The work is done; `values` is what came of it."""

    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failure:
    """The work cannot be done; `message` says why, in one sentence for those who run it.

    `trouble` is what of it owners are told.
    """

    message: str
    trouble: Trouble = "other"


Event = Step | Result | Failure
Advance = Callable[[int, int], None]

_KINDS: dict[str, Callable[..., Event]] = {
    "step": Step,
    "result": Result,
    "failure": Failure,
}


def write_event(event: Event) -> None:
    """Write an event where a program has asked for them; people are told in other ways."""
    if _is_asked_for():
        line = {"event": type(event).__name__.lower(), **asdict(event)}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


def read_event(line: str) -> Event | None:
    """Undo `write_event`; None for a line that is something else."""
    try:
        values = json.loads(line)
        return _KINDS[values.pop("event")](**values)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


@contextmanager
def progress(name: str, unit: str = "it") -> Iterator[Advance]:
    """Give what is called with (done, total) as a step goes on; events or a bar show it."""
    with _events(name) if _is_asked_for() else _bar(name, unit) as advance:
        yield advance


def watched(items: Iterable[_T], name: str, unit: str, about: int) -> Iterator[_T]:
    """Yield the items, of which there are `about` so many; of many, show how far it is."""
    with progress(name, unit) as advance:
        for count, item in enumerate(items, start=1):
            if about >= _MANY and count % _SHOWN == 0:
                advance(count, max(about, count))
            yield item


@contextmanager
def _events(name: str) -> Iterator[Advance]:
    begun = time.monotonic()
    written = 0.0

    def advance(done: int, total: int) -> None:
        nonlocal written
        now = time.monotonic()
        if done == total or now - written >= _SECONDS:
            left = (now - begun) * (total - done) / done if done else None
            write_event(Step(name, done, total, left))
            written = now

    yield advance


@contextmanager
def _bar(name: str, unit: str) -> Iterator[Advance]:
    from tqdm import tqdm

    bar: Any = None

    def advance(done: int, total: int) -> None:
        nonlocal bar
        if bar is None:
            bar = tqdm(total=total, desc=name, unit=unit, dynamic_ncols=True)
        bar.total = total
        bar.update(done - bar.n)

    try:
        yield advance
    finally:
        if bar is not None:
            bar.close()


def _is_asked_for() -> bool:
    return AS_JSON.items() <= os.environ.items()

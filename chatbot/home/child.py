"""This program's own command line in a child process, which says how far it is."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import mundap
from mundap.index.parent import ENDS_WITH_PARENT
from mundap.index.progress import AS_JSON, Event, Failure, Result, Step, read_event

_ROOT = Path(str(mundap.__file__)).resolve().parents[1]
# Lower than any request: who waits for an answer comes before who waits for a child.
LOWEST_PRIORITY = 19
# In characters; the rest of a longer line counts as another one.
_LONGEST_LINE = 1 << 16


class Child:
    """A process that runs `mundap`; `events` follows it to its end."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    @classmethod
    def start(cls, arguments: Sequence[str]) -> "Child":
        """Run `mundap ARGUMENTS` at the lowest priority; raises OSError where it cannot start."""
        process = subprocess.Popen(
            mundap_command(*arguments),
            env={**mundap_environment(), **AS_JSON},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            # What it says besides: the last line is why it died, if it dies without an event.
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        if hasattr(os, "setpriority"):
            with suppress(OSError):  # it has ended already
                os.setpriority(os.PRIO_PROCESS, process.pid, LOWEST_PRIORITY)
        return cls(process)

    def events(self) -> Iterator[Event]:
        """Yield its steps as they come and, last, its result or why it failed."""
        end: Event | None = None
        last = ""
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            while line := lines.readline(_LONGEST_LINE):
                event = read_event(line)
                if isinstance(event, Step):
                    yield event
                elif event is not None:
                    # Of a step of a step, its own reason tells more than that it failed.
                    end = end if isinstance(end, Failure) else event
                elif line.strip():
                    last = line.strip()
        code = self._process.wait()
        if code and not isinstance(end, Failure):
            # Below 0 where a signal has ended it: ours as the server stops, or the system's.
            end = Failure(last or f"exit code {code}", "ended" if code < 0 else "other")
        yield end or Result()

    def end(self) -> None:
        """Ask it to stop; `events` then ends."""
        self._process.terminate()


def run_mundap(arguments: Sequence[str]) -> int:
    """Run `mundap ARGUMENTS` with its output on our standard error, and return its exit code.

    It never outlives this process: what begins where that was killed finds nobody at work.
    """
    command, environment = mundap_command(*arguments), {**mundap_environment(), **ENDS_WITH_PARENT}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=sys.stderr
    ) as process:
        return process.wait()


def mundap_command(*arguments: str) -> list[str]:
    """Return what to run for `mundap ARGUMENTS`, with this very interpreter.

    `-P` keeps a file of the working directory, `numpy.py` say, from being taken for a module.
    """
    return [sys.executable, "-P", "-m", "mundap.cli", *arguments]


def mundap_environment() -> dict[str, str]:
    """Return the environment in which that finds the project."""
    path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path}

"""Rebuilds of the index, each in a child process of its own."""

import logging
import os
import re
import secrets
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Literal

from mundap.chatbot.home.child import mundap_command, mundap_environment

JobState = Literal["running", "done", "failed"]

_LOG = logging.getLogger("mundap.api")
_KEPT = 20
# Lower than any request: who waits for an answer comes before who waits for a rebuild.
_NICE = 19
# "Embedding questions:  43%|####   | 512/1190 [00:01<00:02, 300.00it/s]"
_BAR = re.compile(r"(\d+)%\|.*?\[[\d:]+<(?:(?:(\d+):)?(\d+):(\d+)|\?)")
_BUILT = re.compile(r"^Generation (\d+): ", re.MULTILINE)
# A line longer than this is no progress bar and no sentence.
_LONGEST_LINE = 4096


class JobRunningError(Exception):
    """A rebuild is under way already."""


@dataclass(frozen=True, slots=True)
class Job:
    """How far one rebuild is; `eta_seconds` is None while nothing can be said."""

    job_id: str
    state: JobState = "running"
    percent: int = 0
    eta_seconds: float | None = None
    generation: int | None = None
    message: str | None = None


@dataclass(slots=True)
class _Running:
    process: "subprocess.Popen[bytes]"
    follower: threading.Thread = field(init=False)


class RebuildJobs:
    """At most one rebuild at a time; remembers the last few."""

    def __init__(self, arguments: Callable[[], Sequence[str]]) -> None:
        """`arguments` says, at each rebuild, what follows `mundap` on its command line."""
        self._arguments = arguments
        self._jobs: dict[str, Job] = {}
        self._running: _Running | None = None
        self._lock = threading.Lock()

    def start(self) -> Job:
        """Start a rebuild; raises JobRunningError while there is one."""
        with self._lock:
            if self._running is not None:
                raise JobRunningError
            process = subprocess.Popen(
                mundap_command(*self._arguments()),
                env=mundap_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
            if hasattr(os, "setpriority"):
                with suppress(OSError):  # it has ended already
                    os.setpriority(os.PRIO_PROCESS, process.pid, _NICE)
            job = Job(secrets.token_hex(8))
            self._keep(job)
            self._running = running = _Running(process)
            running.follower = threading.Thread(
                target=self._follow, args=(job.job_id, process), name="mundap-rebuild", daemon=True
            )
            running.follower.start()
        return job

    def get(self, job_id: str) -> Job | None:
        """Return how far a job is, or None when it is not among the last few."""
        return self._jobs.get(job_id)

    def wait(self) -> None:
        """Return once no rebuild runs."""
        running = self._running
        if running is not None:
            running.follower.join()

    def close(self) -> None:
        """End a rebuild that runs: the generation that serves goes on serving."""
        running = self._running
        if running is not None:
            running.process.terminate()
            running.follower.join()

    def _follow(self, job_id: str, process: "subprocess.Popen[bytes]") -> None:
        assert process.stderr is not None
        last = ""
        with process.stderr as output:
            for line in _lines(output):
                shown = _BAR.search(line)
                if shown is None:
                    last = line
                    continue
                # Thresholds and files come after the last question.
                percent = min(99, int(shown[1]))
                self._keep(Job(job_id, percent=percent, eta_seconds=_seconds(shown)))
        self._end(job_id, process.wait(), last)

    def _end(self, job_id: str, code: int, last: str) -> None:
        built = _BUILT.search(last)
        if code == 0 and built is not None:
            job = Job(job_id, "done", 100, 0.0, int(built[1]))
        else:
            reason = last.removeprefix("mundap: ") or f"exit code {code}"
            job = Job(job_id, "failed", self._jobs[job_id].percent, message=reason)
            _LOG.error("rebuild %s failed: %s", job_id, reason)
        self._keep(job)
        with self._lock:
            self._running = None

    def _keep(self, job: Job) -> None:
        self._jobs[job.job_id] = job
        while len(self._jobs) > _KEPT:
            del self._jobs[next(iter(self._jobs))]


def _lines(output: IO[bytes]) -> Iterator[str]:
    """Yield lines as they are written, where a carriage return ends one too."""
    held = b""
    while part := os.read(output.fileno(), 4096):
        *whole, held = re.split(rb"[\r\n]+", held + part)
        yield from (line.decode("utf-8", "replace").strip() for line in whole if line.strip())
        held = held[-_LONGEST_LINE:]
    if held.strip():
        yield held.decode("utf-8", "replace").strip()


def _seconds(shown: "re.Match[str]") -> float | None:
    if shown[4] is None:
        return None
    return 3600.0 * int(shown[2] or 0) + 60.0 * int(shown[3]) + int(shown[4])

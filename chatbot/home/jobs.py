"""Rebuilds of the index and other work that takes long, each in a child process of its own."""

import logging
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from mundap.chatbot.home.child import Child
from mundap.index.progress import Event, Failure, Result, Step

JobState = Literal["running", "done", "failed"]

_LOG = logging.getLogger("mundap.api")
_KEPT = 20


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
    # What it does just now, in the words of the child.
    step: str | None = None

    def after(self, event: Event) -> "Job":
        """Return how far it is once its child has said `event`."""
        match event:
            case Step(name=name, done=done, total=total, seconds_left=left):
                # Thresholds and files come after the last question.
                percent = min(99, 100 * done // max(1, total))
                return Job(self.job_id, percent=percent, eta_seconds=left, step=name)
            case Result(values=values):
                return Job(self.job_id, "done", 100, 0.0, values.get("generation"))
            case Failure(message=message):
                return Job(self.job_id, "failed", self.percent, message=message)


@dataclass(slots=True)
class _Running:
    child: Child
    follower: threading.Thread = field(init=False)


class RebuildJobs:
    """At most one rebuild at a time; remembers the last few."""

    def __init__(self, arguments: Callable[[], Sequence[str]]) -> None:
        """`arguments` says, at each rebuild, what follows `mundap` on its command line."""
        self._arguments = arguments
        self._jobs: dict[str, Job] = {}
        self._running: _Running | None = None
        self._lock = threading.Lock()

    def start(self, *more: str) -> Job:
        """Start a rebuild, with `more` on its command line; raises JobRunningError, OSError."""
        with self._lock:
            if self._running is not None:
                raise JobRunningError
            arguments = [*self._arguments(), *more]
            child = Child.start(arguments)
            job = Job(secrets.token_hex(8))
            self._keep(job)
            self._running = running = _Running(child)
            running.follower = threading.Thread(
                target=self._follow,
                args=(job, child, arguments),
                name="mundap-rebuild",
                daemon=True,
            )
            running.follower.start()
        return job

    def get(self, job_id: str) -> Job | None:
        """Return how far a job is, or None when it is not among the last few."""
        return self._jobs.get(job_id)

    def last(self) -> Job | None:
        """Return the job that was started last; None before any."""
        return next(reversed(self._jobs.values()), None)

    def wait(self) -> None:
        """Return once no rebuild runs."""
        running = self._running
        if running is not None:
            running.follower.join()

    def close(self) -> None:
        """End a rebuild that runs: the generation that serves goes on serving."""
        running = self._running
        if running is not None:
            running.child.end()
            running.follower.join()

    def _follow(self, job: Job, child: Child, arguments: Sequence[str]) -> None:
        for event in child.events():
            if isinstance(event, Failure):
                _LOG.error("rebuild %s failed: %s", job.job_id, event.message)
                event = Failure(_without_folders(event.message, arguments))
            job = job.after(event)
            self._keep(job)
        with self._lock:
            self._running = None

    def _keep(self, job: Job) -> None:
        self._jobs[job.job_id] = job
        while len(self._jobs) > _KEPT:
            del self._jobs[next(iter(self._jobs))]


def _without_folders(message: str, arguments: Sequence[str]) -> str:
    """Name the files of a command line without where they lie: that is for the log alone."""
    for path in map(Path, arguments):
        if path.is_absolute():
            message = message.replace(f"{path.parent}/", "")
    return message

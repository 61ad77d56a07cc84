"""What changes the index while it serves, each in a child process of its own."""

import logging
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from mundap.chatbot.home.child import Child
from mundap.index.progress import Event, Failure, Result, Step
from mundap.index.trouble import Trouble

JobState = Literal["running", "done", "failed"]
Action = Literal["rebuild", "publish", "rollback", "try", "improve"]

_LOG = logging.getLogger("mundap.jobs")
_KEPT = 20


class JobRunningError(Exception):
    """The index is being changed already."""


@dataclass(frozen=True, slots=True)
class Job:
    """How far one change of the index is; `eta_seconds` is None while nothing can be said.

    `result` is what its command says of itself, once it is done; `message` and `trouble` say why it
    failed, to those who run the server and to owners.
    """

    job_id: str
    state: JobState = "running"
    percent: int = 0
    eta_seconds: float | None = None
    generation: int | None = None
    message: str | None = None
    trouble: Trouble | None = None
    action: Action = "rebuild"
    result: Mapping[str, Any] = field(default_factory=dict)

    def after(self, event: Event) -> "Job":
        """Return how far it is once its child has said `event`."""
        match event:
            case Step(done=done, total=total, seconds_left=left):
                # Thresholds and files come after the last question.
                percent = min(99, 100 * done // max(1, total))
                return replace(self, percent=percent, eta_seconds=left)
            case Result(values=values):
                generation = values.get("generation")
                return replace(
                    self,
                    state="done",
                    percent=100,
                    eta_seconds=0.0,
                    generation=generation,
                    result=values,
                )
            case Failure(message=message, trouble=trouble):
                ended = replace(self, state="failed", eta_seconds=None)
                return replace(ended, message=message, trouble=trouble)


@dataclass(slots=True)
class _Running:
    child: Child
    follower: threading.Thread = field(init=False)


class Jobs:
    """At most one at a time; remembers the last few."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._running: _Running | None = None
        self._lock = threading.Lock()

    def start(self, arguments: Callable[[], Sequence[str]], action: Action = "rebuild") -> Job:
        """Start one; raises JobRunningError while another runs.

        `arguments` says, when it is sure that none does, what follows `mundap` on its command line.
        """
        with self._lock:
            if self._running is not None:
                raise JobRunningError
            line = arguments()
            child = Child.start(line)
            job = Job(secrets.token_hex(8), action=action)
            self._keep(job)
            self._running = running = _Running(child)
            running.follower = threading.Thread(
                target=self._follow,
                args=(job, child, line),
                name=f"mundap-{action}",
                daemon=True,
            )
            running.follower.start()
        return job

    def get(self, job_id: str) -> Job | None:
        """Return how far a job is, or None when it is not among the last few."""
        return self._jobs.get(job_id)

    def last(self) -> Job | None:
        """Return the one that began last; None before any."""
        return next(reversed(self._jobs.values()), None)

    def wait(self) -> None:
        """Return once none runs."""
        running = self._running
        if running is not None:
            running.follower.join()

    def close(self) -> None:
        """End one that runs: the generation that serves goes on serving."""
        running = self._running
        if running is not None:
            running.child.end()
            running.follower.join()

    def _follow(self, job: Job, child: Child, arguments: Sequence[str]) -> None:
        for event in child.events():
            if isinstance(event, Failure):
                _LOG.error("%s %s failed: %s", job.action, job.job_id, event.message)
                event = replace(event, message=_without_folders(event.message, arguments))
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

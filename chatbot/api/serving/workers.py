"""Several processes that serve beside each other on one address.

Each opens the generation that serves, and takes up what is promoted as one process alone does.
What only all of them together know lies in a file that they share: how many requests a client has
sent, and which replies a reaction can be to.
"""

import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory

from mundap.chatbot.api.metrics import FOLDER

# Runs one worker until it is told to end; it can be pickled.
Serve = Callable[[socket.socket, "Worker"], None]

# Seconds. One that ends itself sooner has a reason that the next one would have as well; one that
# was killed is replaced.
_SOON = 10.0
# Before one that was killed as soon is replaced.
_PAUSE = 1.0
# Of grace, beside what requests at work are given.
_GRACE = 10.0


class WorkerError(ValueError):
    """A worker cannot begin."""


@dataclass(frozen=True, slots=True)
class Worker:
    """One of several; `shared` is the file that they share. The first says where they serve."""

    shared: Path
    is_first: bool

    def serves(self) -> None:
        """Let the first process know that this one has come so far as to serve."""
        self._mark(os.getpid()).touch()

    def has_served(self, process: int) -> bool:
        """Whether that worker, which is no more, ever did."""
        mark = self._mark(process)
        found = mark.exists()
        mark.unlink(missing_ok=True)
        return found

    def _mark(self, process: int) -> Path:
        return self.shared.with_name(f"serves-{process}")


def run_workers(serve: Serve, listener: socket.socket, count: int, patience: float) -> None:
    """Have `count` processes serve until this one ends; one that dies is replaced.

    Those that end are given `patience` seconds for what they are at. Raises WorkerError where one
    ends itself as it begins, and so would the next.
    """
    with TemporaryDirectory(prefix="mundap-workers-") as folder:
        shared = Path(folder) / "shared.sqlite"
        counts = Path(folder) / "metrics"
        counts.mkdir()
        # Each is started with it; this process counts nothing.
        os.environ[FOLDER] = str(counts)
        team = _Team(serve, listener)
        try:
            for number in range(count):
                team.start(Worker(shared, is_first=number == 0))
            while True:
                team.replace_one()
        finally:
            team.end(patience + _GRACE)


class _Team:
    def __init__(self, serve: Serve, listener: socket.socket) -> None:
        self._serve, self._listener = serve, listener
        # Threads of encoders and of FAISS do not survive a fork.
        self._context = multiprocessing.get_context("spawn")
        self._begun: dict[BaseProcess, tuple[Worker, float]] = {}

    def start(self, worker: Worker) -> None:
        process = self._context.Process(
            target=_work, args=(self._serve, self._listener, worker), name="mundap-worker"
        )
        process.start()
        self._begun[process] = worker, time.monotonic()

    def replace_one(self) -> None:
        """Wait until one ends, and begin another one."""
        wait([process.sentinel for process in self._begun])
        for process, (worker, begun) in list(self._begun.items()):
            if process.is_alive():
                continue
            process.join()
            del self._begun[process]
            assert process.pid is not None
            ended, early = process.exitcode or 0, time.monotonic() < begun + _SOON
            # However long it took: what is to be opened may be large, and the machine busy.
            served = worker.has_served(process.pid)
            if ended >= 0 and (early or not served):
                raise WorkerError(
                    f"a worker ended as it began (exit code {ended}); the reason is in the lines "
                    "above."
                )
            sys.stderr.write(f"A worker ended (exit code {ended}); another begins.\n")
            if early:
                time.sleep(_PAUSE)
            self.start(worker)

    def end(self, patience: float) -> None:
        for process in self._begun:
            process.terminate()
        deadline = time.monotonic() + patience
        for process in self._begun:
            process.join(max(0.0, deadline - time.monotonic()))
            if process.is_alive():
                process.kill()
                process.join()


def _work(serve: Serve, listener: socket.socket, worker: Worker) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        serve(listener, worker)
    except KeyboardInterrupt:
        return
    except ValueError as error:
        sys.stderr.write(f"mundap: {error}\n")
        sys.exit(2)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)

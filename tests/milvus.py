"""Milvus for the tests: milvus-lite as a server of its own, and the real one where it is named.

MILVUS_FOR_TESTS is the address of a server that may be filled and emptied, or the executable
`milvus-server` of the package milvus, version 2.3.5.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from mundap.index.engines.milvus_server import pymilvus

VARIABLE = "MILVUS_FOR_TESTS"
REAL = os.environ.get(VARIABLE)
WHY_NOT = f"the real server is not installed: {VARIABLE} names an address or an executable"
_NAMES = count()
# Seconds for a start, and how often one is tried.
_PATIENCE, _STARTS = 40.0, 3


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass
class Milvus:
    """A server in a process of its own, which can be killed and started again on what it had."""

    uri: str
    command: Sequence[str] = ()
    folder: Path = field(default_factory=Path)
    _process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    @property
    def pid(self) -> int | None:
        """The process, where it is one of ours."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start it; the real one holds a lock of the machine for a moment after it was killed."""
        for _ in range(_STARTS - 1):
            try:
                self._start()
            except Exception:
                self.kill()
            else:
                return
        self._start()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            self.command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.wait()

    def wait(self) -> None:
        """Wait until it answers."""
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                self.client().list_collections(timeout=1)
                return
            except Exception:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def kill(self) -> None:
        """End it and what it has started: told to end by itself the real one never does."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def client(self) -> Any:
        """A connection that nothing of ours shares."""
        return pymilvus().MilvusClient(self.uri, timeout=1)

    def new_name(self) -> str:
        """A name that no other test has."""
        return f"test_{os.getpid()}_{next(_NAMES)}"

    def forget(self, name: str) -> None:
        """Drop every collection whose name begins so."""
        client = self.client()
        for one in client.list_collections():
            if one.startswith(name):
                for alias in client.list_aliases(one)["aliases"]:
                    client.drop_alias(alias)
                client.drop_collection(one)


@contextmanager
def lite() -> Iterator[Milvus]:
    """Start milvus-lite in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="milvus-lite-") as folder:
        port = free_port()
        program = [sys.executable, "-P", "-m", "milvus_lite", "server", "--host", "127.0.0.1"]
        server = Milvus(
            f"http://127.0.0.1:{port}", [*program, "--port", f"{port}", "--data-dir", folder]
        )
        try:
            server.start()
            yield server
        finally:
            server.kill()


@contextmanager
def real() -> Iterator[Milvus]:
    """Give the real server: the one that runs at an address, or one that is started."""
    assert REAL is not None
    if "://" in REAL:
        yield Milvus(REAL)
        return
    with tempfile.TemporaryDirectory(prefix="milvus-", ignore_cleanup_errors=True) as folder:
        port = free_port()
        server = Milvus(
            f"http://127.0.0.1:{port}",
            [REAL, "--data", folder, "--proxy-port", f"{port}"],
            Path(folder),
        )
        try:
            server.start()
            yield server
        finally:
            server.kill()

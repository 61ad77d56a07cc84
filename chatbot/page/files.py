"""Files that visitors send and fetch: kept for an hour, and without a name on the disk."""

import io
import os
import secrets
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

# Seconds.
KEPT = 3600.0
# Bytes of one client and of all together, and files of all together, as each takes a descriptor.
# Beyond them the oldest file goes: of that client, or of the client that holds most.
PER_CLIENT = 96 * 1024 * 1024
IN_ALL = 1024 * 1024 * 1024
MOST = 200


class FileGoneError(ValueError):
    """No file is kept under that token, or not any more."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """One file, who sent it, and how large it is."""

    owner: str
    size: int
    until: float
    file: IO[bytes]

    def open(self) -> IO[bytes]:
        """Return a reader with a place of its own, which outlives the forgetting of the file."""
        return io.BufferedReader(_Reader(os.dup(self.file.fileno())))


class Files:
    """The files of one process under tokens that nobody guesses; any thread may ask.

    The disk is given back when the process ends, however it ends: no file has a name.
    """

    def __init__(
        self,
        per_client: int = PER_CLIENT,
        in_all: int = IN_ALL,
        most: int = MOST,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._per_client, self._in_all, self._most = per_client, in_all, most
        self._clock = clock
        self._kept: dict[str, KeptFile] = {}
        self._lock = threading.Lock()

    def keep(self, content: IO[bytes], owner: str) -> str:
        """Keep a copy of `content` and return its token."""
        file = tempfile.TemporaryFile(prefix="mundap-")  # noqa: SIM115
        try:
            shutil.copyfileobj(content, file)
            file.flush()
        except BaseException:
            file.close()
            raise
        token = secrets.token_urlsafe(24)
        with self._lock:
            until = self._clock() + KEPT
            self._kept[token] = KeptFile(owner, file.tell(), until, file)
            self._forget_beyond(owner)
        return token

    def get(self, token: str) -> KeptFile:
        """Return a file; raises FileGoneError."""
        with self._lock:
            self._forget_old()
            kept = self._kept.get(token)
        if kept is None:
            raise FileGoneError("This file is not kept here, or not any more; send it again.")
        return kept

    def close(self) -> None:
        """Forget everything."""
        with self._lock:
            for token in list(self._kept):
                self._forget(token)

    def _forget_beyond(self, owner: str) -> None:
        self._forget_old()
        held: Counter[str] = Counter()
        for kept in self._kept.values():
            held[kept.owner] += kept.size
        while held[owner] > self._per_client:
            held[owner] -= self._forget_oldest(owner)
        while held.total() > self._in_all or len(self._kept) > self._most:
            greediest = max(held, key=lambda name: held[name])
            held[greediest] -= self._forget_oldest(greediest)

    def _forget_oldest(self, owner: str) -> int:
        tokens = (token for token, kept in self._kept.items() if kept.owner == owner)
        return self._forget(next(tokens))

    def _forget_old(self) -> None:
        now = self._clock()
        for token in [token for token, kept in self._kept.items() if kept.until <= now]:
            self._forget(token)

    def _forget(self, token: str) -> int:
        kept = self._kept.pop(token)
        kept.file.close()
        return kept.size


class _Reader(io.RawIOBase):
    """Reads a descriptor of its own from where it has come to itself."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        block = os.pread(self._descriptor, len(buffer), self._place)
        buffer[: len(block)] = block
        self._place += len(block)
        return len(block)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        ends = {
            os.SEEK_SET: 0,
            os.SEEK_CUR: self._place,
            os.SEEK_END: os.fstat(self._descriptor).st_size,
        }
        self._place = ends[whence] + offset
        return self._place

    def close(self) -> None:
        if not self.closed:
            os.close(self._descriptor)
        super().close()

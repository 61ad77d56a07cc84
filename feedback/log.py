"""The file of thumbs: JSON Lines that only grow."""

import errno
import json
import os
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from filelock import FileLock

from mundap.feedback.exchange import Exchange, Thumb
from mundap.index.durable import sync

# Seconds that one thumb may wait for others; a line is written in a few milliseconds.
_WAIT = 5.0
# What visitors typed is the owner's to read.
_MODE = 0o600


def line_of(exchange: Exchange, thumb: Thumb) -> bytes:
    """Return a thumb and its exchange as one line; "time" is the thumb's, "asked" the query's."""
    asked = {**asdict(exchange), "asked": exchange.time}
    record = {**asked, **asdict(thumb)}
    # A lone surrogate, which a browser can send, has no UTF-8.
    text = json.dumps(record, ensure_ascii=False, default=_in_seconds) + "\n"
    return text.encode("utf-8", "replace")


def append(path: Path, line: bytes, max_bytes: int) -> None:
    """Append a whole line durably, or nothing; any number of processes may.

    Raises OSError where that fails, also where the file would have more than `max_bytes`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # The path's lock, not an object's: other processes write here too.
    with FileLock(f"{path}.lock", timeout=_WAIT, mode=_MODE):
        is_new = not path.exists()
        with open(path, "a+b", buffering=0, opener=_open_private) as file:
            size = file.seek(0, os.SEEK_END)
            if _is_cut_off(file, size):
                line = b"\n" + line
            if size + len(line) > max_bytes:
                raise OSError(errno.EFBIG, f"it has {size:,} bytes, of {max_bytes:,} at most")
            try:
                if file.write(line) < len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(file.fileno())
            except OSError:
                file.truncate(size)
                raise
        if is_new:
            sync(path.parent)


def _is_cut_off(file: BinaryIO, size: int) -> bool:
    """Whether the last line has no end, after a power cut."""
    file.seek(max(0, size - 1))
    return file.read(1) not in (b"", b"\n")


def _open_private(path: str, flags: int) -> int:
    descriptor = os.open(path, flags, _MODE)
    os.chmod(path, _MODE)  # an older version left it to everybody
    return descriptor


def _in_seconds(value: Any) -> str:
    assert isinstance(value, datetime)
    return value.isoformat(timespec="seconds")

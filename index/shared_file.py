"""A small file of tables that the processes of one server share, for as long as they run."""

import sqlite3
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

# Seconds that one waits for another; each holds it for microseconds.
_WAIT = 5.0


class SharedFileError(OSError):
    """The file cannot be used now; the disk may be full."""


class SharedFile:
    """One connection to it; any thread may use it. What a killed process began is taken back."""

    def __init__(self, path: Path, tables: Iterable[str]) -> None:
        self._connection = sqlite3.connect(
            path, timeout=_WAIT, isolation_level=None, check_same_thread=False
        )
        self._lock = threading.Lock()
        # Nothing here has to outlive the server, let alone a power cut.
        for line in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = OFF", *tables):
            self._connection.execute(line)

    def ask(self, statement: str, *values: Any) -> list[Any]:
        """Run a statement as a transaction, and return its rows; raises SharedFileError."""
        with self._lock:
            try:
                return self._connection.execute(statement, values).fetchall()
            except sqlite3.Error as error:
                raise SharedFileError(str(error)) from None

"""Counters of the package `limits`, in a file that the processes of a server share."""

import time
from pathlib import Path

from mundap.chatbot.counters import Counters
from mundap.index.shared_file import SharedFile, SharedFileError

_TABLE = (
    "CREATE TABLE IF NOT EXISTS counters (key TEXT PRIMARY KEY, count INTEGER, ends REAL) "
    "WITHOUT ROWID"
)
# Seconds between two looks for counters that nobody needs any more.
_SWEEP = 60.0


class SharedCounters(Counters):
    """Counts each request once, whichever process it came to; where there is no room, its own."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = SharedFile(path, [_TABLE])
        self._next_sweep = time.time() + _SWEEP

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Add `amount` to a counter, which a first one keeps for `expiry` seconds."""
        try:
            return self._incr(key, expiry, amount)
        except SharedFileError:
            return super().incr(key, expiry, amount)

    def _incr(self, key: str, expiry: float, amount: int) -> int:
        now = time.time()
        if now > self._next_sweep:
            self._next_sweep = now + _SWEEP
            self._file.ask("DELETE FROM counters WHERE ends <= ?", now)
        [(count,)] = self._file.ask(
            "INSERT INTO counters VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET "
            "count = CASE WHEN ends <= ?4 THEN ?2 ELSE count + ?2 END, "
            "ends = CASE WHEN ends <= ?4 THEN ?3 ELSE ends END RETURNING count",
            *(key, amount, now + expiry, now),
        )
        return int(count)

    def decr(self, key: str, amount: int = 1) -> int:
        """Take `amount` off a counter, down to 0."""
        self._file.ask("UPDATE counters SET count = max(0, count - ?) WHERE key = ?", amount, key)
        return self.get(key)

    def get(self, key: str) -> int:
        """Return how far a counter is; 0 once it has ended."""
        try:
            found = self._file.ask(
                "SELECT count FROM counters WHERE key = ? AND ends > ?", key, time.time()
            )
        except SharedFileError:
            return super().get(key)
        return int(found[0][0]) if found else 0

    def get_expiry(self, key: str) -> float:
        """Return when a counter ends."""
        found = self._file.ask("SELECT ends FROM counters WHERE key = ?", key)
        return float(found[0][0]) if found else time.time()

    def clear(self, key: str) -> None:
        """Forget a counter."""
        self._file.ask("DELETE FROM counters WHERE key = ?", key)

"""Counters of the package `limits`, in the memory of this process."""

import time

from limits.storage import MemoryStorage

# Seconds between two looks for counters that nobody needs any more.
_SWEEP = 60.0


class Counters(MemoryStorage):
    """Counters in memory, swept now and then.

    The library's own start a thread to sweep them up to a hundred times a second; each takes
    Python's lock from the requests.
    """

    def __init__(self) -> None:
        super().__init__()
        self._swept = time.time()

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Add `amount` to a counter, which a first one keeps for `expiry` seconds."""
        if time.time() > self._swept + _SWEEP:
            self._sweep()
        if self.get(key) == 0:
            self.expirations[key] = time.time() + expiry
        self.storage[key] += amount
        return self.storage[key]

    def _sweep(self) -> None:
        self._swept = time.time()
        for key in [key for key, end in self.expirations.items() if end <= self._swept]:
            self.storage.pop(key, None)
            self.expirations.pop(key, None)

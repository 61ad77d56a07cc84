"""How many requests one client may send."""

import math
import time

from limits import parse_many
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from mundap.chatbot.api.errors import ApiError

# Seconds between two looks for counters that nobody needs any more.
_SWEEP = 60.0


class RateLimit:
    """Counts the requests of each client in this process, in a window that slides.

    For one thread, the event loop's.
    """

    def __init__(self, rate: str, times: int = 1) -> None:
        """`rate` is allowed so many `times`."""
        limits = parse_many(rate) if rate else []
        self._limits = [type(one)(times * one.amount, one.multiples) for one in limits]
        self._limiter = SlidingWindowCounterRateLimiter(_Counters()) if rate else None

    def count(self, client: str) -> None:
        """Count one request; raises ApiError 429, with Retry-After, when it is one too many."""
        if self._limiter is None:
            return
        for limit in self._limits:
            if not self._limiter.hit(limit, client):
                left = self._limiter.get_window_stats(limit, client).reset_time - time.time()
                seconds = str(max(1, math.ceil(left)))
                message = f"More than {limit}; come back in {seconds} s."
                raise ApiError(429, "rate_limited", message, {"Retry-After": seconds})


class _Counters(MemoryStorage):
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

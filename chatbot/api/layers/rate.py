"""How many requests one client may send."""

import math
import time

from limits import parse_many
from limits.strategies import SlidingWindowCounterRateLimiter

from mundap.chatbot.api.errors import ApiError
from mundap.chatbot.counters import Counters


class RateLimit:
    """Counts the requests of each client, in a window that slides.

    For one thread, the event loop's.
    """

    def __init__(self, rate: str, times: int = 1, counters: Counters | None = None) -> None:
        """`rate` is allowed so many `times`; several processes count in `counters` of theirs."""
        limits = parse_many(rate) if rate else []
        self._limits = [type(one)(times * one.amount, one.multiples) for one in limits]
        self._limiter = SlidingWindowCounterRateLimiter(counters or Counters()) if rate else None

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

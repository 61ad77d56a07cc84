"""How often somebody may try to log in."""

import math
import time

from limits import RateLimitItem, parse
from limits.strategies import FixedWindowRateLimiter

from mundap.chatbot.counters import Counters

# A person who has forgotten which password it was tries a few.
_EACH_CLIENT = parse("10/5 minutes")
# Of all clients together; so many that nobody can lock an owner out with a few requests.
_EACH_NAME = parse("50/hour")


class Attempts:
    """Counts attempts by client and by name, whether or not there is an owner of that name.

    For one thread, the event loop's.
    """

    def __init__(self) -> None:
        self._limiter = FixedWindowRateLimiter(Counters())

    def take(self, client: str, name: str) -> int:
        """Count one attempt, and return the seconds to wait where it is one too many; else 0."""
        for limit, key in self._of(client, name):
            if not self._limiter.hit(limit, key):
                end = self._limiter.get_window_stats(limit, key).reset_time
                return max(1, math.ceil(end - time.time()))
        return 0

    def forget(self, client: str, name: str) -> None:
        """Count anew, as the owner is in."""
        for limit, key in self._of(client, name):
            self._limiter.clear(limit, key)

    @staticmethod
    def _of(client: str, name: str) -> list[tuple[RateLimitItem, str]]:
        return [(_EACH_CLIENT, f"client {client}"), (_EACH_NAME, f"name {name[:64]}")]

"""A few places, shared fairly: so many in all, and so many for each client."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class NoPlaceError(ValueError):
    """Every place is taken, or this client has its share of them."""


class Places:
    """Counts who is inside; any thread may ask, and nobody waits."""

    def __init__(self, in_all: int, each: int) -> None:
        self._in_all, self._each = in_all, each
        self._taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, client: str) -> None:
        """Take a place, to be left with `leave`; raises NoPlaceError."""
        with self._lock:
            if self._taken[client] >= self._each or self._taken.total() >= self._in_all:
                raise NoPlaceError(f"{self._in_all} places, {self._each} for each client: taken.")
            self._taken[client] += 1

    def leave(self, client: str) -> None:
        """Give a place back."""
        with self._lock:
            self._taken[client] -= 1
            if not self._taken[client]:
                del self._taken[client]

    @contextmanager
    def taken(self, client: str) -> Iterator[None]:
        """Hold a place until the end of the block; raises NoPlaceError."""
        self.take(client)
        try:
            yield
        finally:
            self.leave(client)

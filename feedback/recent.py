"""The exchanges of the last minutes, which a thumb can point to."""

import sys
import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from mundap.feedback.exchange import Exchange, ThumbValue

# Some minutes of a busy service. Most exchanges take about 1 kB; long queries make the second
# bound the tighter one.
KEPT = 10_000
KEPT_BYTES = 16 * 1024 * 1024
# Thumbs on one exchange, of all clients together: a visitor changes their mind once or twice.
CHANGES = 8
# Bytes of what is kept beside an exchange: who said what, and the place in the order.
_BESIDE = 512

# What a client said of an exchange: value, reason, comment.
Said = tuple[ThumbValue, str | None, str | None]
_NOTHING: Said = ("none", None, None)


@dataclass(slots=True)
class _Remembered:
    exchange: Exchange
    size: int
    # By client; the hash of what it said last.
    said: dict[str, int] = field(default_factory=dict)
    changes: int = 0


class Recent:
    """The last exchanges and who has given which thumb; any thread may use it."""

    def __init__(self, kept: int = KEPT, kept_bytes: int = KEPT_BYTES) -> None:
        self._kept = kept
        self._kept_bytes = kept_bytes
        self._bytes = 0
        self._found: OrderedDict[str, _Remembered] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, exchange: Exchange) -> None:
        """Remember an exchange, and forget the oldest beyond both bounds."""
        remembered = _Remembered(exchange, _size(exchange))
        with self._lock:
            self._found[exchange.request_id] = remembered
            self._bytes += remembered.size
            while len(self._found) > self._kept or self._bytes > self._kept_bytes:
                self._bytes -= self._found.popitem(last=False)[1].size

    def get(self, request_id: str) -> Exchange:
        """Return an exchange; raises LookupError when there was none or it is forgotten."""
        with self._lock:
            return self._found[request_id].exchange

    def change(self, request_id: str, client: str, said: Said) -> int:
        """Note what a client says of an exchange and return a hash of what it said before.

        Raises LookupError where the exchange is forgotten, and OverflowError where a change is one
        too many; to say the same again is none.
        """
        with self._lock:
            remembered = self._found[request_id]
            before, now = remembered.said.get(client, hash(_NOTHING)), hash(said)
            if now != before:
                if remembered.changes == CHANGES:
                    raise OverflowError
                remembered.changes += 1
                remembered.said[client] = now
            return before

    def undo(self, request_id: str, client: str, before: int) -> None:
        """Take a change back, by what `change` returned."""
        with self._lock:
            if request_id in self._found:
                self._found[request_id].said[client] = before
                self._found[request_id].changes -= 1


def _size(exchange: Exchange) -> int:
    """Return about how many bytes of memory an exchange takes."""
    held = [exchange, *(getattr(exchange, name) for name in Exchange.__slots__)]
    return sum(map(sys.getsizeof, held)) + _BESIDE

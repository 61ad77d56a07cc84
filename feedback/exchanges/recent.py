"""The exchanges of the last minutes, which a reaction can point to."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from hashlib import blake2b

# Some minutes of a busy service, and about 1 kB each.
KEPT = 10_000
# Reactions to one exchange, of all clients together: a visitor changes their mind once or twice.
CHANGES = 8
# What a client that has said nothing has said.
NOTHING: tuple[Hashable, ...] = ("none", None, None, None)


def digest(said: tuple[Hashable, ...]) -> int:
    """Return what tells apart what a client says, in every process the same."""
    whole = blake2b(repr(said).encode("utf-8", "surrogatepass"), digest_size=7)
    return int.from_bytes(whole.digest())


@dataclass(slots=True)
class _Remembered:
    candidates: tuple[str, ...]
    # By client; the digest of what it said last.
    said: dict[str, int] = field(default_factory=dict)
    changes: int = 0


class Recent:
    """What the last exchanges offered and who has said what of them; any thread may use it."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._found: OrderedDict[str, _Remembered] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, request_id: str, candidates: tuple[str, ...]) -> None:
        """Remember an exchange, and forget the oldest beyond the bound."""
        with self._lock:
            self._found[request_id] = _Remembered(candidates)
            if len(self._found) > self._kept:
                self._found.popitem(last=False)

    def candidates(self, request_id: str) -> tuple[str, ...]:
        """Return what was offered; raises LookupError for no exchange or one that is forgotten."""
        with self._lock:
            return self._found[request_id].candidates

    def change(self, request_id: str, client: str, said: tuple[Hashable, ...]) -> int:
        """Note what a client says of an exchange and return a digest of what it said before.

        Raises LookupError where the exchange is forgotten, and OverflowError where a change is one
        too many; to say the same again is none.
        """
        with self._lock:
            remembered = self._found[request_id]
            before, now = remembered.said.get(client, digest(NOTHING)), digest(said)
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

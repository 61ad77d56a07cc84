"""Who waits, in a line for each client; the lines are served in turn."""

from collections import OrderedDict, deque
from contextvars import ContextVar
from typing import Generic, TypeVar

T = TypeVar("T")

# Whose request the running task serves; the guard sets it.
CLIENT: ContextVar[str] = ContextVar("client", default="")


class Lines(Generic[T]):
    """A queue in which a client with a hundred works waits behind one with a single one."""

    def __init__(self) -> None:
        self._lines: OrderedDict[str, deque[T]] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._lines)

    def add(self, item: T) -> None:
        """Put `item` at the end of the line of the client that is served now."""
        self._lines.setdefault(CLIENT.get(), deque()).append(item)

    def pop(self) -> T:
        """Take the first item of the line whose turn it is."""
        client, line = self._lines.popitem(last=False)
        item = line.popleft()
        if line:
            self._lines[client] = line
        return item

"""Rows of any number: a few in memory, many in a temporary file."""

import json
from array import array
from collections.abc import Callable, Iterator
from tempfile import SpooledTemporaryFile
from typing import Any, Generic, TypeVar
from weakref import finalize

_T = TypeVar("_T")

# Bytes that stay in memory; with more, all move to a file.
_HELD = 1 << 24


class RowStore(Generic[_T]):
    """Items in the order in which they were added; of each, eight bytes are held in memory.

    An item is what JSON can hold, and `made` makes one again of what JSON reads. The file is a
    temporary one of the operating system, gone with the store.
    """

    def __init__(self, made: Callable[[Any], _T]) -> None:
        self._made = made
        self._file = SpooledTemporaryFile(max_size=_HELD)  # noqa: SIM115
        finalize(self, self._file.close)
        self._ends = array("Q", [0])

    def add(self, item: object) -> None:
        """Add an item, or the list of its fields, at the end."""
        # Rows say where they stand, and a file's name need be no text.
        line = json.dumps(item, ensure_ascii=False).encode("utf-8", "surrogatepass")
        self._file.seek(self._ends[-1])
        self._file.write(line)
        self._ends.append(self._ends[-1] + len(line))

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._ends) - 1

    def __getitem__(self, place: int) -> _T:
        """Return the item at a place, from 0."""
        start, end = self._ends[place], self._ends[place + 1]
        self._file.seek(start)
        return self._made(json.loads(self._file.read(end - start).decode("utf-8", "surrogatepass")))

    def __iter__(self) -> Iterator[_T]:
        """Yield all in their order."""
        return map(self.__getitem__, range(len(self)))

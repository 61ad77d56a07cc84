"""Which rows of a FAQ are entries: each has an id of its own, and copies are one."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mundap.index.faq.entry_ids import question_id, row_id
from mundap.index.faq.sheets.reading import Reading
from mundap.index.faq.sheets.row_store import RowStore
from mundap.index.made_sequence import MadeSequence

_T = TypeVar("_T")


class EntryStore(MadeSequence[_T]):
    """`FaqEntry`s of any number in their order, read again from a file when they are asked for.

    Those without an id have a derived one, exact copies are merged, and what stands under the id
    of another has one of its own; the report counts both. In memory are 24 bytes an entry, and
    what was changed of single ones. `made` makes an entry of the list of its fields.
    """

    def __init__(
        self,
        entries: Iterable[Any],
        made: Callable[[list[Any]], _T],
        reading: Reading,
    ) -> None:
        self._rows: RowStore[Any] = RowStore(made)
        keys = array("q")
        for entry in entries:
            # Not `astuple`, which copies every text of every entry.
            self._rows.add([getattr(entry, name) for name in entry.__slots__])
            keys.append(hash(entry.entry_id or question_id(entry.question)))
        # Two ids may share a key: rows with one key are read again, and only these.
        self._keys = np.array(keys, dtype=np.int64)
        self._by_row = np.zeros(len(keys), dtype=bool)
        self._ids: dict[int, str] = {}
        self._joined: dict[int, Any] = {}
        self._part_repeated_questions()
        self._kept = np.flatnonzero(self._distinct(reading))

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._kept)

    def item(self, place: int) -> _T:
        """Return the one at a place."""
        found: _T = self._read(int(self._kept[place]))
        return found

    def _read(self, place: int) -> Any:
        if (joined := self._joined.get(place)) is not None:
            return joined
        entry = self._rows[place]
        entry_id = self._ids.get(place) or entry.entry_id
        if not entry_id and self._by_row[place]:
            entry_id = row_id(entry.question, entry.answer)
        return replace(entry, entry_id=entry_id or question_id(entry.question))

    def _part_repeated_questions(self) -> None:
        """Give rows without an id whose question stands in several an id that is the row's."""
        places = [place for place in self._repeated() if not self._rows[place].entry_id]
        often = Counter(int(self._keys[place]) for place in places)
        for place in places:
            if often[int(self._keys[place])] > 1:
                row = self._rows[place]
                self._by_row[place] = True
                self._keys[place] = hash(row_id(row.question, row.answer))

    def _distinct(self, reading: Reading) -> NDArray[np.bool_]:
        """Return which rows are no copies, and give each of them an id that no other has."""
        kept = np.ones(len(self._keys), dtype=bool)
        first: dict[str, int] = {}
        said: dict[tuple[str, int], int] = {}
        numbers: dict[str, Iterator[int]] = {}
        taken = np.unique(self._keys)
        for place in self._repeated():
            row = self._read(place)
            known = self._read(first.setdefault(row.entry_id, place))
            copied = said.setdefault((row.entry_id, hash((row.question, row.answer))), place)
            if copied != place:
                kept[place] = False
                of = self._read(copied)
                if (joined := of.joined(row)) != of:
                    self._joined[copied] = joined
                lost = ["category"] if row.category != of.category else []
                if of.answer_en and row.answer_en not in ("", of.answer_en):
                    lost.append("English answer")
                reading.copied(row.place, lost=lost)
            elif first[row.entry_id] != place:
                number = numbers.setdefault(row.entry_id, count(2))
                names = (f"{row.entry_id}-{each}" for each in number)
                self._ids[place] = next(name for name in names if not _holds(taken, hash(name)))
                reading.renamed.add(
                    f"{row.place}: entry_id {row.entry_id!r} is that of {known.place} too, with "
                    f"other texts; it is {self._ids[place]!r} here. Give each entry an id of its "
                    "own."
                )
        return kept

    def _repeated(self) -> list[int]:
        """Return the places of the rows whose key others have too."""
        ordered = np.sort(self._keys)
        several = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
        found: list[int] = np.flatnonzero(np.isin(self._keys, several)).tolist()
        return found


def _holds(ordered: NDArray[np.int64], key: int) -> bool:
    place = int(np.searchsorted(ordered, key))
    return place < len(ordered) and int(ordered[place]) == key

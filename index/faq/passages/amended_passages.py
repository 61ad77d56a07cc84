"""The passages of a large FAQ with some entries more, and some less, than were listed."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.categories import Categories
from mundap.index.faq.passages.passages import Passages
from mundap.index.faq.passages.stored_passages import StoredPassages
from mundap.index.made_sequence import MadeSequence

_T = TypeVar("_T")


class AmendedPassages(Passages):
    """The entries of a `StoredPassages`, then those of others.

    `removed` are the places, ascending, of entries that are not there any more: they keep their
    places, so that all behind them keep theirs.
    """

    sealed: StoredPassages
    added: StoredPassages
    removed: NDArray[np.int64]
    _categories_of_rows: Categories

    @classmethod
    def of_parts(
        cls, sealed: StoredPassages, added: StoredPassages, removed: NDArray[np.int64]
    ) -> "AmendedPassages":
        """Join both."""
        owners = np.concatenate([sealed.owners, added.owners + len(sealed.entries)])
        bounds = np.concatenate([sealed.bounds[:-1], added.bounds + len(sealed)])
        joined = cls(
            _Joined(sealed.entries, added.entries),
            _Joined(sealed.texts, added.texts),
            owners,
            bounds,
        )
        english = None
        if sealed.english is not None or added.english is not None:
            none = (np.zeros(len(part), dtype=bool) for part in (sealed, added))
            parts = zip((sealed.english, added.english), none, strict=True)
            english = np.concatenate([n if found is None else found for found, n in parts])
        joined.__dict__.update(
            sealed=sealed,
            added=added,
            removed=removed,
            most=max(sealed.most, added.most),
            english=english,
            _categories_of_rows=_AmendedCategories(
                sealed.categories, added.categories, sealed.rows_of(removed)
            ),
        )
        return joined

    @property
    def categories(self) -> Categories:
        """See `Passages`; a row of an entry that was removed is of none."""
        return self._categories_of_rows

    @property
    def category_names(self) -> list[str]:
        """See `Passages`."""
        return [name for name in self.categories.names if name]

    @property
    def places(self) -> Sequence[int]:
        """See `Passages`."""
        return _Kept(len(self.entries), self.removed)

    def places_of(self, category: str) -> Sequence[int]:
        """See `Passages`."""
        found: list[int] = np.unique(self.owners[self.categories.rows_of(category)]).tolist()
        return found

    def find(self, entry_id: str) -> FaqEntry | None:
        """See `Passages`."""
        place = self.sealed.place_of(entry_id)
        if place is None or place in self.removed:
            return self.added.find(entry_id)
        return self.sealed.entries[place]

    def examples(self, count: int) -> list[FaqEntry]:
        """See `Passages`."""
        found = [self.added.examples(count), self.sealed.examples(count + len(self.removed))]
        gone = {self.sealed.entries[place].entry_id for place in self.removed[: 4 * count].tolist()}
        kept = [entry for entry in found[1] if entry.entry_id not in gone]
        return [*kept, *found[0]][:count]


class _AmendedCategories(Categories):
    """The categories of the rows of both; rows that are `removed` have none."""

    def __init__(self, sealed: Categories, added: Categories, removed: NDArray[np.int64]) -> None:
        names = list(dict.fromkeys([*sealed.names, *added.names]))
        code_of = {name: code for code, name in enumerate(names)}
        new = np.array([code_of[name] for name in added.names], dtype=np.int32)
        codes = np.concatenate([sealed.codes, new[added.codes] if len(added) else added.codes])
        codes[removed] = -1
        none = np.empty(0, np.int64)
        super().__init__(names, codes, none, none)
        self._parts = sealed, added
        self._removed = removed

    def rows_of(self, category: str) -> NDArray[np.int64]:
        """See `Categories`."""
        sealed, added = self._parts
        rows = sealed.rows_of(category)
        kept = rows[~np.isin(rows, self._removed)]
        return np.concatenate([kept, added.rows_of(category) + len(sealed)])


class _Joined(MadeSequence[_T]):
    """The items of two sequences, one after the other."""

    def __init__(self, first: Sequence[_T], second: Sequence[_T]) -> None:
        self._parts = first, second

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def item(self, place: int) -> _T:
        first, second = self._parts
        return first[place] if place < len(first) else second[place - len(first)]

    def __iter__(self) -> Iterator[_T]:
        for part in self._parts:
            yield from part


class _Kept(MadeSequence[int]):
    """The numbers from 0 below `count` but those of `removed`, ascending."""

    def __init__(self, count: int, removed: NDArray[np.int64]) -> None:
        self._count = count
        # How many are kept before each that is not.
        self._before = removed - np.arange(len(removed))

    def __len__(self) -> int:
        return self._count - len(self._before)

    def item(self, place: int) -> int:
        return place + int(self._before.searchsorted(place, "right"))

"""The texts that are searched, in row order, and the entry each belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.faq import FaqEntry
from index.text import clean, match_key


@dataclass(frozen=True, slots=True)
class Passages:
    """Row r of an index is `texts[r]` and belongs to `entries[owners[r]]`."""

    entries: tuple[FaqEntry, ...]
    texts: tuple[str, ...]
    owners: NDArray[np.int64]

    @classmethod
    def of(cls, entries: Sequence[FaqEntry]) -> "Passages":
        """List every question and alternate, entry by entry, a text once per entry."""
        texts: list[str] = []
        owners: list[int] = []
        for owner, entry in enumerate(entries):
            different: dict[str, str] = {}
            for text in entry.passages:
                different.setdefault(match_key(text), clean(text))
            texts.extend(different.values())
            owners.extend([owner] * len(different))
        return cls(tuple(entries), tuple(texts), np.array(owners, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.texts)

    def rows_of_category(self, category: str) -> NDArray[np.int64]:
        """Return the rows whose entry has `category`, ascending; empty when none has."""
        wanted = np.array([entry.category == category for entry in self.entries], dtype=bool)
        return np.flatnonzero(wanted[self.owners])

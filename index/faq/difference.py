"""What parts two states of a FAQ: entries added, removed and changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.entry_record import ENTRY_FIELDS


@dataclass(frozen=True, slots=True)
class ChangedEntry:
    """One entry in both states, which say something else of it."""

    before: FaqEntry
    after: FaqEntry

    @property
    def fields(self) -> dict[str, tuple[Any, Any]]:
        """What it says otherwise: by the name of the field, old and new."""
        pairs = {n: (getattr(self.before, n), getattr(self.after, n)) for n in ENTRY_FIELDS}
        return {name: (old, new) for name, (old, new) in pairs.items() if old != new}


@dataclass(frozen=True, slots=True)
class Difference:
    """Entries by what became of them, known by their ids; an entry that only moved is in none."""

    added: tuple[FaqEntry, ...] = ()
    removed: tuple[FaqEntry, ...] = ()
    changed: tuple[ChangedEntry, ...] = ()

    @classmethod
    def between(cls, before: Sequence[FaqEntry], after: Sequence[FaqEntry]) -> "Difference":
        """Compare two states; what was removed is in the order of `before`, the rest of `after`."""
        old = {entry.entry_id: entry for entry in before}
        new = {entry.entry_id: entry for entry in after}
        kept = ((old[name], entry) for name, entry in new.items() if name in old)
        return cls(
            tuple(entry for name, entry in new.items() if name not in old),
            tuple(entry for name, entry in old.items() if name not in new),
            tuple(ChangedEntry(then, now) for then, now in kept if then != now),
        )

    def __len__(self) -> int:
        """Return how many entries are not as they were."""
        return len(self.added) + len(self.removed) + len(self.changed)

    def counts(self) -> dict[str, int]:
        """Return how many were added, changed and removed."""
        return {
            "added": len(self.added),
            "changed": len(self.changed),
            "removed": len(self.removed),
        }

    def __str__(self) -> str:
        """Return the counts for people: "2 added, 1 changed, 0 removed"."""
        return ", ".join(f"{count:,} {what}" for what, count in self.counts().items())

"""What parts two states of a FAQ: entries added, removed and changed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.entry_ids import is_derived
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

    def lines(self) -> list[str]:
        """Return what became of each entry for people, by the names they know."""
        changed = [
            line
            for pair in self.changed
            for line in (f"~ {_named(pair.after)}", *_told(pair.fields))
        ]
        return [
            *(f"+ {_named(entry)}" for entry in self.added),
            *changed,
            *(f"- {_named(entry)}" for entry in self.removed),
        ]


def _named(entry: FaqEntry) -> str:
    """Return what people know an entry by: its question, and its id where its FAQ names one."""
    derived = is_derived(entry.entry_id, entry.question, entry.answer)
    return entry.question if derived else f"{entry.question} ({entry.entry_id})"


def _told(fields: Mapping[str, tuple[Any, Any]]) -> Iterator[str]:
    for name, (old, new) in fields.items():
        if isinstance(new, tuple):
            yield from (f"    {name}: + {text}" for text in new if text not in old)
            yield from (f"    {name}: - {text}" for text in old if text not in new)
            if sorted(new) == sorted(old):
                yield f"    {name}: in another order"
        else:
            yield f"    {name}: {old!r} -> {new!r}"

"""Ids that outlive an edit: an entry that was there before keeps the one it had."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import count
from typing import TypeVar

from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.entry_ids import is_derived, row_id
from mundap.index.korean.text import match_key

_K = TypeVar("_K")
_V = TypeVar("_V")

# What makes an entry of now one of before, the surest first.
_SAME: tuple[Callable[[FaqEntry], object], ...] = (
    lambda entry: (match_key(entry.question), match_key(entry.answer)),
    lambda entry: match_key(entry.question),
    lambda entry: match_key(entry.answer),
)


def keep_ids(entries: Sequence[FaqEntry], before: Sequence[FaqEntry]) -> list[FaqEntry]:
    """Return `entries`; those without an id of their own have the one of their entry `before`.

    That is the one entry with the same question or else the same answer, if no second entry now
    or before has it too. Judged queries and feedback so go on pointing at what was edited. Ids
    that the FAQ names stay, and no two entries share one.
    """
    derived = {row for row, entry in enumerate(entries) if _has_derived_id(entry)}
    named = {entry.entry_id for row, entry in enumerate(entries) if row not in derived}
    old = {entry.entry_id: entry for entry in before if entry.entry_id not in named}
    kept = dict[int, str]()
    for same in _SAME:
        now = _only_ones((same(entries[row]), row) for row in derived - kept.keys())
        then = _only_ones((same(entry), entry_id) for entry_id, entry in old.items())
        for key in now.keys() & then.keys():
            kept[now[key]] = then[key]
            del old[then[key]]
    taken = named | set(kept.values())
    found = []
    for row, entry in enumerate(entries):
        if row in derived:
            entry_id = kept.get(row) or free_id(entry, taken)
            taken.add(entry_id)
            entry = replace(entry, entry_id=entry_id)
        found.append(entry)
    return found


def _has_derived_id(entry: FaqEntry) -> bool:
    return is_derived(entry.entry_id, entry.question, entry.answer)


def _only_ones(pairs: Iterable[tuple[_K, _V]]) -> dict[_K, _V]:
    """Return the pairs whose key stands in no other."""
    listed = list(pairs)
    often = Counter(key for key, _ in listed)
    return {key: value for key, value in listed if often[key] == 1}


def free_id(entry: FaqEntry, taken: set[str]) -> str:
    """Return an id that is not taken: an edited entry may have kept the one of this question."""
    if entry.entry_id not in taken:
        return entry.entry_id
    own = row_id(entry.question, entry.answer)
    return next(name for name in _numbered(own) if name not in taken)


def _numbered(entry_id: str) -> Iterable[str]:
    yield entry_id
    yield from (f"{entry_id}-{number}" for number in count(2))

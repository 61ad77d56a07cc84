"""Entries as people know them, in one line."""

from collections.abc import Sequence

_NAMED = 5


def listed(labels: Sequence[str]) -> str:
    """Return the first five, a file that several stand in once: "faq.csv, row 2, row 7 (fee)"."""
    shown: list[str] = []
    before = ""
    for label in labels[:_NAMED]:
        file, comma, row = label.rpartition(", ")
        shown.append(row if comma and file == before else label)
        before = file
    more = f" and {len(labels) - _NAMED:,} more" if len(labels) > _NAMED else ""
    return ", ".join(shown) + more

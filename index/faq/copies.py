"""Entries that say the same: they count once, whoever made them."""

from collections.abc import Sequence

from mundap.index.faq.entry import FaqEntry
from mundap.index.korean.text import match_key


def without_copies(entries: Sequence[FaqEntry]) -> list[FaqEntry]:
    """Return the first of all entries with one question, answer and category, in their order.

    It has the phrasings of all. Two copies would be offered beside each other, and a word of
    theirs would count as more usual than it is.
    """
    first: dict[tuple[str, str, str], FaqEntry] = {}
    for entry in entries:
        key = match_key(entry.question), match_key(entry.answer), entry.category
        known = first.setdefault(key, entry)
        if known is not entry:
            first[key] = known.joined(entry)
    return list(first.values())

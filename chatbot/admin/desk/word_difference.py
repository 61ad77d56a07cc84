"""What of a text was changed, word by word."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "old", "new"]
# Words; of longer texts all counts as changed, as comparing them takes long.
_LONGEST = 2000
# Of two texts that share less, one is read after the other: what they share is chance.
_ALIKE = 0.5


def word_difference(old: str | None, new: str | None) -> Iterator[tuple[Kind, str]]:
    """Yield the parts of both texts in their order; all that are not "old" are the new text."""
    before, after = _words(old), _words(new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if len(before) + len(after) > _LONGEST or matcher.ratio() < _ALIKE:
        yield from ((kind, text) for kind, text in _whole(old, new) if text)
        return
    for what, i, j, k, m in matcher.get_opcodes():
        if what == "equal":
            yield "same", "".join(after[k:m])
            continue
        if gone := "".join(before[i:j]):
            yield "old", gone
        if come := "".join(after[k:m]):
            yield "new", come


def _whole(old: str | None, new: str | None) -> tuple[tuple[Kind, str], ...]:
    return ("old", old or ""), ("new", new or "")


def _words(text: str | None) -> list[str]:
    return re.findall(r"\s+|\S+", text or "")

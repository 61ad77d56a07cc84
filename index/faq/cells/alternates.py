"""Other phrasings of a question in one cell."""

import re
from collections.abc import Iterable

# Where no bar parts them. A slash stands inside of words too: see `_slashed`.
_BREAKS = ("\n", ";", "；")
# Before a phrasing on a line of its own.
_BULLET = re.compile(r"^\s*[-*•·▪■□○●▶ㆍ]\s+")


def join_alternates(alternates: Iterable[str]) -> str:
    r"""Join alternates into one cell, `|` between them; one within a text becomes `\|`.

    Each becomes one line, and a bar at the end keeps a single one whole that would be parted.
    """
    texts = [re.sub("[\r\n]", " ", text) for text in alternates if text.strip()]
    cell = "|".join(text.replace("\\", "\\\\").replace("|", "\\|") for text in texts)
    return cell if split_alternates(cell) == tuple(texts) else f"{cell}|"


def split_alternates(cell: str, separator: str | None = None) -> tuple[str, ...]:
    r"""Part a cell at `separator`, or at bars (undoing `join_alternates`), line breaks, `;` or `/`.

    Empty parts are dropped, a `\` before anything but `\` and `|` stays.
    """
    if separator is not None:
        return _kept(cell.split(separator))
    parts = [""]
    for token in re.findall(r"\\[\\|]|.", cell, re.DOTALL):
        if token == "|":
            parts.append("")
        else:
            parts[-1] += token[-1]
    if len(parts) > 1:
        return _kept(parts)
    for character in _BREAKS:
        if character in cell.strip():
            return _kept(_BULLET.sub("", part) for part in parts[0].split(character))
    return _slashed(parts[0])


def _slashed(cell: str) -> tuple[str, ...]:
    """Part at slashes where each part is a phrasing: "환불 방법/환불 절차", not "A/S 되나요"."""
    parts = _kept(re.split(r"\s/\s", cell))
    if len(parts) > 1:
        return parts
    parts = _kept(cell.split("/"))
    whole = all(" " in part.strip() or part.strip().endswith(("?", "？")) for part in parts)
    return parts if whole and "://" not in cell else _kept([cell])


def _kept(parts: Iterable[str]) -> tuple[str, ...]:
    return tuple(part for part in parts if part.strip())

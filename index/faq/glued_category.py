"""Categories that an export wrote into the cells of the questions, on a line of their own."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

# A category is a word or two.
_LONGEST = 15
_ASKS = re.compile(r"[?？]|(까|요|다)[.!\s]*$")


def glued_categories(cells: Iterable[str]) -> frozenset[str]:
    """Return the short lines that stand above or below a question in two cells or more."""
    often = Counter(line for cell in cells for line in _short_lines(cell))
    return frozenset(line for line, count in often.items() if count > 1)


def parted(cell: str, categories: frozenset[str]) -> tuple[str, str]:
    """Return the question and the category of a cell; "" where none of `categories` is in it."""
    lines = _lines(cell)
    if len(lines) == 2:
        for category, question in (lines, lines[::-1]):
            if category in categories and question not in categories:
                return question, category
    return cell, ""


def _short_lines(cell: str) -> Sequence[str]:
    lines = _lines(cell)
    if len(lines) != 2:
        return ()
    return [line for line in lines if len(line) <= _LONGEST and not _ASKS.search(line)]


def _lines(cell: str) -> list[str]:
    return [line.strip() for line in cell.splitlines() if line.strip()]

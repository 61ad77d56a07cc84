"""Categories in the cells of the questions: on a line of their own, or in brackets."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

# A category is a word or two.
_LONGEST = 15
_ASKS = re.compile(r"[?？]|(까|요|다)[.!\s]*$")
_BRACKETS = re.compile(
    rf"[\[［【〔]\s*(?P<category>[^\[\]［］【】〔〕]{{1,{_LONGEST}}}?)\s*[\]］】〕]\s*\w"
)


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


def in_brackets(question: str) -> str:
    """Return what stands in brackets before a question: 여권 of "[여권] 갱신하려면?"; else ""."""
    found = _BRACKETS.match(question)
    return found["category"] if found and any(map(str.isalpha, found["category"])) else ""


def has_brackets(questions: Iterable[str]) -> bool:
    """Whether brackets before most questions part them: several names, each about twice or more."""
    named = [in_brackets(question) for question in questions]
    often = Counter(filter(None, named))
    return 2 * often.total() > len(named) and 1 < len(often) <= often.total() / 2


def _short_lines(cell: str) -> Sequence[str]:
    lines = _lines(cell)
    if len(lines) != 2:
        return ()
    return [line for line in lines if len(line) <= _LONGEST and not _ASKS.search(line)]


def _lines(cell: str) -> list[str]:
    return [line.strip() for line in cell.splitlines() if line.strip()]

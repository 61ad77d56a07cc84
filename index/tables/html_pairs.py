"""Questions of a page that open their answers, or that are named so by their class."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from mundap.index.tables.sections import READS_AS_QUESTION

_OPENS = ("aria-controls", "data-bs-target", "data-target")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_QUESTION = re.compile(r"(?:^|[-_])(?:q|quest|questions?|ask|질문)\d*(?:[-_]|$)", re.IGNORECASE)
_ANSWER = re.compile(r"(?:^|[-_])(?:a|ans|answers?|reply|답변)\d*(?:[-_]|$)", re.IGNORECASE)
# Of a question's or an answer's element the letter in a circle, or the word.
_MARK = re.compile(r"\s*(?:Q|A|질문|답변|question|answer)\s*[.:]?\s*", re.IGNORECASE)


def inner(element: Any) -> str:
    """Return what an element holds: its text, or its HTML where that says more than the text."""
    if element.name == "tr":
        cells = element.find_all(["td", "th"])
        element = max(cells, key=lambda cell: len(cell.text), default=element)
    texts = (text for text in element.strings if text.strip())
    first, second = next(texts, None), next(texts, None)
    if first is not None and second is not None and _MARK.fullmatch(first):
        first.replace_with("")
    if all(part.name is None for part in element.contents):
        return str(element.get_text()).strip()
    return str(element.decode_contents()).strip()


def opened_records(page: Any) -> list[dict[str, Any]]:
    """Return what buttons that read as questions open, as accordions have them."""
    named = {element["id"]: element for element in page.find_all(id=True)}
    pairs = []
    for opener in page.find_all(lambda tag: any(tag.get(name) for name in _OPENS)):
        target = next(opener[name] for name in _OPENS if opener.get(name)).strip().lstrip("#")
        opened = named.get(target)
        if opened is not None and opened not in opener.parents and opener.text.strip():
            pairs.append((opener, opened))
    # A menu is opened so as well, by a button of another kind.
    kinds = Counter(_kind(opener) for opener, _ in pairs)
    asking = Counter(_kind(opener) for opener, _ in pairs if _asks(opener))
    return [
        {"question": inner(opener), "answer": inner(opened)}
        for opener, opened in pairs
        if asking[_kind(opener)] * 2 >= kinds[_kind(opener)]
    ]


def classed_records(page: Any) -> list[dict[str, Any]]:
    """Return what elements hold whose class names a question, each with the answers that follow."""
    found: list[tuple[Any, list[Any]]] = []
    taken: set[int] = set()
    for element in page.find_all(class_=True):
        asks, says = _is_named(element, _QUESTION), _is_named(element, _ANSWER)
        if asks == says or any(id(parent) in taken for parent in element.parents):
            continue
        other = _ANSWER if asks else _QUESTION
        if element.find(_named(other)) is not None or not element.text.strip():
            continue
        taken.add(id(element))
        if asks:
            found.append((element, []))
        elif found:
            found[-1][1].append(element)
    if not any(answers for _, answers in found) or not any(_asks(asked) for asked, _ in found):
        return []
    return [
        {"question": inner(asked), "answer": "\n\n".join(map(inner, answers))}
        for asked, answers in found
    ]


def _kind(element: Any) -> tuple[str, ...]:
    return (element.name, *element.get("class", ()))


def _asks(element: Any) -> bool:
    return READS_AS_QUESTION.search(element.get_text(" ", strip=True)) is not None


def _named(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda element: _is_named(element, pattern)


def _is_named(element: Any, pattern: re.Pattern[str]) -> bool:
    return any(pattern.search(_CAMEL.sub("-", name)) for name in element.get("class", ()))

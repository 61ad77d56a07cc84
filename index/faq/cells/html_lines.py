"""Lines that grow as HTML is read: runs of text with their marks, list markers, empty lines."""

import re
import unicodedata
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple


@dataclass(slots=True)
class ListLevel:
    """A list that is open: its next number, and how far the text of its items stands in."""

    number: int | None
    width: int = 0


class _Run(NamedTuple):
    text: str
    bold: bool
    href: str


@dataclass(slots=True)
class HtmlLines:
    """What was read so far, and what the next text must begin with."""

    levels: list[ListLevel] = field(default_factory=list)
    _lines: list[str] = field(default_factory=list)
    _runs: list[_Run] = field(default_factory=list)
    _breaks: int = 0
    _marker: str = ""

    def add(self, text: str, bold: bool, href: str, *, exact: bool = False) -> None:
        """Add text to the line; unless `exact`, it begins with no space and has no two in a row."""
        if not exact and (not self._runs or self._runs[-1].text.endswith(" ")):
            text = text.lstrip(" ")
        if text:
            self._runs.append(_Run(text, bold, href))

    def add_line(self, line: str) -> None:
        """Add a line that has its marks; one without text is an empty line."""
        self.gap(1 if line else 2)
        self._write(line)

    def line_break(self) -> None:
        """End the line; a second time leaves an empty one, a third changes nothing."""
        self._end_line()
        self._breaks = min(2, self._breaks + 1)

    def gap(self, breaks: int) -> None:
        """End the line, with at least so many breaks before what comes; none in a list is empty."""
        if breaks:
            self._end_line()
            self._breaks = max(self._breaks, 1 if self.levels else breaks)

    def begin_item(self) -> None:
        """Put a bullet or a number before the next text."""
        if self.levels:
            level = self.levels[-1]
            self._marker = "- " if level.number is None else f"{level.number}. "
            level.width = len(self._marker)
            level.number = None if level.number is None else level.number + 1

    def end_item(self) -> None:
        """Forget the marker of an item without text."""
        self._end_line()
        self._marker = ""

    def finished(self) -> list[str]:
        """Return all lines."""
        self._end_line()
        return self._lines

    def _end_line(self) -> None:
        if self._runs:
            self._write(_marked(self._runs))
            self._runs.clear()

    def _write(self, line: str) -> None:
        if not line.strip():
            return
        if self._lines:
            self._lines.extend([""] * (self._breaks - 1))
        inside = sum(level.width for level in self.levels) - len(self._marker)
        self._lines.append(f"{' ' * inside}{self._marker}{line}".rstrip())
        self._breaks, self._marker = 0, ""


def _marked(runs: list[_Run]) -> str:
    """Return one line of Markdown."""
    links = [list(group) for _, group in groupby(runs, key=lambda run: run.href)]
    texts = ["".join(run.text for run in link) for link in links]
    line = ""
    for number, link in enumerate(links):
        href = link[0].href
        after = texts[number + 1][:1] if number + 1 < len(links) else ""
        bold = _with_bold(link, "[" if href else line[-1:], "]" if href else after)
        line += _link(texts[number], bold, href) if href else bold
    return line


def _with_bold(runs: list[_Run], before: str, after: str) -> str:
    spans = [list(group) for _, group in groupby(runs, key=lambda run: run.bold)]
    texts = ["".join(run.text for run in span) for span in spans]
    written = ""
    for number, span in enumerate(spans):
        follows = texts[number + 1][:1] if number + 1 < len(spans) else after
        text = texts[number]
        written += _bold(text, written[-1:] or before, follows) if span[0].bold else text
    return written


def _bold(text: str, before: str, after: str) -> str:
    """Put stars around a text, where Markdown reads them as bold.

    It does not where a sign stands inside and a letter outside, as in **"네"**라고: so signs
    at the edges stay out of the bold.
    """
    core = text.strip(" ")
    start = len(text) - len(text.lstrip(" ")) if core else 0
    end = start + len(core)
    while start < end and _is_sign(text[start]) and _is_word((before + text[:start])[-1:]):
        start += 1
    while start < end and _is_sign(text[end - 1]) and _is_word((text[end:] + after)[:1]):
        end -= 1
    core = text[start:end]
    if not core.strip("* ") or "**" in core:
        return text
    return f"{text[:start]}**{core}**{text[end:]}"


def _link(text: str, shown: str, href: str) -> str:
    name = text.strip()
    lead, tail = " " * text.startswith(" "), " " * text.endswith(" ")
    shown = shown.strip()
    if not name:
        return text
    if _is_itself(name, href):
        return f"{lead}{name}{tail}"
    if not _balanced(name):
        return f"{lead}{shown} ({href}){tail}"
    return f"{lead}[{shown}]({href}){tail}"


def _is_itself(name: str, href: str) -> bool:
    """Whether a text names where its link leads, so that the page makes a link of it."""
    scheme, _, rest = href.partition(":")
    if scheme.lower() == "tel":
        digits = re.sub(r"\D", "", name)
        return len(digits) > 6 and digits == re.sub(r"\D", "", rest)
    if scheme.lower() == "mailto":
        return name == rest
    return href.rstrip("/") in {name.rstrip("/"), f"http://{name.rstrip('/')}"} and (
        "://" in name or name.startswith("www.")
    )


def _balanced(text: str) -> bool:
    depth = 0
    for char in text:
        depth += (char == "[") - (char == "]")
        if depth < 0:
            return False
    return depth == 0


def _is_sign(char: str) -> bool:
    return unicodedata.category(char)[0] in "PS"


def _is_word(char: str) -> bool:
    return bool(char) and not char.isspace() and not _is_sign(char)

"""Questions and answers as running text: headings with text below, or lines that are marked."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mundap.index.tables.delimited import delimited_file
from mundap.index.tables.grid import Grid, GridError, GridFile, grid_of_records
from mundap.index.tables.html_page import fold_records
from mundap.index.tables.marked_text import asking_records, marked_records
from mundap.index.tables.sections import READS_AS_QUESTION, Section, faq_of_sections
from mundap.index.tables.separator import parts_nothing, separator_of
from mundap.index.tables.text_encoding import TextFile

_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*\s*$")
_BOLD = re.compile(r"\s*(?:[-*]\s+)?\*\*([^*]+)\*\*\s*$")
# Where bold lines stand for headings, they are below all others.
_BELOW_ALL = 7
_UNDERLINE = re.compile(r"(=+|-{3,})\s*$")
_FENCE = re.compile(r"\s*(```|~~~)")
_TABLE_LINE = re.compile(r"\s*\|.*\|\s*$")
_RULE = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?\s*$")


def markdown_grids(path: Path) -> GridFile:
    """Open Markdown: headings as questions, a table, or lines of Q: and A:. Raises GridError."""
    text = TextFile.of(path)
    lines = text.text().splitlines()
    kind = f"Markdown, {text.name}"
    if folds := fold_records("\n".join(lines)):
        return GridFile(kind, (grid_of_records(folds, "question"),))
    sections = list(_sections(lines))
    tables = tuple(_tables(lines))
    records: list[dict[str, Any]] = []
    left_out: list[str] = []
    if not any(READS_AS_QUESTION.search(section.title) for section in sections):
        if tables:
            return GridFile(kind, tables)
        records = list(marked_records(lines))
        bold = [] if records else list(_sections(lines, bold=True))
        if any(section.depth == _BELOW_ALL for section in bold):
            sections = bold
        elif not records:
            records = asking_records(lines)
    if not records:
        records, left_out = faq_of_sections(sections)
    if not records:
        raise GridError("no heading with text below it, no table, and no lines of `Q:` and `A:`.")
    grid = grid_of_records(records, "line")
    return GridFile(kind, (_at_lines(grid, records),), tuple(left_out))


def text_grids(path: Path) -> GridFile:
    """Open a text file: cells parted by a character, or lines of Q: and A:. Raises GridError."""
    text = TextFile.of(path)
    lines = text.text().splitlines()
    records = list(marked_records(lines)) or asking_records(lines)
    if records:
        grid = grid_of_records(records, "line")
        return GridFile(f"text, {text.name}", (_at_lines(grid, records),))
    separator = separator_of(text.lines())
    if parts_nothing(text.lines(), separator):
        raise GridError(
            "no lines of `Q:` and `A:` in it, no line that asks with its answer below, and nothing "
            "that parts a question from its answer; wanted a tab, a comma, a semicolon or a bar."
        )
    return delimited_file(text, separator)


def _sections(lines: Sequence[str], *, bold: bool = False) -> Iterator[Section]:
    """Yield the headings, `# so` or underlined, each with what stands below it.

    With `bold`, questions that are a line in bold are headings too.
    """
    current: Section | None = None
    fenced = False
    skip = False
    for number, line in enumerate(lines, start=1):
        if skip:
            skip = False
            continue
        if _FENCE.match(line):
            fenced = not fenced
        found = None if fenced else _HEADING.match(line)
        asks = None if fenced or not bold else _BOLD.match(line)
        below = lines[number] if number < len(lines) else ""
        underlined = not fenced and line.strip() and _UNDERLINE.match(below) and "|" not in line
        previous = lines[number - 2] if number > 1 else ""
        section = None
        if found is not None:
            section = Section(len(found[1]), _without_stars(found[2]), number)
        elif asks is not None and READS_AS_QUESTION.search(asks[1]):
            section = Section(_BELOW_ALL, asks[1].strip(), number)
        elif underlined and not previous.strip():
            section = Section(1 if below.startswith("=") else 2, line.strip(), number)
            skip = True
        if section is not None:
            if current is not None:
                yield current
            current = section
        elif current is not None:
            current.body.append(line)
    if current is not None:
        yield current


def _without_stars(title: str) -> str:
    found = re.fullmatch(r"\*\*(.+)\*\*", title)
    return found[1] if found else title


def _tables(lines: Sequence[str]) -> Iterator[Grid]:
    """Yield each table of bars, by its headings."""
    at = 0
    found = 0
    while at < len(lines) - 1:
        if not (_TABLE_LINE.match(lines[at]) and _RULE.match(lines[at + 1])):
            at += 1
            continue
        names = _cells(lines[at])
        records: list[dict[str, Any]] = []
        at += 2
        while at < len(lines) and "|" in lines[at]:
            record = dict(zip(names, _cells(lines[at]), strict=False))
            records.append({**record, "line": at + 1})
            at += 1
        found += 1
        grid = grid_of_records(records, "line", sheet=f"table {found}", headings=names)
        yield _at_lines(grid, records)


def _cells(line: str) -> list[str]:
    parts = re.split(r"(?<!\\)\|", line.strip().strip("|"))
    return [part.strip().replace("\\|", "|").replace("<br>", "\n") for part in parts]


def _at_lines(grid: Grid, records: Sequence[dict[str, Any]]) -> Grid:
    """Number the rows by the lines that they begin in, and take that out of their columns."""
    names = tuple(name for name in grid.headings or () if name != "line")
    numbered = [(record["line"], [record.get(name) for name in names]) for record in records]
    from mundap.index.tables.grid import GridRow

    return Grid(lambda: (GridRow(n, cells) for n, cells in numbered), grid.sheet, names, "line")

"""Questions and answers as running text: headings with text below, or lines of Q: and A:."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mundap.index.tables.delimited import delimited_file
from mundap.index.tables.grid import Grid, GridError, GridFile, grid_of_records
from mundap.index.tables.separator import parts_nothing, separator_of
from mundap.index.tables.text_encoding import TextFile

_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*\s*$")
_UNDERLINE = re.compile(r"(=+|-{3,})\s*$")
_ASKS = re.compile(
    r"\s*(?:[-*>]\s+)?(?:\*\*)?\s*[\[(<【]?\s*(?:Q|질문|문|question)\s*\d*\s*[\])>】]?\s*[.:)．：]?\s*(?:\*\*)?\s*"
    r"(?<=[.:)．：\])>】* ])(?P<rest>\S.*)",
    re.IGNORECASE,
)
_SAYS = re.compile(
    r"\s*(?:[-*>]\s+)?(?:\*\*)?\s*[\[(<【]?\s*(?:A|답변|답|answer)\s*\d*\s*[\])>】]?\s*[.:)．：]\s*(?:\*\*)?\s*(?P<rest>.*)",
    re.IGNORECASE,
)
_FENCE = re.compile(r"\s*(```|~~~)")
_TABLE_LINE = re.compile(r"\s*\|.*\|\s*$")
_RULE = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?\s*$")
_READS_AS_QUESTION = re.compile(
    r"[?？]\s*$|(까|나요|가요|어요|해요|는지|방법|절차)[.!]?\s*$|^\s*(Q|질문)\s*\d*[.:)]"
)


@dataclass(slots=True)
class Section:
    """A heading with its depth (1 to 6), the line it stands in, and the text below it."""

    depth: int
    title: str
    line: int
    body: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text below, without blank lines around it."""
        return "\n".join(self.body).strip("\n").strip()


def markdown_grids(path: Path) -> GridFile:
    """Open Markdown: headings as questions, a table, or lines of Q: and A:. Raises GridError."""
    text = TextFile.of(path)
    lines = text.text().splitlines()
    sections = list(_sections(lines))
    tables = tuple(_tables(lines))
    if tables and not any(_READS_AS_QUESTION.search(section.title) for section in sections):
        return GridFile(f"Markdown, {text.name}", tables)
    records, left_out = faq_of_sections(sections)
    if not records:
        records = list(_marked(lines))
    if not records:
        raise GridError("no heading with text below it, no table, and no lines of `Q:` and `A:`.")
    grid = grid_of_records(records, "line")
    return GridFile(f"Markdown, {text.name}", (_at_lines(grid, records),), tuple(left_out))


def text_grids(path: Path) -> GridFile:
    """Open a text file: cells parted by a character, or lines of Q: and A:. Raises GridError."""
    text = TextFile.of(path)
    records = list(_marked(text.text().splitlines()))
    if records:
        grid = grid_of_records(records, "line")
        return GridFile(f"text, {text.name}", (_at_lines(grid, records),))
    separator = separator_of(text.lines())
    if parts_nothing(text.lines(), separator):
        raise GridError(
            "no lines of `Q:` and `A:` in it, and nothing that parts a question from its answer; "
            "wanted a tab, a comma, a semicolon or a bar between them."
        )
    return delimited_file(text, separator)


def faq_of_sections(sections: Sequence[Section]) -> tuple[list[dict[str, Any]], list[str]]:
    """Return question, answer, category and line of each section that asks, and what was left out.

    Those of the depth at which most headings read as questions, or else have text below, are the
    questions; those above are categories, and those below are part of the answer.
    """
    with_text = [section for section in sections if section.text]
    asking = Counter(s.depth for s in with_text if _READS_AS_QUESTION.search(s.title))
    depths = asking or Counter(s.depth for s in with_text)
    if not depths:
        return [], []
    depth = max(depths, key=lambda d: (depths[d], d))
    above: dict[int, str] = {}
    records: list[dict[str, Any]] = []
    left_out: list[str] = []
    bare = []
    for section in sections:
        above = {d: title for d, title in above.items() if d < section.depth}
        if section.depth > depth and records:
            part = f"**{section.title}**\n{section.text}".strip()
            records[-1]["answer"] = f"{records[-1]['answer']}\n\n{part}".strip()
        elif section.depth == depth:
            category = above[max(above)] if len(above) > 1 or (above and min(above) > 1) else ""
            record = {"question": section.title, "answer": section.text, "category": category}
            records.append({**record, "line": section.line})
        else:
            above[section.depth] = section.title
            if section.text:
                bare.append(f"line {section.line}: text below the heading {section.title!r}")
    left_out += [f"{text} is no answer, and was left out." for text in bare]
    lone_title = len({s.title for s in sections if s.depth == min(x.depth for x in sections)}) == 1
    if not lone_title:  # several headings of the first depth are categories themselves
        _with_first_depth(records, sections, depth)
    return records, left_out


def _with_first_depth(
    records: list[dict[str, Any]], sections: Sequence[Section], depth: int
) -> None:
    """Give the records without a category the heading that they stand under."""
    for record in records:
        if record["category"]:
            continue
        before = [s for s in sections if s.line < record["line"] and s.depth < depth]
        if before:
            record["category"] = before[-1].title


def _sections(lines: Sequence[str]) -> Iterator[Section]:
    """Yield the headings, `# so` or underlined, each with what stands below it."""
    current: Section | None = None
    fenced = False
    skip = False
    for number, line in enumerate(lines, start=1):
        if skip:
            skip = False
            continue
        if _FENCE.match(line):
            fenced = not fenced
        heading = None if fenced else _HEADING.match(line)
        below = lines[number] if number < len(lines) else ""
        underlined = not fenced and line.strip() and _UNDERLINE.match(below) and "|" not in line
        previous = lines[number - 2] if number > 1 else ""
        if heading is not None or (underlined and not previous.strip()):
            if current is not None:
                yield current
            if heading is not None:
                current = Section(len(heading[1]), _without_stars(heading[2]), number)
            else:
                current = Section(1 if below.startswith("=") else 2, line.strip(), number)
                skip = True
        elif current is not None:
            current.body.append(line)
    if current is not None:
        yield current


def _without_stars(title: str) -> str:
    found = re.fullmatch(r"\*\*(.+)\*\*", title)
    return found[1] if found else title


def _marked(lines: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield questions and answers that lines beginning with Q and A mark."""
    question, line, answer = "", 0, None
    for number, text in enumerate(lines, start=1):
        says = _SAYS.match(text)
        asks = None if says else _ASKS.match(text)
        if asks:
            if question:
                yield {
                    "question": question,
                    "answer": "\n".join(answer or []).strip(),
                    "line": line,
                }
            question, line, answer = asks["rest"].strip().removesuffix("**"), number, None
        elif says and question and answer is None:
            answer = [says["rest"].removesuffix("**")]
        elif answer is not None:
            answer.append(text)
        elif question and text.strip():
            question += f" {text.strip()}"
    if question:
        yield {"question": question, "answer": "\n".join(answer or []).strip(), "line": line}


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

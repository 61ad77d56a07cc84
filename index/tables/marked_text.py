"""Lines that begin with Q and A, or that ask, as questions and answers."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from mundap.index.tables.grid import Grid, GridRow, cell_text, is_blank
from mundap.index.tables.sections import READS_AS_QUESTION

_ASKS = re.compile(
    r"\s*(?:[-*>]\s+)?(?:\*\*)?\s*[\[(<【]?\s*(?:Q|질문|문|question)\s*\d*\s*[\])>】]?\s*[.:)．：]?\s*(?:\*\*)?\s*"
    r"(?<=[.:)．：\])>】* ])(?P<rest>\S.*)",
    re.IGNORECASE,
)
_SAYS = re.compile(
    r"\s*(?:[-*>]\s+)?(?:\*\*)?\s*[\[(<【]?\s*(?:A|답변|답|answer)\s*\d*\s*(?:[\])】]|[\])>】]?\s*[.:)．：])\s*(?:\*\*)?\s*(?P<rest>.*)",
    re.IGNORECASE,
)
# On a line of its own above the text.
_ASKS_BELOW, _SAYS_BELOW = (
    re.compile(rf"\s*[\[(【]?\s*(?:{mark})\s*\d*\s*[\])】]?\s*[.:)]?(?P<rest>\s*)", re.IGNORECASE)
    for mark in ("Q|질문|문|question", "A|답변|답|answer")
)
# In a cell of its own before the text.
_MARK = re.compile(r"(?:Q|A|질문|답변|문|답)\s*\d{0,4}\s*[.:)]?", re.IGNORECASE)
_LOOKED_AT, _MOST = 60, 0.7
_NUMBERED = re.compile(r"\s*(?:\d{1,3}[.)]|[①-⑳●■▶◆○□])\s+(?P<rest>\S.*)")
# What stands before an answer.
_ARROW = re.compile(r"^\s*(?:☞|▶|→|⇒|⇨|➡|=>|->|└|ㄴ)\s*")


def marked_records(lines: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield questions and answers that lines beginning with Q and A mark."""
    question: list[str] | None = None
    answer: list[str] | None = None
    line = 0
    for number, text in enumerate(lines, start=1):
        says = _SAYS_BELOW.fullmatch(text) or _SAYS.match(text)
        asks = None if says else _ASKS_BELOW.fullmatch(text) or _ASKS.match(text)
        if asks:
            if question:
                yield _record(question, answer, line)
            question, line, answer = [asks["rest"].strip().removesuffix("**")], number, None
        elif says and question is not None and answer is None:
            answer = [says["rest"].removesuffix("**")]
        elif answer is not None:
            answer.append(text)
        elif question is not None:
            question.append(text.strip())
    if question:
        yield _record(question, answer, line)


def _record(question: list[str], answer: list[str] | None, line: int) -> dict[str, Any]:
    asked = " ".join(filter(None, question))
    return {"question": asked, "answer": "\n".join(answer or []).strip(), "line": line}


def asking_records(lines: Sequence[str]) -> list[dict[str, Any]]:
    """Return the lines that ask, each with the lines below it.

    They begin with a number or a bullet and read as questions, or end in a question mark and stand
    below an empty line. [] where there are not two of them, or where one has nothing below it.
    """
    records: list[dict[str, Any]] = []
    before = ""
    for number, text in enumerate(lines, start=1):
        marked = _NUMBERED.match(text)
        asks = marked is not None and READS_AS_QUESTION.search(marked["rest"])
        if asks or (not before and text.rstrip().endswith(("?", "？"))):
            question = marked["rest"] if marked is not None else text
            records.append({"question": question.strip(), "answer": "", "line": number})
        elif records:
            below = _ARROW.sub("", text, count=1)
            records[-1]["answer"] = f"{records[-1]['answer']}\n{below}".strip()
        before = text.strip()
    return records if len(records) > 1 and all(record["answer"] for record in records) else []


def marked_grid(grid: Grid) -> Grid | None:
    """Return a sheet in which questions and answers stand below one another as a row for each.

    None for any other: two rows at least begin with Q, as many with A, and hardly any without.
    """
    if grid.headings is not None:
        return None
    first = list(islice((_marked(row) for row in grid.rows() if not is_blank(row)), _LOOKED_AT))
    asks, says = (sum(bool(mark.match(text)) for text in first) for mark in (_ASKS, _SAYS))
    if min(asks, says) < 2 or asks + says < _MOST * len(first):
        return None
    return Grid(
        lambda: _paired(grid),
        grid.sheet,
        ("question", "answer"),
        hidden=grid.hidden,
        about=grid.about,
    )


def _paired(grid: Grid) -> Iterator[GridRow]:
    question: list[str] = []
    answer: list[str] | None = None
    number = 0
    for row in grid.rows():
        text = _marked(row)
        if (asks := _ASKS.match(text)) and not _SAYS.match(text):
            if question:
                yield GridRow(number, ["\n".join(question), "\n".join(answer or [])])
            number, question, answer = row.number, [text[asks.start("rest") :]], None
        elif question and answer is None and (says := _SAYS.match(text)):
            answer = [text[says.start("rest") :]]
        elif text and question:
            (question if answer is None else answer).append(text)
    if question:
        yield GridRow(number, ["\n".join(question), "\n".join(answer or [])])


def _marked(row: GridRow) -> str:
    """Return what a row of one text says, or one with a mark in a cell before it; else nothing."""
    cells = [text for cell in row.cells if (text := cell_text(cell).strip())]
    if len(cells) == 2 and _MARK.fullmatch(cells[0]):
        return f"{cells[0].rstrip(' .:)')}. {cells[1]}"
    return cells[0] if len(cells) == 1 else ""

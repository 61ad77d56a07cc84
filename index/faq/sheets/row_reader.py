"""The rows of one sheet as rows of a FAQ, or why a row cannot be one."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from mundap.index.faq.cells.alternates import split_alternates
from mundap.index.faq.cells.cell_text import read_cell
from mundap.index.faq.sheets.column import Column
from mundap.index.faq.sheets.columns import FaqColumns
from mundap.index.faq.sheets.glued_category import in_brackets, parted
from mundap.index.faq.sheets.layout import Layout
from mundap.index.korean.text import clean, clean_lines
from mundap.index.tables.grid import Grid, GridRow, cell_text, is_blank

# What is counted besides what `read_cell` does.
_AGAIN = "headings that stand again below, skipped"
_PASSES = 4
_GLUED = "categories parted from the questions that they stood with"
_BRACKETS = "names in brackets before the questions, taken for categories, and left there"
_TITLES = "titles above several rows, taken for the category of those"
# The sign before a title in a cell of a question.
_TITLE = re.compile(r"\s*[■●◆▶□○◎★※▣◈]\s*(?P<title>[^?？]+?)\s*")
_LONGEST = 30
_LINKED = "links of cells, written into the answers"
_UNLINKED = "links of questions left out"
# A longer text has the address below it.
_LONGEST_LINK = 60
_JOINED = "lists of answers, joined as paragraphs"
_GOES_ON = "answers beside one merged question, joined to its first as paragraphs"


def shown_text(text: str, *, keep_html: bool = False, plain: bool = False) -> tuple[str, set[str]]:
    """Return a cell as it is kept, and what was done to it; what was kept comes back as it is.

    A control character between two letters hides what they are of: it is gone the second time.
    """
    done: set[str] = set()
    for _ in range(_PASSES):
        before = text
        text, what = read_cell(text, keep_html=keep_html, plain=plain)
        text = clean(text) if plain else clean_lines(text)
        done.update(what)
        if text == before:
            break
    return text, done


class FaqRow(NamedTuple):
    """What one row says; `place` is where it stands, for people."""

    question: str
    answer: str
    alternates: tuple[str, ...]
    category: str
    entry_id: str
    place: str
    question_en: str = ""
    answer_en: str = ""


class Rejected(NamedTuple):
    """A row that was not taken, where it stands, and why."""

    place: str
    file: str
    sheet: str
    row: int
    reason: str
    cells: tuple[str, ...]


class RowReader:
    """Reads one sheet; `done` counts what was done to its cells."""

    def __init__(
        self,
        file: Path,
        grid: Grid,
        layout: Layout,
        columns: FaqColumns,
        *,
        category: str,
        done: Counter[str],
    ) -> None:
        self._file, self._grid, self._layout, self._columns = file, grid, layout, columns
        self._category, self._done = category, done
        self._headings = [column.heading for column in layout.columns]
        self._sheet = f"{file}, sheet {grid.sheet}" if grid.sheet else str(file)

    def rows(self) -> Iterator[FaqRow | Rejected]:
        """Read every row that is not blank; a heading that stands again is skipped and counted.

        Several answers beside one merged question are one answer, in their order.
        """
        last: FaqRow | Rejected | None = None
        for row, found in self._each():
            if isinstance(found, FaqRow) and isinstance(last, FaqRow) and self._goes_on(row):
                last = self._joined(last, found)
                continue
            if last is not None:
                yield last
            last = found
        if last is not None:
            yield last

    def _each(self) -> Iterator[tuple[GridRow, FaqRow | Rejected]]:
        heading = self._layout.heading
        for row in self._grid.rows():
            if (heading is not None and row.number <= heading) or is_blank(row):
                continue
            if heading is not None and self._is_heading(row):
                self._done[_AGAIN] += 1
                continue
            if title := self._title(row):
                self._done[_TITLES] += 1
                self._category = title
                continue
            place = f"{self._sheet}, {self._grid.noun} {row.number}"
            found = self._read(row, place)
            if isinstance(found, FaqRow):
                yield row, found
                continue
            cells = tuple(map(cell_text, row.cells))
            file, sheet = str(self._file), self._grid.sheet
            yield row, Rejected(place, file, sheet, row.number, found, cells)

    def _goes_on(self, row: GridRow) -> bool:
        question, answer = self._layout.question.place, self._layout.answer.place
        return question in row.merged and answer not in row.merged

    def _joined(self, first: FaqRow, more: FaqRow) -> FaqRow:
        self._done[_GOES_ON] += 1
        alternates = tuple(dict.fromkeys((*first.alternates, *more.alternates)))
        return first._replace(answer=f"{first.answer}\n\n{more.answer}", alternates=alternates)

    def _title(self, row: GridRow) -> str:
        """Return what a row says that names the rows below it, where no column does."""
        cells = enumerate(map(cell_text, row.cells))
        texts = {place: text.strip() for place, text in cells if text.strip()}
        if self._layout.category is not None or row.fault or len(texts) != 1:
            return ""
        (place, text), *_ = texts.items()
        first = min(self._layout.question.place, self._layout.answer.place)
        marked = _TITLE.fullmatch(text)
        found = marked["title"] if marked else text if place < first else ""
        return clean(found) if len(found) <= _LONGEST and any(map(str.isalpha, found)) else ""

    def _is_heading(self, row: GridRow) -> bool:
        names = [" ".join(cell_text(cell).split()) for cell in row.cells]
        return any(names) and names[: len(self._headings)] == self._headings[: len(names)]

    def _read(self, row: GridRow, place: str) -> FaqRow | str:
        """Return what a row says, or why it cannot be taken."""
        if row.fault:
            return f"{row.fault}."
        extra = [cell for cell in row.cells[len(self._headings) :] if cell_text(cell).strip()]
        if extra and self._grid.separator:
            return (
                f"it has {len(row.cells)} cells for {len(self._headings)} columns. Put a cell that "
                f"holds {self._grid.separator!r} between double quotes."
            )
        asked = _parts(self._cell(row, self._layout.question))
        glued = ""
        if self._layout.glued and len(asked) == 1:
            asked[0], glued = parted(asked[0], self._layout.glued)
            if glued:
                self._done[_GLUED] += 1
        questions = self._texts(asked, plain=True)
        answer = self._answer(row, self._layout.answer)
        for role, text in (("question", questions), ("answer", answer)):
            if not text:
                return f"the {role} is empty{self._grid.excuse}. Fill it or drop the row."
        if self._layout.question.place in row.links:
            self._done[_UNLINKED] += 1
        alternates = [*questions[1:], *self._alternates(row)]
        english = self._layout.english
        questions_en = [""]
        if "question_en" in english:
            questions_en = self._texts(_parts(self._cell(row, english["question_en"])), plain=True)
        return FaqRow(
            questions[0],
            answer,
            (*alternates, *questions_en[1:]),
            self._category_of(row, questions[0], glued),
            self._plain(row, self._layout.entry_id),
            place,
            "".join(questions_en[:1]),
            self._answer(row, english["answer_en"]) if "answer_en" in english else "",
        )

    def _category_of(self, row: GridRow, question: str, glued: str) -> str:
        if self._layout.category is not None:
            return self._plain(row, self._layout.category)
        named = in_brackets(question) if self._layout.brackets and not glued else ""
        if named:
            # It stays in the question, which may need it: "[여권] 갱신하려면?" asks of no other.
            self._done[_BRACKETS] += 1
        return glued or named or self._category

    def _answer(self, row: GridRow, column: Column) -> str:
        said = dict.fromkeys(_parts(self._cell(row, column)))
        answers = self._texts(list(said), plain=False)
        if len(answers) > 1:
            self._done[_JOINED] += 1
        return self._linked("\n\n".join(answers), row.links.get(column.place, ""))

    def _linked(self, text: str, address: str) -> str:
        """Return a text with the address that its cell leads to, unless it names that."""
        if not text or address.partition(":")[2].strip("/") in text:
            return text
        self._done[_LINKED] += 1
        address = address.translate({ord(char): quote(char) for char in " ()<>\n"})
        if len(text) > _LONGEST_LINK or re.search(r"[\n\[\]]", text):
            return f"{text}\n{address}"
        return f"[{text}]({address})"

    def _cell(self, row: GridRow, column: Column) -> Any:
        return row.cells[column.place] if column.place < len(row.cells) else None

    def _plain(self, row: GridRow, column: Column | None) -> str:
        return clean(cell_text(self._cell(row, column))) if column is not None else ""

    def _texts(self, parts: list[str], *, plain: bool) -> list[str]:
        """Return the texts of a cell as visitors shall see them; a list in a cell has several."""
        texts = []
        for part in parts:
            text, done = shown_text(part, keep_html=self._columns.keep_html, plain=plain)
            self._done.update(done)
            if text:
                texts.append(text)
        return texts

    def _alternates(self, row: GridRow) -> Iterator[str]:
        for column in self._layout.alternates:
            cell = self._cell(row, column)
            parts = _parts(cell)
            if not isinstance(cell, (list, tuple)):
                separator = self._columns.alternates_separator
                parts = [text for part in parts for text in split_alternates(part, separator)]
            yield from self._texts(parts, plain=True)


def _parts(cell: Any) -> list[str]:
    if isinstance(cell, (list, tuple)):
        return [text for part in cell for text in _parts(part)]
    text = cell_text(cell)
    return [text] if text.strip() else []

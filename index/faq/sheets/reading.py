"""How a FAQ was read: what was taken for what, and every row, column and sheet that was not."""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from mundap.index.durable import replaced_file
from mundap.index.faq.cells.cell_text import WHAT_WAS_DONE
from mundap.index.faq.sheets.choice import chosen_sheets, faq_files
from mundap.index.faq.sheets.column import Column
from mundap.index.faq.sheets.columns import FaqColumns
from mundap.index.faq.sheets.headings import EnglishRole
from mundap.index.faq.sheets.layout import EmptySheetError, Layout, LayoutError
from mundap.index.faq.sheets.row_reader import FaqRow, Rejected, RowReader
from mundap.index.faq.sheets.row_store import RowStore
from mundap.index.progress import watched
from mundap.index.tables.files import open_grids
from mundap.index.tables.grid import Grid, GridError, GridFile
from mundap.index.tables.table import TableError

if TYPE_CHECKING:
    from rich.table import Table

_EXAMPLES = 3
# Rows named in a terminal; a file names all that were rejected.
_NAMED = 10


@dataclass(slots=True)
class SheetReading:
    """What was taken from one sheet; `rows` and `examples` fill as it is read."""

    file: Path
    kind: str
    grid: Grid
    layout: Layout
    rows: int = 0
    examples: list[FaqRow] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The file, and the sheet where the file has such."""
        return f"{self.file}, sheet {self.grid.sheet}" if self.grid.sheet else str(self.file)


@dataclass(slots=True)
class FirstLines:
    """What is said of single rows: the first lines, and how many more there are."""

    lines: list[str] = field(default_factory=list)
    more: int = 0

    def add(self, line: str) -> None:
        """Add a line."""
        if len(self.lines) < _NAMED:
            self.lines.append(line)
        else:
            self.more += 1

    def shown(self) -> list[str]:
        """Return the lines for people."""
        return [*self.lines, f"- and {self.more:,} more such rows."] if self.more else self.lines


@dataclass(slots=True)
class Reading:
    """The report on one FAQ; it fills as `rows` is read."""

    path: Path
    sheets: list[SheetReading] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    rejected: RowStore[Rejected] = field(default_factory=lambda: RowStore(_rejected))
    done: Counter[str] = field(default_factory=Counter)
    copies: int = 0
    lost: FirstLines = field(default_factory=FirstLines)
    renamed: FirstLines = field(default_factory=FirstLines)

    @classmethod
    def of(cls, path: Path, columns: FaqColumns) -> "Reading":
        """Open a file, or every table in a folder, and find out what is what; no row is read yet.

        Raises TableError.
        """
        reading = cls(path)
        for file in faq_files(path, reading.left_out):
            try:
                reading.add(file, open_grids(file), columns)
            except GridError as error:
                raise TableError(str(error)) from None
        return reading

    def add(self, file: Path, opened: GridFile, columns: FaqColumns) -> None:
        """Choose the sheets of a file that hold the FAQ. Raises TableError."""
        self.left_out += [f"{file}: {text}" for text in opened.left_out]
        grids = chosen_sheets(file, opened.grids, columns.sheet)
        found: list[SheetReading] = []
        # What it takes besides --sheet to have it.
        wrong: list[tuple[Grid, str, str]] = []
        no_columns = " with --question-column and --answer-column"
        empty = "the workbook has no sheet"
        for grid in grids:
            if grid.hidden and columns.sheet is None and len(grids) > 1:
                wrong.append((grid, "it is hidden", ""))
                continue
            try:
                found.append(SheetReading(file, opened.kind, grid, Layout.of(grid, columns)))
            except EmptySheetError as error:  # new workbooks have two of them beside the used one
                empty = str(error)
            except LayoutError as error:
                wrong.append((grid, str(error), no_columns))
        if not found and not wrong:
            raise TableError(f"{file}: {empty}.")
        if not found:
            grid, reason, _ = wrong[0]
            sheet = f", sheet {grid.sheet!r}" if grid.sheet else ""
            raise TableError(f"{file}{sheet}: {reason}.")
        # A note of two columns looks like a FAQ, but for its headings, where another has them.
        if any(sheet.layout.sure for sheet in found):
            wrong += [
                (sheet.grid, "its headings name no question and answer", "")
                for sheet in found
                if not sheet.layout.sure
            ]
            found = [sheet for sheet in found if sheet.layout.sure]
        self.sheets += found
        self.left_out += [
            f"{file}: sheet {grid.sheet!r} was left out: {reason.partition('. ')[0]}. "
            f"--sheet {grid.sheet!r}{also} takes it."
            for grid, reason, also in wrong
        ]
        if columns.sheet is not None and (rest := [g for g in opened.grids if g not in grids]):
            names = ", ".join(repr(grid.sheet) for grid in rest)
            self.left_out.append(f"{file}: sheets left out, as --sheet says: {names}.")

    def copied(self, place: str, *, lost: Sequence[str]) -> None:
        """Count a row that another one says already, but for what is `lost` of it."""
        self.copies += 1
        for what in lost:
            self.lost.add(f"{place}: its {what} was left out, as it is a copy of another row.")

    def rows(self, columns: FaqColumns) -> Iterator[FaqRow]:
        """Read every row of every sheet, in their order; of many, a bar shows how far it is."""
        # The name of a sheet is the category of its rows where sheets part the FAQ.
        several = Counter(sheet.file for sheet in self.sheets)
        about = sum(sheet.grid.about for sheet in self.sheets)
        yield from watched(self._rows(columns, several), "Reading", "row", about)

    def _rows(self, columns: FaqColumns, several: Mapping[Path, int]) -> Iterator[FaqRow]:
        for sheet in self.sheets:
            category = sheet.grid.sheet if several[sheet.file] > 1 else ""
            reader = RowReader(
                sheet.file, sheet.grid, sheet.layout, columns, category=category, done=self.done
            )
            for row in _as_table(reader.rows()):
                if isinstance(row, Rejected):
                    self.rejected.add(row)
                    continue
                sheet.rows += 1
                if len(sheet.examples) < _EXAMPLES:
                    sheet.examples.append(row)
                yield row

    @property
    def english(self) -> list[str]:
        """The fields in English that any sheet has a column of, in the order of those fields."""
        found = {role for sheet in self.sheets for role in sheet.layout.english}
        return [role for role in get_args(EnglishRole) if role in found]

    # For people

    def notes(self) -> list[str]:
        """Return one line for each thing that was left out, changed or is not sure."""
        lines = [f"{sheet.name}: {text}" for sheet in self.sheets for text in sheet.layout.warnings]
        for sheet in self.sheets:
            if sheet.layout.left_out:
                named = ", ".join(
                    f"{column.label} ({why})" for column, why in sheet.layout.left_out
                )
                lines.append(f"{sheet.name}: columns left out: {named}.")
        lines += [*self.left_out, *self.lost.shown()]
        lines += [
            f"{count:,} {'cell' if count == 1 else 'cells'}: {WHAT_WAS_DONE.get(what, what)}."
            for what, count in self.done.items()
        ]
        if self.copies:
            lines.append(
                f"{self.copies:,} rows are copies of others and were merged with them."
                if self.copies > 1
                else "1 row is a copy of another and was merged with it."
            )
        return [*lines, *self.renamed.shown(), *self.rejected_lines()]

    def rejected_lines(self) -> list[str]:
        """Return how many rows were not taken, and the first of them with their reasons."""
        count = len(self.rejected)
        if not count:
            return []
        lines = [f"{count:,} {'row was' if count == 1 else 'rows were'} not taken:"]
        lines += [f"- {row.place}: {row.reason}" for row in islice(self.rejected, _NAMED)]
        more = len(self.rejected) - _NAMED
        if more > 0:
            lines.append(f"- and {more:,} more; --rejected FILE of `mundap data import` lists all.")
        return lines

    def table(self) -> "Table":
        """Return what was taken for what, with the first three rows."""
        from rich.table import Table

        table = Table(title=f"What was read from {self.path.name}", title_justify="left")
        for heading in ("from", "taken for", "first rows"):
            table.add_column(heading, overflow="fold")
        for sheet in self.sheets:
            self._add(table, sheet)
        return table

    def _add(self, table: "Table", sheet: SheetReading) -> None:
        from rich.text import Text

        layout = sheet.layout
        if layout.heading is not None:
            where = f"headings in row {layout.heading}"
        else:
            where = "no headings" if sheet.grid.headings is None else "named by the file"
        table.add_row(
            Text(sheet.grid.sheet or sheet.file.name, style="bold"),
            Text(f"{sheet.kind}; {where}"),
            Text(f"{sheet.rows:,} {'entry' if sheet.rows == 1 else 'entries'}"),
        )
        parts: list[tuple[Column, str, list[str]]] = [
            (layout.question, "question", [row.question for row in sheet.examples]),
            (layout.answer, "answer", [row.answer for row in sheet.examples]),
        ]
        if layout.category is not None or layout.glued or layout.brackets:
            texts = [row.category for row in sheet.examples]
            parts.append((layout.category or layout.question, "category", texts))
        for column in layout.alternates:
            texts = [" | ".join(row.alternates) for row in sheet.examples]
            parts.append((column, "alternates", texts))
        for what, column in layout.english.items():
            parts.append((column, what, [getattr(row, what) for row in sheet.examples]))
        if layout.entry_id is not None:
            parts.append((layout.entry_id, "entry_id", [row.entry_id for row in sheet.examples]))
        for column, role, texts in parts:
            shown = "\n".join(_short(text) for text in texts)
            table.add_row(Text(column.label), Text(role), Text(shown))
        for column, why in layout.left_out:
            table.add_row(Text(column.label), Text("left out"), Text(why))

    def write_rejected(self, path: Path) -> None:
        """Write all rows that were not taken as CSV that Excel opens."""
        with (
            replaced_file(path) as partial,
            partial.open("w", encoding="utf-8-sig", newline="") as file,
        ):
            writer = csv.writer(file)
            writer.writerow(["file", "sheet", "row", "reason", "cells"])
            for row in self.rejected:
                writer.writerow([row.file, row.sheet, row.row, row.reason, *row.cells])


def _rejected(values: list[Any]) -> Rejected:
    row = Rejected(*values)
    return row._replace(cells=tuple(row.cells))


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 26 else f"{text[:25]}…"


def _as_table(rows: Iterator[FaqRow | Rejected]) -> Iterator[FaqRow | Rejected]:
    """Raise TableError where reading a file goes wrong."""
    try:
        yield from rows
    except GridError as error:
        raise TableError(str(error)) from None

"""Excel workbooks (.xlsx), sheet by sheet and row by row, as people see their cells."""

from collections.abc import Iterator
from functools import partial
from itertools import count
from pathlib import Path

from mundap.index.tables.grid import Grid, GridError, GridFile, GridRow
from mundap.index.tables.number_format import shown_value
from mundap.index.tables.sheet_marks import SheetMarks
from mundap.index.tables.zip_file import checked_zip

# A table of questions has a handful.
MOST_COLUMNS = 1000


class SheetError(GridError):
    """A sheet cannot be read as a table; the message does not name its file."""


def workbook_grids(path: Path) -> GridFile:
    """Open a workbook; its sheets are read one row at a time. Raises GridError."""
    from openpyxl import load_workbook

    checked_zip(path)
    # Opened here: by a path the library goes by its suffix.
    with path.open("rb") as file:
        workbook = load_workbook(file, read_only=True, data_only=True)
        sheets = [
            (sheet.title, sheet.sheet_state != "visible", sheet.max_row or 0)
            for sheet in workbook.worksheets
        ]
        charts = [sheet.title for sheet in workbook.chartsheets]
    excuse = ", or a formula whose result the file does not hold: open it in Excel and save it"
    grids = tuple(
        Grid(partial(_rows, path, place), title, hidden=hidden, excuse=excuse, about=rows)
        for place, (title, hidden, rows) in enumerate(sheets)
    )
    return GridFile("Excel", grids, tuple(f"sheet {title!r} is a chart." for title in charts))


def sheet_rows(path: Path) -> Iterator[list[str]]:
    """Yield each row of the first sheet up to its last cell, and no empty ones at the end."""
    checked_zip(path)
    written = 0
    for row in _rows(path, 0):
        yield from ([] for _ in range(row.number - written - 1))
        written = row.number
        yield row.cells


def _rows(path: Path, place: int) -> Iterator[GridRow]:
    """Yield the rows that are not empty; merged cells say in each row what the first says."""
    # Not pandas, which makes a table as wide and as high as the farthest cell: a stray space in
    # the last corner of a sheet takes gigabytes.
    from openpyxl import load_workbook

    with path.open("rb") as file:
        workbook = load_workbook(file, read_only=True, data_only=True)
        sheet = workbook.worksheets[place]
        marks = SheetMarks.of(workbook._archive, sheet._worksheet_path)
        sheet.reset_dimensions()  # what the file says of its size may be wrong
        held: dict[tuple[int, int], str] = {}
        for number, cells in zip(count(1), sheet.iter_rows(), strict=False):
            row = [shown_value(cell) for cell in cells]
            # What is merged says nothing where nothing stands beside it.
            filled = _fill(row, number, marks, held) if any(row) else frozenset()
            while row and not row[-1]:
                row.pop()
            if len(row) > MOST_COLUMNS:
                raise SheetError(
                    f"Row {number} has a cell in column {len(row):,}; at most {MOST_COLUMNS:,} are "
                    "read. Clear what lies beside the table."
                )
            if row:
                yield GridRow(number, row, merged=filled, links=_links(number, len(row), marks))


def _fill(
    row: list[str], number: int, marks: SheetMarks, held: dict[tuple[int, int], str]
) -> frozenset[int]:
    """Fill the cells of a row that are one with those above, and return their places."""
    filled = set()
    for column, rows in marks.merged.items():
        first = rows.get(number)
        if first is not None:
            row += [""] * (column + 1 - len(row))
            row[column] = row[column] or held.get((column, first), "")
            filled.add(column)
        elif number + 1 in rows and column < len(row):
            held[column, number] = row[column]
    return frozenset(filled)


def _links(number: int, width: int, marks: SheetMarks) -> dict[int, str]:
    """Return where the cells of a row lead; one that is merged with others leads where they do."""
    if not marks.links:
        return {}
    firsts = {column: rows.get(number, number) for column, rows in marks.merged.items()}
    found = ((column, (firsts.get(column, number), column)) for column in range(width))
    return {column: marks.links[cell] for column, cell in found if cell in marks.links}

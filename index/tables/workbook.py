"""Excel workbooks (.xlsx), sheet by sheet and row by row, as people see their cells."""

import re
from collections.abc import Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from mundap.index.tables.grid import Grid, GridError, GridFile, GridRow
from mundap.index.tables.number_format import shown_value
from mundap.index.tables.zip_file import checked_zip

# A table of questions has a handful.
MOST_COLUMNS = 1000
# Merged cells that hold a text for the rows below; a sheet of more is no table.
_MOST_MERGED = 100_000
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+)(\d+):[A-Z]+(\d+)"')
_BLOCK = 1 << 20
_LONGEST_TAG = 200

# Of each column, from 0, with merged cells: the rows below their first -> the first.
_Merged = dict[int, dict[int, int]]


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
        merged = _merged_cells(workbook._archive, sheet._worksheet_path)
        sheet.reset_dimensions()  # what the file says of its size may be wrong
        held: dict[tuple[int, int], str] = {}
        for number, cells in zip(count(1), sheet.iter_rows(), strict=False):
            row = [shown_value(cell) for cell in cells]
            # What is merged says nothing where nothing stands beside it.
            filled = _fill(row, number, merged, held) if any(row) else frozenset()
            while row and not row[-1]:
                row.pop()
            if len(row) > MOST_COLUMNS:
                raise SheetError(
                    f"Row {number} has a cell in column {len(row):,}; at most {MOST_COLUMNS:,} are "
                    "read. Clear what lies beside the table."
                )
            if row:
                yield GridRow(number, row, merged=filled)


def _merged_cells(archive: Any, name: str) -> _Merged:
    """Return which cells of a sheet are merged downwards.

    Openpyxl knows them only of a sheet that it holds as a whole. Of cells that are merged
    sideways the first column counts alone.
    """
    found: _Merged = {}
    cells = 0
    with archive.open(name) as sheet:
        tail = b""
        while block := sheet.read(_BLOCK):
            block = tail + block
            end = 0
            for match in _MERGED.finditer(block):
                end = match.end()
                first, last = int(match[2]), int(match[3])
                cells += max(0, last - first)
                if cells > _MOST_MERGED:
                    raise SheetError(
                        f"More than {_MOST_MERGED:,} cells are merged; no table is so."
                    )
                column = found.setdefault(_column(match[1].decode()), {})
                column.update(dict.fromkeys(range(first + 1, last + 1), first))
            tail = block[max(end, len(block) - _LONGEST_TAG) :]
    return found


def _fill(
    row: list[str], number: int, merged: _Merged, held: dict[tuple[int, int], str]
) -> frozenset[int]:
    """Fill the cells of a row that are one with those above, and return their places."""
    filled = set()
    for column, rows in merged.items():
        first = rows.get(number)
        if first is not None:
            row += [""] * (column + 1 - len(row))
            row[column] = row[column] or held.get((column, first), "")
            filled.add(column)
        elif number + 1 in rows and column < len(row):
            held[column, number] = row[column]
    return frozenset(filled)


def _column(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1

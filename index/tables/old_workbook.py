"""Workbooks of Excel before 2007 (.xls)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mundap.index.tables.grid import Grid, GridError, GridFile, GridRow
from mundap.index.tables.number_format import shown_number
from mundap.index.tables.workbook import MOST_COLUMNS


def old_workbook_grids(path: Path) -> GridFile:
    """Open an old workbook, which has at most 65,536 rows a sheet. Raises GridError."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

    try:
        workbook = CalamineWorkbook.from_path(str(path))
    except PasswordError:
        raise GridError("it is locked with a password. Save it without one.") from None
    except CalamineError as error:
        raise GridError(f"not a readable workbook ({error}). Save it as .xlsx or CSV.") from None
    grids = tuple(
        Grid(
            lambda name=sheet.name: _rows(workbook.get_sheet_by_name(name)),  # type: ignore[misc]
            sheet.name,
            hidden=sheet.visible != SheetVisibleEnum.Visible,
        )
        for sheet in workbook.sheets_metadata
    )
    return GridFile("Excel before 2007", grids)


def _rows(sheet: Any) -> Iterator[GridRow]:
    if sheet.total_width > MOST_COLUMNS:
        raise GridError(
            f"Sheet {sheet.name!r} has a cell in column {sheet.total_width:,}; at most "
            f"{MOST_COLUMNS:,} are read. Clear what lies beside the table."
        )
    merged = {
        (row, start[1]): start
        for start, end in sheet.merged_cell_ranges or []
        for row in range(start[0] + 1, end[0] + 1)
    }
    first: dict[tuple[int, int], str] = {}
    above, left = sheet.start or (0, 0)
    for number, cells in enumerate(sheet.iter_rows(), start=above):
        row = [""] * left + ["" if cell is None else shown_number(cell) for cell in cells]
        if not any(row):
            continue
        filled = set()
        for column, text in enumerate(row):
            first[number, column] = text
            if (number, column) in merged and not text:
                row[column] = first.get(merged[number, column], "")
                filled.add(column)
        yield GridRow(number + 1, row, merged=frozenset(filled))

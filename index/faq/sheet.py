"""The first sheet of an Excel workbook, row by row, as texts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

# A table of questions has a handful.
_COLUMNS = 1000


class SheetError(ValueError):
    """A sheet cannot be read as a table; the message does not name its file."""


def sheet_rows(path: Path) -> Iterator[list[str]]:
    """Yield each row up to its last cell, and no empty ones at the end. Raises SheetError."""
    # Not pandas, which makes a table as wide and as high as the farthest cell: a stray space in
    # the last corner of a sheet takes gigabytes.
    from openpyxl import load_workbook

    workbook = load_workbook(path, read_only=True, data_only=True)
    try:
        yield from _filled_rows(workbook.worksheets[0])
    finally:
        workbook.close()


def _filled_rows(sheet: Any) -> Iterator[list[str]]:
    sheet.reset_dimensions()  # what the file says of its size may be wrong
    empty = 0
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        row = [_text(cell) for cell in cells]
        while row and not row[-1]:
            row.pop()
        if len(row) > _COLUMNS:
            raise SheetError(
                f"Row {number} has a cell in column {len(row):,}; at most {_COLUMNS:,} are read. "
                "Clear what lies beside the table."
            )
        if not row:
            empty += 1
            continue
        yield from ([] for _ in range(empty))
        empty = 0
        yield row


def _text(cell: Any) -> str:
    value = cell.value
    if value is None or cell.data_type == "e":  # an error, such as #N/A
        return ""
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)

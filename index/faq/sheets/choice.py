"""Which files of a folder and which sheets of a file are read as a FAQ."""

from collections.abc import Sequence
from pathlib import Path

from mundap.index.tables.files import SUFFIXES, TABLE_SUFFIXES
from mundap.index.tables.grid import Grid
from mundap.index.tables.table import TableError


def faq_files(path: Path, left_out: list[str]) -> list[Path]:
    """Return the file, or the tables directly in a folder by name, as `read_tables` does."""
    if path.is_dir():
        seen = sorted(
            f for f in path.iterdir() if f.is_file() and not f.name.startswith((".", "~$"))
        )
        files = [file for file in seen if file.suffix.lower() in TABLE_SUFFIXES]
        if not files:
            raise TableError(
                f"{path}: no table in this folder; wanted {', '.join(TABLE_SUFFIXES)}."
            )
        left_out += [
            f"{file}: left out, as of a folder tables alone are read; name it to read it."
            for file in seen
            if file.suffix.lower() in SUFFIXES and file not in files
        ]
        return files
    if not path.exists():
        raise TableError(f"{path}: no such file or folder.")
    if path.suffix.lower() not in SUFFIXES:
        raise TableError(f"{path}: unknown table type {path.suffix!r}; use {', '.join(SUFFIXES)}.")
    return [path]


def chosen_sheets(file: Path, grids: Sequence[Grid], sheet: str | None) -> list[Grid]:
    """Return the sheet that is named, by its name or its number, or all."""
    if sheet is None:
        return list(grids)
    named = [grid for grid in grids if grid.sheet.strip().casefold() == sheet.strip().casefold()]
    if not named and sheet.isdecimal() and 1 <= int(sheet) <= len(grids):
        named = [grids[int(sheet) - 1]]
    if not named:
        found = ", ".join(repr(grid.sheet) for grid in grids if grid.sheet) or "no sheets"
        raise TableError(f"{file}: no sheet {sheet!r}, named with --sheet; found {found}.")
    return named

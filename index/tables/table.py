"""Tables on disk: Parquet, CSV, JSON Lines and Excel, one file or a folder of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mundap.index.first_line import first_line
from mundap.index.tables.csv_file import CsvError, CsvFile
from mundap.index.tables.grid import GridError
from mundap.index.tables.json_lines import JsonLinesError, json_rows
from mundap.index.tables.parquet import parquet_grids
from mundap.index.tables.workbook import sheet_rows

SUFFIXES = (".parquet", ".csv", ".jsonl", ".xlsx")

Row = dict[str, Any]
# What opening a file tells: the heading, and what reads the rows from the start.
_Opened = tuple[Iterable[str], Callable[[], Iterator[Row]]]


class TableError(ValueError):
    """A table file is missing, unreadable or lacks a column."""


@dataclass(frozen=True, slots=True)
class TableFile:
    """One table on disk whose rows are read as they are asked for, one at a time.

    Text cells stay text: "001" and "N/A" come as typed, an empty cell of CSV and Excel as "".
    JSON Lines and Parquet keep their types, and a cell they leave out is None or missing.
    """

    path: Path
    columns: tuple[str, ...]
    read: Callable[[], Iterator[Row]]

    @classmethod
    def open(cls, path: Path) -> "TableFile":
        """Find the columns of a file; raises TableError naming it where it is no table."""
        path = _one_file(Path(path))
        with _named(path):
            heading, read = _OPENERS[path.suffix.lower()](path)
        columns = [name for name in heading if name]
        for name in columns:
            if columns.count(name) > 1:
                raise TableError(f"{path}: column {name!r} stands twice. Rename or drop one.")
        return cls(path, tuple(columns), read)

    def rows(self) -> Iterator[Row]:
        """Yield the rows from the start; raises TableError where a row cannot be read."""
        with _named(self.path):
            yield from self.read()


@dataclass(frozen=True, slots=True)
class Table:
    """A whole table in memory; every row has every column, "" where its cell is empty."""

    columns: tuple[str, ...]
    rows: list[Row]

    @classmethod
    def of(cls, file: TableFile) -> "Table":
        """Read a file to its end."""
        columns = file.columns
        return cls(columns, [{n: _filled(row.get(n)) for n in columns} for row in file.rows()])


def read_table(path: Path) -> Table:
    """Read one table, or every table directly in a folder (by name) one after the other.

    Raises TableError naming the file when it is missing, of another type or damaged.
    """
    return joined(read_tables(path))


def read_tables(path: Path) -> dict[Path, Table]:
    """Do what `read_table` does, and return each table by its file."""
    return {file: Table.of(TableFile.open(file)) for file in table_files(path)}


def table_columns(path: Path) -> tuple[str, ...]:
    """Return the columns of the tables of a file or folder; none where it is no plain table.

    Raises TableError where there is no such file.
    """
    if not Path(path).exists():
        raise TableError(f"{path}: no such file or folder.")
    try:
        files = [TableFile.open(file) for file in table_files(path)]
    except TableError:
        return ()
    return tuple(dict.fromkeys(name for file in files for name in file.columns))


def joined(tables: Mapping[Path, Table]) -> Table:
    """Put what `read_tables` returns one after the other."""
    columns = tuple(dict.fromkeys(name for table in tables.values() for name in table.columns))
    every = [row for table in tables.values() for row in table.rows]
    return Table(columns, [{name: row.get(name, "") for name in columns} for row in every])


def require_columns(table: Table | TableFile, columns: Iterable[str], path: Path) -> None:
    """Raise TableError naming what is missing and what was found unless all columns are there."""
    missing = [column for column in columns if column not in table.columns]
    if missing:
        found = ", ".join(map(repr, table.columns)) or "none"
        wanted = ", ".join(map(repr, missing))
        raise TableError(f"{path}: missing column {wanted}; found {found}.")


def table_files(path: Path) -> list[Path]:
    """Return `path` itself, or the tables directly in a folder by name; see `read_table`."""
    path = Path(path)
    if path.is_dir():
        files = sorted(
            file
            for file in path.iterdir()
            if file.suffix.lower() in SUFFIXES and not file.name.startswith((".", "~$"))
        )
        if not files:
            raise TableError(f"{path}: no table in this folder; wanted {_known_suffixes()}.")
        return files
    if not path.exists():
        raise TableError(f"{path}: no such file or folder.")
    if path.suffix.lower() not in SUFFIXES:
        raise TableError(f"{path}: unknown table type {path.suffix!r}; use {_known_suffixes()}.")
    return [path]


def _one_file(path: Path) -> Path:
    if path.is_dir():
        raise TableError(f"{path}: is a folder; wanted one file.")
    return table_files(path)[0]


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Put the name of a file before what is wrong with it."""
    try:
        yield
    except TableError:
        raise
    except (CsvError, GridError, JsonLinesError) as error:
        raise TableError(f"{path}: {error}") from None
    except Exception as error:  # Parquet's and Excel's readers have exceptions of their own
        raise TableError(
            f"{path}: not a readable {path.suffix[1:]} table ({first_line(error)})."
        ) from None


def _open_csv(path: Path) -> _Opened:
    with path.open("rb") as file:
        looked_through = CsvFile.of(file)
        encoding, first = looked_through.encoding, next(looked_through.records())

    def records() -> Iterator[list[str]]:
        with path.open("rb") as file:
            yield from CsvFile(file, encoding).records()

    return _of_records(first, records)


def _open_xlsx(path: Path) -> _Opened:
    return _of_records(next(sheet_rows(path), []), lambda: sheet_rows(path))


def _of_records(first: list[str], records: Callable[[], Iterator[list[str]]]) -> _Opened:
    """Give the cells of each row the names of the first; what stands below no name is left out."""
    heading = [name.strip() for name in first]

    def rows() -> Iterator[Row]:
        below = records()
        next(below, None)
        for record in below:
            cells = [*record, *[""] * len(heading)]
            yield {name: cell for name, cell in zip(heading, cells, strict=False) if name}

    return heading, rows


def _open_jsonl(path: Path) -> _Opened:
    return dict.fromkeys(name for row in json_rows(path) for name in row), lambda: json_rows(path)


def _open_parquet(path: Path) -> _Opened:
    (grid,) = parquet_grids(path).grids
    heading = grid.headings or ()

    def rows() -> Iterator[Row]:
        for row in grid.rows():
            yield dict(zip(heading, row.cells, strict=True))

    return heading, rows


def _filled(cell: Any) -> Any:
    """Return "" for an empty cell, which Parquet also writes as not a number."""
    return "" if cell is None or (isinstance(cell, float) and cell != cell) else cell


_OPENERS: dict[str, Callable[[Path], _Opened]] = {
    ".parquet": _open_parquet,
    ".csv": _open_csv,
    ".jsonl": _open_jsonl,
    ".xlsx": _open_xlsx,
}


def _known_suffixes() -> str:
    return ", ".join(SUFFIXES)

"""A table read a piece at a time: Parquet, CSV, JSON Lines and Excel of any size."""

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mundap.index.faq.table import TableError, read_table, table_files
from mundap.index.first_line import first_line

# UTF-8-SIG reads plain UTF-8 too; CP949 is what Korean Excel writes.
_ENCODINGS = ("utf-8-sig", "cp949")

_Rows = Iterator[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class TableStream:
    """The columns and the number of rows of a table, and its rows as Arrow batches.

    Text cells stay text: "001" and "N/A" come as typed, an empty CSV cell as "". `batches`
    may be called again; each call reads the file from the start.
    """

    schema: pa.Schema
    rows: int
    batches: Callable[[], Iterator[pa.RecordBatch]]

    @classmethod
    def open(cls, path: Path, size: int) -> "TableStream":
        """Look a file through, so that nothing in it can surprise later; `size` rows a batch.

        Memory is that of one batch (of an Excel file: the whole). Raises TableError naming the
        file when it is missing, of another type or damaged.
        """
        path = Path(path)
        if path.is_dir():
            raise TableError(f"{path}: is a folder; wanted one file.")
        kind = table_files(path)[0].suffix.lower()
        try:
            if kind == ".parquet":
                return cls._of_parquet(path, size)
            if kind == ".xlsx":
                return cls._of_excel(path, size)
            return cls._of_rows(path, _csv_rows if kind == ".csv" else _json_rows, size)
        except pa.ArrowException as error:
            raise TableError(
                f"{path}: not a readable {kind[1:]} table ({first_line(error)})."
            ) from None

    @classmethod
    def _of_parquet(cls, path: Path, size: int) -> "TableStream":
        with pq.ParquetFile(path) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows

        def batches() -> Iterator[pa.RecordBatch]:
            with pq.ParquetFile(path) as file:
                yield from file.iter_batches(batch_size=size)

        return cls(_checked(schema, rows, path), rows, batches)

    @classmethod
    def _of_excel(cls, path: Path, size: int) -> "TableStream":
        table = pa.Table.from_pandas(read_table(path), preserve_index=False)
        table = table.replace_schema_metadata(None)
        schema = _checked(table.schema, table.num_rows, path)
        return cls(schema, table.num_rows, lambda: iter(table.to_batches(max_chunksize=size)))

    @classmethod
    def _of_rows(cls, path: Path, read: Callable[[Path], _Rows], size: int) -> "TableStream":
        count, schema = 0, pa.schema([])
        for chunk in _chunks(read(path), size):
            count += len(chunk)
            names = dict.fromkeys(name for row in chunk for name in row)
            found = {name: pa.array([row.get(name) for row in chunk]).type for name in names}
            # Whole numbers here and fractions there are fractions; a column that was empty so
            # far takes the type of what comes.
            schema = pa.unify_schemas([schema, pa.schema(found)], promote_options="permissive")

        def batches() -> Iterator[pa.RecordBatch]:
            for chunk in _chunks(read(path), size):
                yield pa.RecordBatch.from_pylist(chunk, schema=schema)

        return cls(_checked(schema, count, path), count, batches)


def _checked(schema: pa.Schema, rows: int, path: Path) -> pa.Schema:
    repeated = [name for name in schema.names if schema.names.count(name) > 1]
    if repeated:
        raise TableError(f"{path}: column {repeated[0]!r} stands twice. Rename or drop one.")
    if not rows:
        raise TableError(f"{path}: no rows. Add at least one.")
    return schema


def _chunks(rows: _Rows, size: int) -> Iterator[list[dict[str, Any]]]:
    while chunk := list(islice(rows, size)):
        yield chunk


def _csv_rows(path: Path) -> _Rows:
    """Yield rows as `mundap.index.faq.table` reads them: rows that are too long are an error."""
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(file, strict=True)
        try:
            heading = [name.strip() for name in next((row for row in reader if row), [])]
            if not heading:
                raise TableError(f"{path}: empty file; wanted a heading and rows.")
            _require_unique(heading, path)
            for row in reader:
                if row:
                    yield _csv_row(heading, row, f"{path}, line {reader.line_num}")
        except csv.Error as error:
            raise TableError(f"{path}, line {reader.line_num}: not CSV ({error}).") from None


def _csv_row(heading: Sequence[str], row: Sequence[str], place: str) -> dict[str, Any]:
    if any(row[len(heading) :]):
        raise TableError(
            f"{place}: {len(row)} cells, but the heading has {len(heading)}. Put a cell that "
            "holds a comma between double quotes."
        )
    cells = [*row, *[""] * len(heading)]
    return {name: cell for name, cell in zip(heading, cells, strict=False) if name}


def _require_unique(heading: Sequence[str], path: Path) -> None:
    for name in heading:
        if name and heading.count(name) > 1:
            raise TableError(f"{path}: column {name!r} stands twice. Rename or drop one.")


def _encoding(path: Path) -> str:
    """Return the encoding that the whole file is in."""
    for encoding in _ENCODINGS:
        try:
            with path.open(encoding=encoding, newline="") as file:
                while file.read(1 << 20):
                    pass
            return encoding
        except UnicodeDecodeError:
            continue
    raise TableError(f"{path}: neither UTF-8 nor CP949 text. Save it as CSV UTF-8.")


def _json_rows(path: Path) -> _Rows:
    with path.open(encoding="utf-8-sig", newline="\n") as file:
        try:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield _json_row(line, f"{path}, line {number}")
        except UnicodeDecodeError:
            raise TableError(f"{path}: not UTF-8 text.") from None


def _json_row(line: str, place: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise TableError(f"{place}: not JSON ({error.msg}).") from None
    if not isinstance(row, dict):
        raise TableError(f"{place}: wanted an object, met {line.strip()[:40]!r}.")
    return row

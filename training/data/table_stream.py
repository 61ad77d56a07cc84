"""A table read a piece at a time: Parquet, CSV, JSON Lines and Excel of any size."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from mundap.index.first_line import first_line
from mundap.index.tables.table import Row, TableError, TableFile


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

        Memory is that of one batch. Raises TableError naming the file when it is missing, of
        another type or damaged.
        """
        table = TableFile.open(path)
        kind = table.path.suffix.lower()
        try:
            if kind == ".parquet":
                return cls._of_parquet(table.path, size)
            return cls._of_rows(table, size)
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
    def _of_rows(cls, table: TableFile, size: int) -> "TableStream":
        count, schema = 0, pa.schema([])
        for chunk in _chunks(table.rows(), size):
            count += len(chunk)
            names = dict.fromkeys(name for row in chunk for name in row)
            found = {name: pa.array([row.get(name) for row in chunk]).type for name in names}
            # Whole numbers here and fractions there are fractions; a column that was empty so
            # far takes the type of what comes.
            schema = pa.unify_schemas([schema, pa.schema(found)], promote_options="permissive")

        def batches() -> Iterator[pa.RecordBatch]:
            for chunk in _chunks(table.rows(), size):
                yield pa.RecordBatch.from_pylist(chunk, schema=schema)

        return cls(_checked(schema, count, table.path), count, batches)


def _checked(schema: pa.Schema, rows: int, path: Path) -> pa.Schema:
    if not rows:
        raise TableError(f"{path}: no rows. Add at least one.")
    return schema


def _chunks(rows: Iterator[Row], size: int) -> Iterator[list[Row]]:
    while chunk := list(islice(rows, size)):
        yield chunk

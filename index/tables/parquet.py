"""Parquet, a piece at a time."""

from collections.abc import Iterator
from pathlib import Path

from mundap.index.tables.grid import Grid, GridFile, GridRow

# Rows held at once.
_BATCH = 1024


def parquet_grids(path: Path) -> GridFile:
    """Open a Parquet file; its cells keep their types."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        headings = tuple(str(name).strip() for name in file.schema_arrow.names)
        count = file.metadata.num_rows

    def rows() -> Iterator[GridRow]:
        number = 0
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_BATCH):
                for row in batch.to_pylist():
                    number += 1
                    yield GridRow(number, list(row.values()))

    return GridFile("Parquet", (Grid(rows, "", headings, about=count),))

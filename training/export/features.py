"""Embeddings as features for other programs: a column beside those of any table."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mundap.index.durable import replaced_file
from mundap.index.encoders.encoder import Encoder, Vectors
from mundap.index.korean.text import clean
from mundap.index.tables.table import TableError
from mundap.training.data.table_stream import TableStream

COLUMN = "embedding"
# Rows held at once, and rows of a row group in the file: 32 MB of vectors at 1,024 dimensions.
_ROWS = 8192


@dataclass(frozen=True, slots=True)
class Features:
    """What was written: the column that was encoded, the rows, and the dimension."""

    column: str
    rows: int
    dimension: int


def encode_table(
    source: Path,
    target: Path,
    encoder: Encoder,
    *,
    column: str | None = None,
    batch_size: int = 256,
    advance: Callable[[int, int], None] | None = None,
) -> Features:
    """Write the columns of `source` and `embedding` (float32, fixed size) to a Parquet file.

    `column` is what is encoded; without it the first column of text. Rows keep their order,
    an empty cell is encoded as an empty text. Memory is that of 8,192 rows. The file takes its
    place whole; a run that ends early leaves none, and what was there stays. Its schema
    metadata names the encoder's fingerprint. Raises TableError or OSError in a sentence.
    """
    if target.suffix.lower() != ".parquet":
        raise TableError(f"{target}: embeddings are written as Parquet; name a .parquet file.")
    if batch_size < 1:
        raise TableError(f"batch_size is {batch_size}; wanted at least 1 text.")
    stream = TableStream.open(source, _ROWS)
    column = _text_column(stream.schema, column, source)
    schema = _with_embedding(stream.schema, column, encoder, source)
    done = 0
    with (
        replaced_file(target) as partial,
        pq.ParquetWriter(partial, schema, compression="zstd") as file,
    ):
        for batch in stream.batches():
            texts = [clean(text or "") for text in batch.column(column).to_pylist()]
            vectors = _encoded(encoder, texts, batch_size)
            file.write_batch(_widened(batch, vectors, schema))
            done += len(texts)
            if advance is not None:
                advance(done, stream.rows)
    return Features(column, done, encoder.dimension)


def _text_column(schema: pa.Schema, column: str | None, source: Path) -> str:
    texts = [field.name for field in schema if _is_text(field.type)]
    if column is None and texts:
        return str(texts[0])
    if column in texts:
        return str(column)
    found = ", ".join(f"{field.name!r} ({field.type})" for field in schema) or "none"
    wanted = "a column of text" if column is None else f"{column!r} as a column of text"
    raise TableError(f"{source}: wanted {wanted}; found {found}.")


def _is_text(kind: Any) -> bool:
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    checks = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    return any(check(kind) for check in checks)


def _with_embedding(schema: pa.Schema, column: str, encoder: Encoder, source: Path) -> pa.Schema:
    if COLUMN in schema.names:
        raise TableError(f"{source}: has a column {COLUMN!r} already. Rename or drop it.")
    ours = {
        "mundap.version": version("mundap"),
        "mundap.encoder_fingerprint": encoder.fingerprint,
        "mundap.dimension": str(encoder.dimension),
        "mundap.column": column,
    }
    kind = pa.list_(pa.field("item", pa.float32(), nullable=False), encoder.dimension)
    wide = schema.append(pa.field(COLUMN, kind, nullable=False))
    return wide.with_metadata({**(schema.metadata or {}), **ours})


def _encoded(encoder: Encoder, texts: list[str], batch_size: int) -> Vectors:
    """Encode in batches of texts of like length, so that none is padded to a long one."""
    order = np.argsort([len(text) for text in texts], kind="stable")
    vectors = np.empty((len(texts), encoder.dimension), dtype=np.float32)
    for start in range(0, len(texts), batch_size):
        rows = order[start : start + batch_size]
        vectors[rows] = encoder.encode([texts[row] for row in rows])
    return vectors


def _widened(batch: pa.RecordBatch, vectors: Vectors, schema: pa.Schema) -> pa.RecordBatch:
    flat = pa.array(vectors.reshape(-1), type=pa.float32())
    embedding = pa.FixedSizeListArray.from_arrays(flat, type=schema.field(COLUMN).type)
    return pa.RecordBatch.from_arrays([*batch.columns, embedding], schema=schema)

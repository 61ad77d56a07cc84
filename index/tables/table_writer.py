"""A table written as Parquet, CSV, JSON Lines or Excel, a piece at a time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mundap.index.durable import replaced_file
from mundap.index.tables.table import SUFFIXES, TableError

if TYPE_CHECKING:
    import pandas as pd

# Rows in memory at once; of Parquet, a row group.
_PIECE = 20_000
# Excel's own limits: characters of a cell, rows of a sheet.
_XLSX_CELL, _XLSX_ROWS = 32_767, 1_048_576
_NOT_IN_XML = dict.fromkeys([0xFFFE, 0xFFFF])


def write_table(frame: "pd.DataFrame", path: Path, *, encoding: str = "utf-8") -> None:
    """Write `frame` in the format that the suffix of `path` names, replacing it atomically.

    `encoding` counts for CSV only. Raises TableError when the suffix is unknown or a
    character has no place in the encoding.
    """
    _write(iter([frame]), Path(path), encoding)


def write_rows(
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    path: Path,
    *,
    encoding: str = "utf-8",
) -> None:
    """Do what `write_table` does with rows that are asked for as they are written."""
    import pandas as pd

    left = iter(rows)
    pieces = iter(lambda: list(islice(left, _PIECE)), [])
    # Without a row there is still a heading.
    pieces = chain([next(pieces, [])], pieces)
    _write((pd.DataFrame(piece, columns=list(columns)) for piece in pieces), Path(path), encoding)


def _write(pieces: "Iterator[pd.DataFrame]", path: Path, encoding: str) -> None:
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise TableError(f"{path}: unknown table type {path.suffix!r}; use {', '.join(SUFFIXES)}.")
    try:
        with replaced_file(path) as partial:
            writer(pieces, partial, encoding)
    except TableError as error:
        raise TableError(f"{path}: {error}") from None
    except UnicodeEncodeError as error:
        raise TableError(
            f"{path}: {error.object[error.start : error.end]!r} cannot be written as "
            f"{encoding}. Write UTF-8 instead."
        ) from None


def _write_parquet(pieces: "Iterator[pd.DataFrame]", path: Path, encoding: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    first = pa.Table.from_pandas(next(pieces), preserve_index=False)
    # What holds nothing in the first piece holds texts in the next.
    fields = [field.with_type(_filled(field.type)) for field in first.schema]
    schema = pa.schema(fields, first.schema.metadata)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        writer.write_table(first.cast(schema))
        for piece in pieces:
            writer.write_table(pa.Table.from_pandas(piece, schema, preserve_index=False))


def _filled(kind: Any) -> Any:
    import pyarrow as pa

    if pa.types.is_list(kind):
        return pa.list_(_filled(kind.value_type))
    return pa.string() if pa.types.is_null(kind) else kind


def _write_csv(pieces: "Iterator[pd.DataFrame]", path: Path, encoding: str) -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        for place, piece in enumerate(pieces):
            # A lone carriage return would be written without quotes and read as the end of a row.
            one_break = piece.replace({r"\r\n?": "\n"}, regex=True)
            one_break.to_csv(file, index=False, header=not place, lineterminator="\n")


def _write_jsonl(pieces: "Iterator[pd.DataFrame]", path: Path, encoding: str) -> None:
    import json

    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in chain.from_iterable(piece.to_dict(orient="records") for piece in pieces):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _write_xlsx(pieces: "Iterator[pd.DataFrame]", path: Path, encoding: str) -> None:
    # A question may begin with "=": Excel must show it, not run it.
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet()
    with closing(sheet):
        for number, row in enumerate(_rows(pieces), start=1):
            if number > _XLSX_ROWS:
                raise TableError(
                    f"it has more than the {_XLSX_ROWS:,} rows that Excel takes. Write CSV or "
                    "Parquet instead."
                )
            cells = []
            for value in row:
                text = ILLEGAL_CHARACTERS_RE.sub("", str(value)).translate(_NOT_IN_XML)
                if len(text) > _XLSX_CELL:  # the library would cut it short
                    raise TableError(
                        f"row {number} has a cell of {len(text)} characters; Excel takes "
                        f"{_XLSX_CELL}. Write CSV or Parquet instead."
                    )
                cells.append(WriteOnlyCell(sheet, text))
                cells[-1].data_type = "s"
            sheet.append(cells)
    workbook.save(path)


def _rows(pieces: "Iterator[pd.DataFrame]") -> Iterator[Sequence[Any]]:
    """Yield the heading, and each row."""
    for place, piece in enumerate(pieces):
        if place == 0:
            yield list(piece.columns)
        yield from piece.itertuples(index=False)


_WRITERS: dict[str, Callable[["Iterator[pd.DataFrame]", Path, str], None]] = {
    ".parquet": _write_parquet,
    ".csv": _write_csv,
    ".jsonl": _write_jsonl,
    ".xlsx": _write_xlsx,
}

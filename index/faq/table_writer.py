"""A table written as Parquet, CSV, JSON Lines or Excel."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from mundap.index.durable import replaced_file
from mundap.index.faq.table import SUFFIXES, TableError

if TYPE_CHECKING:
    import pandas as pd

# Excel's own limit, in characters.
_XLSX_CELL = 32_767
_NOT_IN_XML = dict.fromkeys([0xFFFE, 0xFFFF])


def write_table(frame: "pd.DataFrame", path: Path, *, encoding: str = "utf-8") -> None:
    """Write `frame` in the format that the suffix of `path` names, replacing it atomically.

    `encoding` counts for CSV only. Raises TableError when the suffix is unknown or a
    character has no place in the encoding.
    """
    path = Path(path)
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise TableError(f"{path}: unknown table type {path.suffix!r}; use {', '.join(SUFFIXES)}.")
    try:
        with replaced_file(path) as partial:
            writer(frame, partial, encoding)
    except TableError as error:
        raise TableError(f"{path}: {error}") from None
    except UnicodeEncodeError as error:
        raise TableError(
            f"{path}: {error.object[error.start : error.end]!r} cannot be written as "
            f"{encoding}. Write UTF-8 instead."
        ) from None


def _write_parquet(frame: "pd.DataFrame", path: Path, encoding: str) -> None:
    frame.to_parquet(path, index=False, compression="zstd")


def _write_csv(frame: "pd.DataFrame", path: Path, encoding: str) -> None:
    # A lone carriage return would be written without quotes and read as the end of a row.
    one_break = frame.replace({r"\r\n?": "\n"}, regex=True)
    one_break.to_csv(path, index=False, encoding=encoding, lineterminator="\n")


def _write_jsonl(frame: "pd.DataFrame", path: Path, encoding: str) -> None:
    import json

    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in frame.to_dict(orient="records"):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _write_xlsx(frame: "pd.DataFrame", path: Path, encoding: str) -> None:
    # A question may begin with "=": Excel must show it, not run it.
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    workbook = Workbook(write_only=False)
    sheet = workbook.active
    assert sheet is not None
    rows = [list(frame.columns), *frame.itertuples(index=False)]
    for row_number, row in enumerate(rows, start=1):
        for column_number, value in enumerate(row, start=1):
            cell = sheet.cell(row_number, column_number)
            text = ILLEGAL_CHARACTERS_RE.sub("", str(value)).translate(_NOT_IN_XML)
            if len(text) > _XLSX_CELL:  # the library would cut it short
                raise TableError(
                    f"row {row_number} has a cell of {len(text)} characters; Excel takes "
                    f"{_XLSX_CELL}. Write CSV or Parquet instead."
                )
            cell.value = text
            cell.data_type = "s"
    workbook.save(path)


_WRITERS: dict[str, Callable[["pd.DataFrame", Path, str], None]] = {
    ".parquet": _write_parquet,
    ".csv": _write_csv,
    ".jsonl": _write_jsonl,
    ".xlsx": _write_xlsx,
}

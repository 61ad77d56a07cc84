"""Tables on disk: Parquet, CSV, JSON Lines and Excel, one file or a folder of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mundap.index.durable import replaced_file
from mundap.index.first_line import first_line

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".parquet", ".csv", ".jsonl", ".xlsx")

# Tried in this order. UTF-8-SIG reads plain UTF-8 too; CP949 is what Korean Excel writes.
_CSV_ENCODINGS = ("utf-8-sig", "cp949")

# Excel's own limit, in characters.
_XLSX_CELL = 32_767
# A table of questions has a handful.
_XLSX_COLUMNS = 1000
_NOT_IN_XML = dict.fromkeys([0xFFFE, 0xFFFF])


class TableError(ValueError):
    """A table file is missing, unreadable or lacks a column."""


def read_table(path: Path) -> "pd.DataFrame":
    """Read one table, or every table directly in a folder (by name) one after the other.

    Text cells stay text: "001" and "N/A" come back as typed, an empty cell as "".
    Raises TableError naming the file when it is missing, of another type or damaged.
    """
    return joined(read_tables(path))


def read_tables(path: Path) -> dict[Path, "pd.DataFrame"]:
    """Do what `read_table` does, and return each table by its file."""
    return {file: _read_file(file) for file in table_files(path)}


def joined(tables: Mapping[Path, "pd.DataFrame"]) -> "pd.DataFrame":
    """Put what `read_tables` returns one after the other."""
    import pandas as pd

    frames = list(tables.values())
    return _fill_empty(pd.concat(frames, ignore_index=True)) if len(frames) > 1 else frames[0]


def write_table(frame: "pd.DataFrame", path: Path, *, encoding: str = "utf-8") -> None:
    """Write `frame` in the format that the suffix of `path` names, replacing it atomically.

    `encoding` counts for CSV only. Raises TableError when the suffix is unknown or a
    character has no place in the encoding.
    """
    path = Path(path)
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise TableError(f"{path}: unknown table type {path.suffix!r}; use {_known_suffixes()}.")
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


def require_columns(frame: "pd.DataFrame", columns: Iterable[str], path: Path) -> None:
    """Raise TableError naming what is missing and what was found unless all columns are there."""
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        found = ", ".join(repr(str(column)) for column in frame.columns) or "none"
        wanted = ", ".join(repr(column) for column in missing)
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


def _read_file(path: Path) -> "pd.DataFrame":
    try:
        frame = _READERS[path.suffix.lower()](path)
    except TableError:
        raise
    except Exception as error:  # each format's reader has exceptions of its own
        raise TableError(
            f"{path}: not a readable {path.suffix[1:]} table ({first_line(error)})."
        ) from None
    frame.columns = [str(column).strip() for column in frame.columns]
    repeated = frame.columns[frame.columns.duplicated()]
    if len(repeated):
        raise TableError(f"{path}: column {repeated[0]!r} stands twice. Rename or drop one.")
    return _fill_empty(frame)


def _fill_empty(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Put "" into empty cells; a column that has none keeps its type."""
    for column in frame.columns[frame.isna().any()]:
        cells = frame[column].astype(object)
        frame[column] = cells.where(cells.notna(), "")
    return frame


def _read_parquet(path: Path) -> "pd.DataFrame":
    import pandas as pd

    return pd.read_parquet(path)


def _read_csv(path: Path) -> "pd.DataFrame":
    # Not pandas: where rows have a cell more than the heading ("3,000" without quotes) it
    # takes the first column for an index and shifts all others, without a word.
    import csv
    from io import StringIO

    import pandas as pd

    reader = csv.reader(StringIO(_csv_text(path), newline=""), strict=True)
    heading = next((row for row in reader if row), None)
    if heading is None:
        raise TableError(f"{path}: empty file; wanted a heading and rows.")
    rows = []
    for row in reader:
        if any(row[len(heading) :]):
            raise TableError(
                f"{path}, line {reader.line_num}: {len(row)} cells, but the heading has "
                f"{len(heading)}. Put a cell that holds a comma between double quotes."
            )
        if row:
            rows.append([*row, *[""] * len(heading)][: len(heading)])
    frame = pd.DataFrame(rows, columns=heading, dtype=object)
    return frame.loc[:, [bool(name.strip()) for name in heading]]


def _csv_text(path: Path) -> str:
    for encoding in _CSV_ENCODINGS:
        try:
            return path.read_bytes().decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TableError(f"{path}: neither UTF-8 nor CP949 text. Save it as CSV UTF-8.")


def _read_jsonl(path: Path) -> "pd.DataFrame":
    import json

    import pandas as pd

    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise TableError(f"{path}, line {number}: not JSON ({error.msg}).") from None
        if not isinstance(row, dict):
            raise TableError(f"{path}, line {number}: wanted an object, met {line[:40]!r}.")
        rows.append(row)
    return pd.DataFrame(rows, dtype=object)


def _read_xlsx(path: Path) -> "pd.DataFrame":
    # Not pandas, which makes a table as wide and as high as the farthest cell: a stray space in
    # the last corner of a sheet takes gigabytes.
    import pandas as pd
    from openpyxl import load_workbook

    workbook = load_workbook(path, read_only=True, data_only=True)
    try:
        rows = _sheet_rows(path, workbook.worksheets[0])
        heading = next(rows, [])
        table = [[*row, *[""] * len(heading)][: len(heading)] for row in rows]
    finally:
        workbook.close()
    frame = pd.DataFrame(table, columns=heading, dtype=object)
    return frame.loc[:, [bool(name.strip()) for name in heading]]


def _sheet_rows(path: Path, sheet: Any) -> Iterator[list[str]]:
    """Yield each row as texts, up to its last cell; no empty ones at the end."""
    sheet.reset_dimensions()  # what the file says of its size may be wrong
    empty = 0
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        row = [_text(cell) for cell in cells]
        while row and not row[-1]:
            row.pop()
        if len(row) > _XLSX_COLUMNS:
            raise TableError(
                f"{path}, row {number}: a cell in column {len(row):,}; at most {_XLSX_COLUMNS:,} "
                "are read. Clear what lies beside the table."
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


_READERS: dict[str, Callable[[Path], "pd.DataFrame"]] = {
    ".parquet": _read_parquet,
    ".csv": _read_csv,
    ".jsonl": _read_jsonl,
    ".xlsx": _read_xlsx,
}
_WRITERS: dict[str, Callable[["pd.DataFrame", Path, str], None]] = {
    ".parquet": _write_parquet,
    ".csv": _write_csv,
    ".jsonl": _write_jsonl,
    ".xlsx": _write_xlsx,
}


def _known_suffixes() -> str:
    return ", ".join(SUFFIXES)

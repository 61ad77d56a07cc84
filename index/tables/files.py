"""Which kinds of files are read, and what opens each."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from mundap.index.first_line import first_line
from mundap.index.tables.grid import GridError, GridFile, GridRow
from mundap.index.tables.marked_text import marked_grid

# By suffix: the module that opens it and its function. Loaded when needed: serving is light.
_OPENERS = {
    ".parquet": ("parquet", "parquet_grids"),
    ".csv": ("delimited", "csv_grids"),
    ".tsv": ("delimited", "csv_grids"),
    ".txt": ("headed_text", "text_grids"),
    ".jsonl": ("json_file", "json_lines_grids"),
    ".json": ("json_file", "json_grids"),
    ".xlsx": ("workbook", "workbook_grids"),
    ".xls": ("old_workbook", "old_workbook_grids"),
    ".ods": ("open_document", "open_document_grids"),
    ".md": ("headed_text", "markdown_grids"),
    ".html": ("html_page", "html_grids"),
    ".htm": ("html_page", "html_grids"),
}
SUFFIXES = tuple(_OPENERS)
# In these questions and answers may stand below one another.
_SHEETS = (".csv", ".tsv", ".xlsx", ".xls", ".ods", ".html", ".htm")
# Of a folder only these are read: beside its tables it may hold a README.
TABLE_SUFFIXES = (".parquet", ".csv", ".tsv", ".jsonl", ".xlsx", ".xls", ".ods")


def open_grids(path: Path) -> GridFile:
    """Open a file by its suffix, or by its first bytes where those say better.

    Raises GridError naming it where that fails, and so does reading its rows.
    """
    suffix = _true_suffix(path)
    module, name = _OPENERS[suffix]
    opener: Callable[[Path], GridFile] = getattr(
        import_module(f"mundap.index.tables.{module}"), name
    )
    with _named(path, suffix):
        found = opener(path)
        if suffix in _SHEETS:
            below = tuple(marked_grid(grid) or grid for grid in found.grids)
            found = replace(found, grids=below)
    grids = tuple(
        replace(grid, rows=partial(_rows, grid.rows, path, suffix)) for grid in found.grids
    )
    kind = found.kind
    if suffix != path.suffix.lower():
        kind = f"{kind}, whatever its suffix says"
    return replace(found, kind=kind, grids=grids)


def _rows(read: Callable[[], Iterator[GridRow]], path: Path, suffix: str) -> Iterator[GridRow]:
    with _named(path, suffix):
        yield from read()


@contextmanager
def _named(path: Path, suffix: str) -> Iterator[None]:
    """Put the name of a file before what is wrong with it."""
    try:
        yield
    except GridError as error:
        raise GridError(f"{path}: {error}") from None
    except OSError:
        raise
    except Exception as error:  # the readers of Parquet and Excel have exceptions of their own
        raise GridError(
            f"{path}: not a readable {suffix[1:]} table ({first_line(error)})."
        ) from None


def _true_suffix(path: Path) -> str:
    """Return the suffix that the first bytes of a file deserve: sites send pages named .xls."""
    suffix = path.suffix.lower()
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(b"PK\x03\x04"):
        try:
            with ZipFile(path) as archive:
                return ".ods" if "content.xml" in archive.namelist() else ".xlsx"
        except BadZipFile:
            return suffix
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return ".xls"
    if head.startswith(b"PAR1"):
        return ".parquet"
    if suffix == ".xls" and b"<" in head[:64] and b"<t" in head.lower():
        return ".html"
    return suffix

"""Spreadsheets of LibreOffice (.ods), as people see their cells."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from xml.parsers.expat import ExpatError, ParserCreate
from zipfile import ZipFile

from mundap.index.tables.grid import Grid, GridError, GridFile, GridRow
from mundap.index.tables.sheet_marks import is_address
from mundap.index.tables.workbook import MOST_COLUMNS
from mundap.index.tables.zip_file import checked_zip

_BLOCK = 1 << 18


def open_document_grids(path: Path) -> GridFile:
    """Open a spreadsheet; its sheets are read one row at a time. Raises GridError."""
    checked_zip(path)
    names = list(_sheets(path))
    grids = tuple(Grid(partial(_rows, path, place), name) for place, name in enumerate(names))
    return GridFile("OpenDocument", grids)


def _sheets(path: Path) -> Iterator[str]:
    reader = _Reader(-1)
    for _ in _parsed(path, reader):
        pass
    yield from reader.sheets


def _rows(path: Path, place: int) -> Iterator[GridRow]:
    yield from _parsed(path, _Reader(place))


def _parsed(path: Path, reader: "_Reader") -> Iterator[GridRow]:
    parser = ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.EntityDeclHandler = _refuse
    parser.buffer_text = True
    try:
        with ZipFile(path) as archive, archive.open("content.xml") as content:
            while block := content.read(_BLOCK):
                parser.Parse(block, False)
                yield from reader.taken()
            parser.Parse(b"", True)
    except (KeyError, ExpatError) as error:
        raise GridError(f"not a readable workbook ({error}). Save it as .xlsx or CSV.") from None
    yield from reader.taken()


def _refuse(*_: object) -> None:
    raise GridError("The file declares XML entities, which no spreadsheet program writes.")


class _Reader:
    """Follows the elements of content.xml; keeps the rows of the sheet at one place."""

    def __init__(self, place: int) -> None:
        self.sheets: list[str] = []
        self._place = place
        self._number = 0
        self._rows: list[GridRow] = []
        self._row: list[str] = []
        self._cell: list[str] | None = None
        # Where the cells of the row lead, each by its first link.
        self._links: dict[int, str] = {}
        self._note = 0
        self._repeat = self._rows_repeat = 1
        # Of each column: the text that is merged downwards and for how many rows yet.
        self._below: dict[int, tuple[str, int]] = {}
        self._span = 1

    def taken(self) -> list[GridRow]:
        rows, self._rows = self._rows, []
        return rows

    def start(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.rpartition(":")[2]
        if name == "table:table":
            self.sheets.append(attributes.get("table:name", ""))
            self._number = 0
            self._below.clear()
        elif name == "table:table-row":
            self._row = []
            self._links = {}
            self._rows_repeat = int(attributes.get("table:number-rows-repeated", 1))
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._cell = []
            self._repeat = int(attributes.get("table:number-columns-repeated", 1))
            self._span = int(attributes.get("table:number-rows-spanned", 1))
        elif name == "office:annotation":
            self._note += 1
        elif self._cell is not None and not self._note:
            if (name == "text:p" and self._cell) or kind == "line-break":
                self._cell.append("\n")
            elif name == "text:a" and is_address(attributes.get("xlink:href", "")):
                self._links.setdefault(len(self._row), attributes["xlink:href"])
            elif kind == "tab":
                self._cell.append("\t")
            elif name == "text:s":
                self._cell.append(" " * min(1000, int(attributes.get("text:c", 1))))

    def text(self, data: str) -> None:
        # Between the elements of a cell stands nothing but line breaks of the file itself.
        if self._cell is not None and not self._note and (data.strip("\n\r\t ") or self._cell):
            self._cell.append(data)

    def end(self, name: str) -> None:
        if name == "office:annotation":
            self._note -= 1
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._end_cell()
        elif name == "table:table-row":
            self._end_row()

    def _end_cell(self) -> None:
        text = "".join(self._cell or []).strip("\n")
        self._cell = None
        if self._span > 1 and text:
            self._below[len(self._row)] = text, self._span
        # What repeats to the edge of a sheet is empty; a table that is so wide is refused below.
        width = min(self._repeat, MOST_COLUMNS + 1 if text else MOST_COLUMNS)
        if len(self._row) <= MOST_COLUMNS:
            self._row += [text] * width

    def _end_row(self) -> None:
        row = self._row
        while row and not row[-1]:
            row.pop()
        filled = bool(row)
        if len(row) > MOST_COLUMNS:
            raise GridError(
                f"Row {self._number + 1} has a cell in column {len(row):,} or beyond; at most "
                f"{MOST_COLUMNS:,} are read. Clear what lies beside the table."
            )
        merged = set()
        for column, (text, rows) in list(self._below.items()):
            if filled:
                row += [""] * (column + 1 - len(row))
                if not row[column]:
                    row[column] = text
                    merged.add(column)
            left = rows - self._rows_repeat
            self._below[column] = text, left
            if left <= 0:
                del self._below[column]
        if filled and len(self.sheets) - 1 == self._place:
            if self._rows_repeat > 1000:
                raise GridError(f"Row {self._number + 1} is repeated {self._rows_repeat:,} times.")
            self._rows += [
                GridRow(self._number + at + 1, row, merged=frozenset(merged), links=self._links)
                for at in range(self._rows_repeat)
            ]
        self._number += self._rows_repeat

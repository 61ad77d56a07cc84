"""CSV as people have it: any separator, quotes that stand for themselves, bytes that went wrong."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from mundap.index.tables.grid import Grid, GridError, GridFile, GridRow
from mundap.index.tables.separator import NAMES, separator_of
from mundap.index.tables.text_encoding import UNDECODED, TextFile

# Quotes that never close are found by reading on for 131,072 characters, the limit of Python's csv
# module: more of them are a file of another kind.
_OPEN_QUOTES = 100


def delimited_file(text: TextFile, separator: str | None = None) -> GridFile:
    """Return the one grid of a text file; `separator` is found where none is given."""
    parted = separator or separator_of(text.lines())
    grid = Grid(lambda: _rows(text, parted), separator=parted, about=text.breaks())
    return GridFile(f"{text.name}, {NAMES[parted]}", (grid,))


def csv_grids(path: Path) -> GridFile:
    """Open a CSV file. Raises GridError."""
    return delimited_file(TextFile.of(path))


def _rows(text: TextFile, separator: str) -> Iterator[GridRow]:
    """Number the records as a spreadsheet does: a cell of several lines is in one row."""
    for number, (record, fault) in enumerate(_records(text, separator), start=1):
        if not fault and any(map(UNDECODED.search, record)):
            fault = f"it holds bytes that are not {text.name}; save the file anew as UTF-8"
        yield GridRow(number, record, fault)


def _records(text: TextFile, separator: str) -> Iterator[tuple[list[str], str]]:
    lines = _Lines(text.lines())
    reader = csv.reader(lines, delimiter=separator, strict=True)
    faults = 0
    while True:
        start = lines.number + 1
        lines.record.clear()
        try:
            yield next(reader), ""
            continue
        except StopIteration:
            return
        except csv.Error as error:
            first, *rest = lines.record
            closes = first.endswith(("\n", "\r")) or not _opens(first, separator)
            if not rest and closes and "field limit" not in str(error):
                # A quote that is part of the text: "긴급" 배송 되나요?
                yield _literal(first, separator), ""
                continue
            faults += 1
            if faults > _OPEN_QUOTES:
                raise GridError(
                    f"Line {start} opens a double quote that does not close, and so do many before."
                ) from None
            # What follows is read as if the quote were not there.
            lines.push_back(rest)
            reader = csv.reader(lines, delimiter=separator, strict=True)
        fault = f"a double quote opens in line {start} and does not close; close it or double it"
        yield _literal(first, separator), fault


def _opens(line: str, separator: str) -> bool:
    """Whether a cell of the line begins with a quote that has no second one."""
    return any(cell.count('"') % 2 for cell in _literal(line, separator) if cell.startswith('"'))


def _literal(line: str, separator: str) -> list[str]:
    """Part one line, taking for quotes only those around a whole cell."""
    end = re.escape(separator)
    cells, place = [], 0
    line = line.rstrip("\r\n")
    quoted = re.compile(rf'"((?:[^"]|"")*)"(?={end}|$)')
    while True:
        if found := quoted.match(line, place):
            cells.append(found[1].replace('""', '"'))
            place = found.end()
        else:
            stop = line.find(separator, place)
            stop = len(line) if stop < 0 else stop
            cells.append(line[place:stop])
            place = stop
        if place >= len(line):
            return cells
        place += 1


class _Lines:
    """Lines of a text, those of the current record kept so that they can be read again."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: list[str] = []
        self.record: list[str] = []
        self.number = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else next(self._lines)
        self.number += 1
        self.record.append(line)
        return line

    def push_back(self, lines: list[str]) -> None:
        self._again += reversed(lines)
        self.number -= len(lines)

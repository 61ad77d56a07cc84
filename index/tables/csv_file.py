"""A CSV file as other programs leave it: which encoding it is in, and its rows, one at a time."""

import codecs
import csv
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import TextIOWrapper
from typing import IO

from mundap.index.tables.separator import separator_of

# Tried in this order. UTF-8-SIG reads plain UTF-8 too; CP949 is what Korean Excel writes.
_ENCODINGS = ("utf-8-sig", "cp949")
_BLOCK = 1 << 16
# In characters. Longer, it is a file of another kind. Python's csv module has a limit of 131,072
# for one cell, which between quotes may go over many lines.
MAX_LINE = 1 << 20
# How files begin that people send in place of CSV, and that must not be unpacked.
_MAGIC = {
    b"PK\x03\x04": "an Excel workbook or another ZIP archive",
    b"PK\x05\x06": "an empty ZIP archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x1f\x8b": "compressed with gzip",
}


class CsvError(ValueError):
    """A file cannot be read as CSV; the message does not name it."""


class NotCsvError(CsvError):
    """A file is of another kind, by its first bytes."""


@dataclass(frozen=True, slots=True)
class CsvFile:
    """An open file and the encoding that all of it is in; memory is that of one line."""

    file: IO[bytes]
    encoding: str

    @classmethod
    def of(cls, file: IO[bytes]) -> "CsvFile":
        """Look the whole `file` through, which must be seekable. Raises CsvError."""
        return cls(file, _encoding(file))

    def records(self) -> Iterator[list[str]]:
        """Yield from the start the heading, and each row that is no empty line.

        A row may lack cells at its end, and may have empty ones beyond the heading. Raises
        CsvError naming the line.
        """
        lines = _lines(self.file, self.encoding)
        reader = csv.reader(lines, delimiter=self._separator(), strict=True)
        heading: list[str] = []
        try:
            for record in reader:
                if not record:
                    continue
                heading = heading or _named(record)
                if any(record[len(heading) :]):
                    raise CsvError(
                        f"Line {reader.line_num} has {len(record)} cells, but the heading has "
                        f"{len(heading)}. Put a cell that holds a comma between double quotes."
                    )
                yield record
        except csv.Error as error:
            raise CsvError(f"Line {reader.line_num} is not CSV: {error}.") from None
        _named(heading)

    def _separator(self) -> str:
        """Return what parts the heading; of a single column sentences may hold anything."""
        separator = separator_of(_lines(self.file, self.encoding))
        heading = next((line for line in _lines(self.file, self.encoding) if line.strip()), "")
        return separator if separator in heading else ","


def magic_kind(head: bytes) -> str | None:
    """Return which kind of file, not text, begins so."""
    return next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), None)


def _named(heading: list[str]) -> list[str]:
    if not any(name.strip() for name in heading):
        raise CsvError("The file is empty; wanted a heading and rows.")
    return heading


def _encoding(file: IO[bytes]) -> str:
    file.seek(0)
    decoders = {name: codecs.getincrementaldecoder(name)() for name in _ENCODINGS}
    block = file.read(_BLOCK)
    kind = magic_kind(block)
    if kind is not None:
        raise NotCsvError(f"The file is {kind}. Save it as CSV UTF-8.")
    while decoders:
        if b"\0" in block:
            raise CsvError("The file holds NUL bytes: UTF-16, or no text. Save it as CSV UTF-8.")
        for name in [name for name in decoders if not decodes(decoders[name], block)]:
            del decoders[name]
        if not block:
            break
        block = file.read(_BLOCK)
    if not decoders:
        raise CsvError("The file is neither UTF-8 nor CP949 text. Save it as CSV UTF-8.")
    return next(iter(decoders))


def decodes(decoder: codecs.IncrementalDecoder, block: bytes) -> bool:
    """Whether a file goes on so in the encoding of `decoder`; an empty block is its end."""
    try:
        decoder.decode(block, final=not block)
    except UnicodeDecodeError:
        return False
    return True


def _lines(file: IO[bytes], encoding: str) -> Iterator[str]:
    file.seek(0)
    text = TextIOWrapper(file, encoding, newline="")
    try:
        while line := text.readline(MAX_LINE + 1):
            if len(line) > MAX_LINE:
                raise CsvError(f"A line has more than {MAX_LINE:,} characters; no row is so long.")
            yield line
    finally:
        with suppress(ValueError):  # who abandoned this generator may have closed the file
            text.detach()  # or it would close the file

"""A CSV file of sentences, read twice and never held: first checked, then streamed."""

import codecs
import csv
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import islice
from typing import IO, Literal

# Tried in this order. UTF-8-SIG reads plain UTF-8 too; CP949 is what Korean Excel writes.
_ENCODINGS = ("utf-8-sig", "cp949")
_BLOCK = 1 << 16
# In characters. Longer, it is a file of another kind or has lost a quote. Python's csv module has
# the same limit for one cell, which between quotes may go over many lines.
MAX_LINE = 1 << 17
# Rows looked at to tell a column of sentences from one of numbers.
_LOOKED_AT = 100
# How files begin that people send in place of CSV, and that must not be unpacked.
_MAGIC = {
    b"PK\x03\x04": "an Excel workbook or another ZIP archive",
    b"PK\x05\x06": "an empty ZIP archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x1f\x8b": "compressed with gzip",
}

Problem = Literal["not_csv", "too_many_rows", "bad_csv"]


class SentenceTableError(ValueError):
    """A table cannot be used; `code` says why, for programs."""

    def __init__(self, code: Problem, message: str) -> None:
        super().__init__(message)
        self.code: Problem = code


@dataclass(frozen=True, slots=True)
class SentenceTable:
    """One column of a CSV file that has been checked from end to end."""

    file: IO[bytes]
    encoding: str
    heading: str
    column: int
    rows: int

    @classmethod
    def check(
        cls, file: IO[bytes], *, column: str | None = None, max_rows: int | None = None
    ) -> "SentenceTable":
        """Read the whole `file`, which must be seekable, once, and say what is in it.

        Without `column`, the first one that holds other text than numbers is taken. Raises
        SentenceTableError naming what was met, and in which line.
        """
        encoding = _encoding(file)
        records = _limited(_records(file, encoding), max_rows)
        heading = next(records, [])
        if not any(name.strip() for name in heading):
            raise SentenceTableError("bad_csv", "The file is empty; wanted a heading and rows.")
        first = list(islice(records, _LOOKED_AT))
        place = _text_column(heading, first) if column is None else _named(heading, column)
        rows = len(first) + sum(1 for _ in records)
        if not rows:
            raise SentenceTableError("bad_csv", "The file has a heading but no rows.")
        return cls(file, encoding, heading[place].strip(), place, rows)

    def texts(self) -> Iterator[str]:
        """Yield the sentence of each row, "" where its cell is empty."""
        records = _records(self.file, self.encoding)
        next(records)
        for record in records:
            yield record[self.column] if self.column < len(record) else ""


def _encoding(file: IO[bytes]) -> str:
    file.seek(0)
    decoders = {name: codecs.getincrementaldecoder(name)() for name in _ENCODINGS}
    block = file.read(_BLOCK)
    kind = next((kind for magic, kind in _MAGIC.items() if block.startswith(magic)), None)
    if kind is not None:
        raise SentenceTableError("not_csv", f"The file is {kind}. Save it as CSV UTF-8.")
    while decoders:
        if b"\0" in block:
            message = "The file holds NUL bytes: UTF-16, or no text. Save it as CSV UTF-8."
            raise SentenceTableError("bad_csv", message)
        for name in [name for name in decoders if not _decodes(decoders[name], block)]:
            del decoders[name]
        if not block:
            break
        block = file.read(_BLOCK)
    if not decoders:
        message = "The file is neither UTF-8 nor CP949 text. Save it as CSV UTF-8."
        raise SentenceTableError("bad_csv", message)
    return next(iter(decoders))


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes) -> bool:
    try:
        decoder.decode(block, final=not block)
    except UnicodeDecodeError:
        return False
    return True


def _records(file: IO[bytes], encoding: str) -> Iterator[list[str]]:
    """Yield the heading and each row that is not an empty line."""
    reader = csv.reader(_lines(file, encoding), strict=True)
    heading: list[str] = []
    try:
        for record in reader:
            heading = heading or record
            if any(record[len(heading) :]):
                raise SentenceTableError(
                    "bad_csv",
                    f"Line {reader.line_num} has {len(record)} cells, but the heading has "
                    f"{len(heading)}. Put a cell that holds a comma between double quotes.",
                )
            if record:
                yield record
    except csv.Error as error:
        message = f"Line {reader.line_num} is not CSV: {error}."
        raise SentenceTableError("bad_csv", message) from None


def _limited(records: Iterator[list[str]], rows: int | None) -> Iterator[list[str]]:
    """Pass on a heading and at most `rows` rows."""
    yield from islice(records, None if rows is None else rows + 1)
    if next(records, None) is not None:
        message = f"The file has more than {rows:,} rows. Send it in parts."
        raise SentenceTableError("too_many_rows", message)


def _lines(file: IO[bytes], encoding: str) -> Iterator[str]:
    file.seek(0)
    text = TextIOWrapper(file, encoding, newline="")
    try:
        while line := text.readline(MAX_LINE + 1):
            if len(line) > MAX_LINE:
                message = f"A line has more than {MAX_LINE:,} characters; no sentence is so long."
                raise SentenceTableError("bad_csv", message)
            yield line
    finally:
        with suppress(ValueError):  # who abandoned this generator may have closed the file
            text.detach()  # or it would close the file


def _text_column(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    named = [place for place, name in enumerate(heading) if name.strip()]
    for place in named:
        if any(_is_text(row[place]) for row in rows if place < len(row)):
            return place
    return named[0]


def _is_text(cell: str) -> bool:
    if not cell.strip():
        return False
    try:
        float(cell.replace(",", ""))
    except ValueError:
        return True
    return False


def _named(heading: Sequence[str], column: str) -> int:
    names = [name.strip() for name in heading]
    if names.count(column.strip()) == 1:
        return names.index(column.strip())
    if column.strip() in names:
        raise SentenceTableError("bad_csv", f"Column {column!r} stands twice. Rename one.")
    # A heading may be long, and a message is read by people.
    shown = ", ".join(repr(name[:40]) for name in names[:10]) + (", ..." if names[10:] else "")
    raise SentenceTableError("bad_csv", f"There is no column {column[:40]!r}; found {shown}.")

"""A CSV file of sentences, read twice and never held: first checked, then streamed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO, Literal

from mundap.index.tables.csv_file import CsvError, CsvFile, NotCsvError

# Rows looked at to tell a column of sentences from one of numbers.
_LOOKED_AT = 100
Problem = Literal["not_csv", "too_many_rows", "bad_csv"]


class SentenceTableError(ValueError):
    """A table cannot be used; `code` says why, for programs."""

    def __init__(self, code: Problem, message: str) -> None:
        super().__init__(message)
        self.code: Problem = code


@dataclass(frozen=True, slots=True)
class SentenceTable:
    """One column of a CSV file that has been checked from end to end."""

    file: CsvFile
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
        try:
            return cls._checked(CsvFile.of(file), column, max_rows)
        except NotCsvError as error:
            raise SentenceTableError("not_csv", str(error)) from None
        except CsvError as error:
            raise SentenceTableError("bad_csv", str(error)) from None

    @classmethod
    def _checked(cls, file: CsvFile, column: str | None, max_rows: int | None) -> "SentenceTable":
        records = _limited(file.records(), max_rows)
        heading = next(records)
        first = list(islice(records, _LOOKED_AT))
        place = _text_column(heading, first) if column is None else _named(heading, column)
        rows = len(first) + sum(1 for _ in records)
        if not rows:
            raise SentenceTableError("bad_csv", "The file has a heading but no rows.")
        return cls(file, heading[place].strip(), place, rows)

    def texts(self) -> Iterator[str]:
        """Yield the sentence of each row, "" where its cell is empty."""
        records = self.file.records()
        next(records)
        for record in records:
            yield record[self.column] if self.column < len(record) else ""


def _limited(records: Iterator[list[str]], rows: int | None) -> Iterator[list[str]]:
    """Pass on a heading and at most `rows` rows."""
    yield from islice(records, None if rows is None else rows + 1)
    if next(records, None) is not None:
        message = f"The file has more than {rows:,} rows. Send it in parts."
        raise SentenceTableError("too_many_rows", message)


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

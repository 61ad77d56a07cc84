"""One FAQ record and its files."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mundap.index.faq.cells.alternates import join_alternates
from mundap.index.faq.entry_ids import is_derived
from mundap.index.faq.identity import EntryStore
from mundap.index.faq.sheets.columns import USUAL_COLUMNS, FaqColumns
from mundap.index.faq.sheets.reading import Reading
from mundap.index.korean.text import match_key
from mundap.index.tables.table_writer import write_rows

COLUMNS = ("entry_id", "question", "answer", "alternates", "category")
# Kept where an entry has them: a FAQ in one language has no empty columns.
ENGLISH = ("question_en", "answer_en")


class FaqError(ValueError):
    """A FAQ has a row that cannot be used."""


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """One answer with the question it belongs to and other phrasings of that question.

    `question_en` and `answer_en` are the same in English, "" where nobody wrote them. `place` is
    where it was read, for people: the file and the row, if it was read from one.
    """

    entry_id: str
    question: str
    answer: str
    alternates: tuple[str, ...] = ()
    category: str = ""
    place: str = field(default="", compare=False, repr=False)
    question_en: str = ""
    answer_en: str = ""

    @property
    def label(self) -> str:
        """What people know it by: the id that its FAQ names, or else its place."""
        derived = is_derived(self.entry_id, self.question, self.answer)
        return self.place if derived and self.place else self.entry_id

    @property
    def phrasings(self) -> tuple[str, ...]:
        """Its question, then its alternates."""
        return (self.question, *self.alternates)

    @property
    def passages(self) -> tuple[str, ...]:
        """The texts that are indexed for this entry: its phrasings, then its English question."""
        return (*self.phrasings, self.question_en) if self.question_en else self.phrasings

    def joined(self, other: "FaqEntry") -> "FaqEntry":
        """Return this entry with the phrasings of `other`, and its English where this has none."""
        question_en = self.question_en or other.question_en
        phrasings = {match_key(text): text for text in reversed(other.passages)}
        for text in (*self.phrasings, question_en):
            phrasings.pop(match_key(text), None)
        return replace(
            self,
            alternates=(*self.alternates, *reversed(phrasings.values())),
            question_en=question_en,
            answer_en=self.answer_en or other.answer_en,
        )


def read_faq(path: Path, columns: FaqColumns = USUAL_COLUMNS) -> list[FaqEntry]:
    """Read the entries of a file, or of every table in a folder, in their order.

    A table with only a question and an answer column is enough: its entries get derived ids, by
    which an entry is known wherever it stands and whatever its answer. Raises TableError on an
    unreadable table or a missing column, and FaqError naming every row that cannot be used:
    `read_with_report` leaves those out.
    """
    entries, reading = read_with_report(path, columns)
    require_all(reading)
    return entries


def read_with_report(
    path: Path, columns: FaqColumns = USUAL_COLUMNS
) -> tuple[list[FaqEntry], Reading]:
    """Read what can be read of a FAQ, and return it with the report on all else.

    Raises TableError on an unreadable table or a missing column, FaqError where no row is good.
    """
    entries, reading = read_stored(path, columns)
    return list(entries), reading


def read_stored(path: Path, columns: FaqColumns) -> tuple[Sequence[FaqEntry], Reading]:
    """Do what `read_with_report` does with a FAQ that need not fit in memory.

    Its entries lie in a temporary file and are read again whenever they are asked for; with
    `merge_answers` they are in memory.
    """
    reading = Reading.of(Path(path), columns)
    return _entries(reading, columns), reading


def require_all(reading: Reading) -> None:
    """Raise FaqError naming the rows that a FAQ was read without or under another id, if any."""
    wrong = [*reading.rejected_lines(), *reading.renamed.shown()]
    if wrong:
        raise FaqError("\n".join([f"{reading.path} has rows that cannot be used.", *wrong]))


def write_faq(
    entries: Iterable[FaqEntry],
    path: Path,
    *,
    encoding: str = "utf-8",
    english: Sequence[str] | None = None,
) -> None:
    """Write entries as Parquet, CSV, JSON Lines or Excel (by suffix), lossless for `read_faq`.

    `english` are the columns in English that are written; without, those that any entry has.
    Raises TableError as `write_rows` does.
    """
    if english is None:
        entries = list(entries)
        english = filled_english(entries)
    in_cells = Path(path).suffix.lower() in {".csv", ".xlsx"}
    columns = (*COLUMNS, *english)
    rows = (_cells(entry, columns, in_cells=in_cells) for entry in entries)
    write_rows(columns, rows, path, encoding=encoding)


def filled_english(entries: Iterable[FaqEntry], names: Iterable[str] = ENGLISH) -> list[str]:
    """Return which of the fields in English any entry has."""
    return [name for name in names if any(getattr(entry, name) for entry in entries)]


def merge_by_answer(entries: Iterable[FaqEntry]) -> list[FaqEntry]:
    """Return one entry for each different answer, in the order of first appearance."""
    merged: dict[str, FaqEntry] = {}
    for entry in entries:
        key = match_key(entry.answer)
        merged[key] = merged[key].joined(entry) if key in merged else entry
    return list(merged.values())


def dump_jsonl(entries: Iterable[FaqEntry]) -> str:
    """Return entries as JSON Lines, the form in which a bundle keeps them."""
    rows = ({name: getattr(entry, name) for name in _kept_fields(entry)} for entry in entries)
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _kept_fields(entry: FaqEntry) -> Iterator[str]:
    yield from COLUMNS
    # An older version of ours opens what has no English.
    yield from (name for name in ENGLISH if getattr(entry, name))


def load_jsonl(lines: Iterable[str]) -> list[FaqEntry]:
    """Undo `dump_jsonl`, line by line, with the standard library alone: serving is light."""
    rows = (json.loads(line) for line in lines)
    return [FaqEntry(**{**row, "alternates": tuple(row["alternates"])}) for row in rows]


def _entries(reading: Reading, columns: FaqColumns) -> Sequence[FaqEntry]:
    """Read all rows that are entries. Raises FaqError where none is."""
    rows = (
        FaqEntry(
            row.entry_id,
            row.question,
            row.answer,
            row.alternates,
            row.category,
            row.place,
            row.question_en,
            row.answer_en,
        )
        for row in reading.rows(columns)
    )
    entries = EntryStore(rows, _entry, reading)
    if not entries:
        raise FaqError(_nothing(reading))
    return merge_by_answer(entries) if columns.merge_answers else entries


def _entry(values: list[Any]) -> FaqEntry:
    entry = FaqEntry(*values)
    return replace(entry, alternates=tuple(entry.alternates))


def _nothing(reading: Reading) -> str:
    if not len(reading.rejected):
        return f"{reading.path}: no rows. Add at least one question with its answer."
    return "\n".join([f"{reading.path}: no row can be used.", *reading.rejected_lines()])


def _cells(entry: FaqEntry, columns: Sequence[str], *, in_cells: bool) -> list[Any]:
    """Return the columns of an entry; where a cell can hold no list, its alternates as a text."""
    alternates = join_alternates(entry.alternates) if in_cells else list(entry.alternates)
    return [alternates if name == "alternates" else getattr(entry, name) for name in columns]

"""One FAQ record and its files."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from mundap.index.faq.columns import USUAL_COLUMNS, FaqColumns
from mundap.index.faq.entry_ids import derived_ids, is_derived
from mundap.index.faq.table import Table, TableError, read_tables, require_columns
from mundap.index.faq.table_writer import write_table
from mundap.index.korean.text import clean, clean_lines, match_key

COLUMNS = ("entry_id", "question", "answer", "alternates", "category")

# Seen in the wild, in this order: `Q`/`A`, `Q`/`answer`, `question`/`answer`, Korean headings.
_QUESTION_NAMES = ("question", "q", "질문")
_ANSWER_NAMES = ("answer", "a", "답변", "답")


class FaqError(ValueError):
    """A FAQ has a row that cannot be used."""


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """One answer with the question it belongs to and other phrasings of that question.

    `place` is where it was read, for people: the file and the row, if it was read from one.
    """

    entry_id: str
    question: str
    answer: str
    alternates: tuple[str, ...] = ()
    category: str = ""
    place: str = field(default="", compare=False, repr=False)

    @property
    def label(self) -> str:
        """What people know it by: the id that its FAQ names, or else its place."""
        derived = is_derived(self.entry_id, self.question, self.answer)
        return self.place if derived and self.place else self.entry_id

    @property
    def passages(self) -> tuple[str, ...]:
        """The texts that are indexed for this entry: its question first, then its alternates."""
        return (self.question, *self.alternates)


def read_faq(path: Path, columns: FaqColumns = USUAL_COLUMNS) -> list[FaqEntry]:
    """Read the entries of a file, or of every table in a folder, in their order.

    A table with only a question and an answer column is enough: `derived_ids` are given then, by
    which an entry is known wherever it stands and whatever its answer. Raises TableError on an
    unreadable table or a missing column, FaqError on a bad row.
    """
    return faq_of(read_tables(path), path, columns)


def faq_of(tables: Mapping[Path, Table], path: Path, columns: FaqColumns) -> list[FaqEntry]:
    """Do what `read_faq` does with the tables of `path`, which are read already."""
    read = [entry for file, table in tables.items() for entry in _entries(table, file, columns)]
    if not read:
        raise FaqError(f"{path}: no rows. Add at least one question with its answer.")
    entries = list(_unique_ids(_with_ids(read), path))
    return merge_by_answer(entries) if columns.merge_answers else entries


def write_faq(entries: Sequence[FaqEntry], path: Path, *, encoding: str = "utf-8") -> None:
    """Write entries as Parquet, CSV, JSON Lines or Excel (by suffix), lossless for `read_faq`."""
    import pandas as pd

    rows = [asdict(entry) for entry in entries]
    flat = Path(path).suffix.lower() in {".csv", ".xlsx"}
    for row in rows:
        row["alternates"] = join_alternates(row["alternates"]) if flat else list(row["alternates"])
    write_table(pd.DataFrame(rows, columns=list(COLUMNS)), path, encoding=encoding)


def merge_by_answer(entries: Iterable[FaqEntry]) -> list[FaqEntry]:
    """Return one entry for each different answer, in the order of first appearance."""
    merged: dict[str, FaqEntry] = {}
    for entry in entries:
        key = match_key(entry.answer)
        if key not in merged:
            merged[key] = entry
            continue
        first = merged[key]
        known = set(first.passages)
        new = tuple(dict.fromkeys(text for text in entry.passages if text not in known))
        merged[key] = replace(first, alternates=(*first.alternates, *new))
    return list(merged.values())


def join_alternates(alternates: Iterable[str]) -> str:
    r"""Join alternates into one cell, `|` between them; one within a text becomes `\|`."""
    return "|".join(text.replace("\\", "\\\\").replace("|", "\\|") for text in alternates)


def split_alternates(cell: str) -> tuple[str, ...]:
    r"""Undo `join_alternates`; empty parts are dropped, a `\` before anything else stays."""
    parts = [""]
    for token in re.findall(r"\\[\\|]|.", cell, re.DOTALL):
        if token == "|":
            parts.append("")
        else:
            parts[-1] += token[-1]
    return tuple(part for part in parts if part.strip())


def dump_jsonl(entries: Iterable[FaqEntry]) -> str:
    """Return entries as JSON Lines, the form in which a bundle keeps them."""
    rows = (asdict(entry) for entry in entries)
    return "".join(
        json.dumps({name: row[name] for name in COLUMNS}, ensure_ascii=False) + "\n" for row in rows
    )


def load_jsonl(lines: Iterable[str]) -> list[FaqEntry]:
    """Undo `dump_jsonl`, line by line, with the standard library alone: serving is light."""
    rows = (json.loads(line) for line in lines)
    return [FaqEntry(**{**row, "alternates": tuple(row["alternates"])}) for row in rows]


def _entries(table: Table, path: Path, columns: FaqColumns) -> list[FaqEntry]:
    question = _find_column(table, columns.question_column, _QUESTION_NAMES, "question", path)
    answer = _find_column(table, columns.answer_column, _ANSWER_NAMES, "answer", path)
    rows = enumerate(table.rows, start=2)  # row 1 is the heading
    return [
        _entry(
            row, clean(str(row[question])), clean_lines(str(row[answer])), f"{path}, row {number}"
        )
        for number, row in rows
    ]


def _find_column(
    table: Table, given: str | None, known: Sequence[str], role: str, path: Path
) -> str:
    if given is not None:
        require_columns(table, [given], path)
        return given
    for name in known:
        for column in table.columns:
            if column.casefold() == name:
                return column
    found = ", ".join(map(repr, table.columns)) or "none"
    raise TableError(
        f"{path}: no {role} column; found {found}. Name it with --{role}-column, for example "
        f"--{role}-column {table.columns[0] if table.columns else role!r}."
    )


def _entry(row: dict[Any, Any], question: str, answer: str, place: str) -> FaqEntry:
    for role, text in (("question", question), ("answer", answer)):
        if not text:
            raise FaqError(f"{place}: the {role} is empty. Fill it or drop the row.")
    entry_id = clean(str(row.get("entry_id", "")))
    if " " in entry_id:
        raise FaqError(
            f"{place}: entry_id {entry_id!r} holds a space, which run files cannot carry. Use "
            "'-' or '_' instead."
        )
    alternates = _alternates(row.get("alternates", ""))
    category = clean(str(row.get("category", "")))
    return FaqEntry(entry_id, question, answer, alternates, category, place)


def _alternates(cell: object) -> tuple[str, ...]:
    if isinstance(cell, Iterable) and not isinstance(cell, str):  # Parquet and JSON Lines: a list
        texts = tuple(str(text) for text in cell if text is not None)
    else:
        texts = split_alternates(str(cell))
    return tuple(text for text in map(clean, texts) if text)


def _with_ids(entries: list[FaqEntry]) -> list[FaqEntry]:
    """Give the entries without an id a derived one."""
    nameless = [entry for entry in entries if not entry.entry_id]
    found = iter(derived_ids([(entry.question, entry.answer) for entry in nameless]))
    return [entry if entry.entry_id else replace(entry, entry_id=next(found)) for entry in entries]


def _unique_ids(entries: list[FaqEntry], path: Path) -> Iterator[FaqEntry]:
    """Number exact copies of a row apart; refuse one id for two different rows."""
    first: dict[str, FaqEntry] = {}
    taken = {entry.entry_id for entry in entries}
    for entry in entries:
        known = first.setdefault(entry.entry_id, entry)
        if known is entry:
            yield entry
            continue
        if (known.passages, known.answer) != (entry.passages, entry.answer):
            raise FaqError(
                f"{path}: entry_id {entry.entry_id!r} stands twice with different texts, "
                f"{known.question!r} ({known.place}) and {entry.question!r} ({entry.place}). Give "
                "each entry an id of its own."
            )
        numbered = (f"{entry.entry_id}-{number}" for number in count(2))
        entry_id = next(name for name in numbered if name not in taken)
        taken.add(entry_id)
        yield replace(entry, entry_id=entry_id)

"""One FAQ record and its files."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.table import TableError, read_table, require_columns, write_table
from index.text import clean, match_key

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("entry_id", "question", "answer", "alternates", "category")

# Seen in the wild, in this order: `Q`/`A`, `Q`/`answer`, `question`/`answer`, Korean headings.
_QUESTION_NAMES = ("question", "q", "질문")
_ANSWER_NAMES = ("answer", "a", "답변", "답")


class FaqError(ValueError):
    """A FAQ has a row that cannot be used."""


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """One answer with the question it belongs to and other phrasings of that question."""

    entry_id: str
    question: str
    answer: str
    alternates: tuple[str, ...] = ()
    category: str = ""

    @property
    def passages(self) -> tuple[str, ...]:
        """The texts that are indexed for this entry: its question first, then its alternates."""
        return (self.question, *self.alternates)


def read_faq(
    path: Path,
    *,
    question_column: str | None = None,
    answer_column: str | None = None,
    merge_answers: bool = False,
) -> list[FaqEntry]:
    """Read the entries of a file, or of every table in a folder, in their order.

    A table with only a question and an answer column is enough: ids are then derived from
    the content, so that the same row keeps its id wherever it stands. `merge_answers` makes
    one entry of all rows with the same answer, the later questions becoming alternates.
    Raises TableError on an unreadable table or a missing column, FaqError on a bad row.
    """
    path = Path(path)
    frame = read_table(path)
    question = _find_column(frame, question_column, _QUESTION_NAMES, "question", path)
    answer = _find_column(frame, answer_column, _ANSWER_NAMES, "answer", path)
    rows = frame.rename(columns={question: "question", answer: "answer"}).to_dict(orient="records")
    if not rows:
        raise FaqError(f"{path}: no rows. Add at least one question with its answer.")
    read = [_entry(row, number, path) for number, row in enumerate(rows, start=2)]
    entries = list(_unique_ids(read, path))
    return merge_by_answer(entries) if merge_answers else entries


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
    r"""Join alternates into one cell, `|` between them; `\|` and `\\` keep theirs."""
    return "|".join(text.replace("\\", "\\\\").replace("|", "\\|") for text in alternates)


def split_alternates(cell: str) -> tuple[str, ...]:
    """Undo `join_alternates`; empty parts are dropped."""
    parts, current, escaped = [], [], False
    for char in cell:
        if escaped or char not in "\\|":
            current.append(char)
            escaped = False
        elif char == "\\":
            escaped = True
        else:
            parts.append("".join(current))
            current = []
    parts.append("".join(current))
    return tuple(part for part in parts if part.strip())


def dump_jsonl(entries: Iterable[FaqEntry]) -> str:
    """Return entries as JSON Lines, the form in which a bundle keeps them."""
    return "".join(json.dumps(asdict(entry), ensure_ascii=False) + "\n" for entry in entries)


def load_jsonl(text: str) -> list[FaqEntry]:
    """Undo `dump_jsonl` with the standard library alone: serving loads no table library."""
    rows = (json.loads(line) for line in text.split("\n") if line)
    return [FaqEntry(**{**row, "alternates": tuple(row["alternates"])}) for row in rows]


def _find_column(
    frame: "pd.DataFrame", given: str | None, known: Sequence[str], role: str, path: Path
) -> str:
    if given is not None:
        require_columns(frame, [given], path)
        return given
    for name in known:
        for column in frame.columns:
            if column.casefold() == name:
                return str(column)
    found = ", ".join(repr(str(column)) for column in frame.columns) or "none"
    raise TableError(
        f"{path}: no {role} column; found {found}. Name it with --{role}-column, for example "
        f"--{role}-column {frame.columns[0] if len(frame.columns) else role!r}."
    )


def _entry(row: dict[Any, Any], number: int, path: Path) -> FaqEntry:
    question, answer = clean(_cell(row, "question")), _encodable(_cell(row, "answer")).strip()
    for role, text in (("question", question), ("answer", answer)):
        if not text:
            raise FaqError(f"{path}, row {number}: the {role} is empty. Fill it or drop the row.")
    stated = row.get("alternates", "")
    texts = split_alternates(stated) if isinstance(stated, str) else tuple(map(str, stated))
    alternates = tuple(text for text in map(clean, texts) if text)
    entry_id = _cell(row, "entry_id").strip() or _content_id(question, answer)
    if any(char.isspace() for char in entry_id):
        raise FaqError(
            f"{path}, row {number}: entry_id {entry_id!r} holds a space, which run files cannot "
            "carry. Use '-' or '_' instead."
        )
    return FaqEntry(entry_id, question, answer, alternates, clean(_cell(row, "category")))


def _cell(row: dict[Any, Any], column: str) -> str:
    value = row.get(column, "")
    # Parquet gives None or NaN for an empty cell, and numbers for a column of numbers.
    return "" if value is None or value != value else str(value)


def _encodable(text: str) -> str:
    """Drop lone surrogates, which JSON can carry and no file in UTF-8 can."""
    return text.encode("utf-8", "ignore").decode("utf-8")


def _content_id(question: str, answer: str) -> str:
    return hashlib.sha256(f"{question}\n{answer}".encode()).hexdigest()[:12]


def _unique_ids(entries: list[FaqEntry], path: Path) -> Iterator[FaqEntry]:
    """Number exact copies of a row apart; refuse one id for two different rows."""
    first: dict[str, FaqEntry] = {}
    copies: dict[str, int] = {}
    for number, entry in enumerate(entries, start=2):
        if entry.entry_id not in first:
            first[entry.entry_id] = entry
            yield entry
            continue
        if first[entry.entry_id].passages != entry.passages or (
            first[entry.entry_id].answer != entry.answer
        ):
            raise FaqError(
                f"{path}, row {number}: entry_id {entry.entry_id!r} stands twice with different "
                "texts. Give each entry an id of its own."
            )
        copies[entry.entry_id] = copies.get(entry.entry_id, 1) + 1
        yield replace(entry, entry_id=f"{entry.entry_id}-{copies[entry.entry_id]}")

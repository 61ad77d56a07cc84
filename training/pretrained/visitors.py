"""FAQs with what their visitors asked."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from mundap.evaluation.queries import read_queries
from mundap.index.faq.entry import FaqEntry, read_faq
from mundap.index.tables.table import read_table, table_files


@dataclass(frozen=True, slots=True)
class Asked:
    """What a visitor typed, and the rows of the entries that answer it."""

    text: str
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class VisitedFaq:
    """The entries of one FAQ with its visitors' queries."""

    name: str
    entries: tuple[FaqEntry, ...]
    # One entry each.
    queries: tuple[Asked, ...]
    # One entry each, read with the visitor's query before it.
    followup: tuple[Asked, ...] = ()
    # Several entries each: one word, or two questions in one message.
    wide: tuple[Asked, ...] = ()
    # Rows that are near each other, as those of one file of a larger FAQ.
    near: tuple[tuple[int, ...], ...] = ()

    @property
    def passages(self) -> list[str]:
        """Each entry's question with its answer, as they are searched."""
        return [f"{entry.question} {entry.answer}" for entry in self.entries]

    @classmethod
    def read(cls, folder: Path, name: str) -> Self:
        """Read `NAME.csv` and what visitors asked of it."""
        entries = read_faq(folder / f"{name}.csv")
        row_of = {entry.entry_id: row for row, entry in enumerate(entries)}
        queries = read_queries(folder / f"{name}_queries.csv")
        followup = [
            Asked(f"{row['previous_query']} {row['query']}", (row_of[row["entry_id"]],))
            for row in _rows(folder / f"{name}_followup.csv")
        ]
        wide = [
            Asked(row["query"], tuple(row_of[one] for one in row["entry_ids"].split("|")))
            for kind in ("ambiguous", "two")
            for row in _rows(folder / f"{name}_{kind}.csv")
        ]
        single = tuple(Asked(query.text, (row_of[query.entry_id],)) for query in queries)
        return cls(name, tuple(entries), single, tuple(followup), tuple(wide))

    @classmethod
    def bundled(cls, folder: Path) -> Self:
        """Read a FAQ whose phrasings are its queries, and of which each file's rows are near."""
        entries: list[FaqEntry] = []
        near = []
        for file in table_files(folder):
            start = len(entries)
            entries += read_faq(file)
            near.append(tuple(range(start, len(entries))))
        queries = [Asked(text, (row,)) for row, e in enumerate(entries) for text in e.alternates]
        return cls("bundled", tuple(entries), tuple(queries), near=tuple(near))


@dataclass(frozen=True, slots=True)
class Sources:
    """The FAQs to learn from, and those held back to judge by."""

    learn: Sequence[VisitedFaq]
    bundled: VisitedFaq
    held_back: Sequence[VisitedFaq]

    @classmethod
    def read(cls, faqs: Path, bundled: Path) -> Self:
        """Read a folder whose `split.json` parts its FAQs, and the bundled FAQ."""
        split = json.loads((faqs / "split.json").read_text(encoding="utf-8"))
        learn, fit = ([VisitedFaq.read(faqs, n) for n in split[part]] for part in ("learn", "fit"))
        return cls(learn, VisitedFaq.bundled(bundled), fit)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a table; not every FAQ has each."""
    if path.exists():
        yield from read_table(path).rows

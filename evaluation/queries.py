"""Test queries and the entry that answers each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mundap.index.faq.entry import FaqEntry
from mundap.index.korean.text import clean
from mundap.index.tables.table import read_table, require_columns

# Ids named in an error; the rest is counted.
_NAMED = 5
# Row 1 of a table is its heading.
_FIRST_ROW = 2


class QueryError(ValueError):
    """A query file has a row that cannot be used, or does not fit the FAQ."""


@dataclass(frozen=True, slots=True)
class Query:
    """What a visitor typed, as typed, and the entry that answers it."""

    query_id: str
    text: str
    entry_id: str


def read_queries(path: Path) -> list[Query]:
    """Read columns query and entry_id (optionally query_id) of CSV, Parquet, JSON Lines or Excel.

    Without query_id the queries are q0001, q0002, ... in their order. Raises TableError on an
    unreadable table or a missing column, QueryError on a bad row.
    """
    rows = _rows(path, ["query", "entry_id"])
    width = max(4, len(str(len(rows))))
    queries = [
        _query(row, f"q{place:0{width}d}", place + _FIRST_ROW - 1, path)
        for place, row in enumerate(rows, start=1)
    ]
    _require_unique(queries, path)
    return queries


def read_texts(path: Path) -> list[str]:
    """Read the column query alone, as for queries that a FAQ cannot answer."""
    rows = _rows(path, ["query"])
    return [_text(row, number, path) for number, row in enumerate(rows, start=_FIRST_ROW)]


def check_against(queries: Iterable[Query], entries: Sequence[FaqEntry]) -> None:
    """Raise QueryError naming the entry ids that the FAQ does not have."""
    asked = dict.fromkeys(query.entry_id for query in queries)
    for entry in entries:  # which may be too many to hold
        asked.pop(entry.entry_id, None)
    if unknown := [*asked]:
        more = f" and {len(unknown) - _NAMED} more" if len(unknown) > _NAMED else ""
        raise QueryError(
            f"{len(unknown)} entry_id of the queries are not in the FAQ ({len(entries)} entries): "
            f"{', '.join(map(repr, unknown[:_NAMED]))}{more}. Correct them, or give the FAQ that "
            "the queries were written for."
        )


def _rows(path: Path, columns: list[str]) -> list[dict[Any, Any]]:
    table = read_table(path)
    require_columns(table, columns, path)
    rows = table.rows
    if not rows:
        raise QueryError(f"{path}: no rows. Add at least one query.")
    return rows


def _query(row: dict[Any, Any], default_id: str, number: int, path: Path) -> Query:
    query_id = _id(row, "query_id", number, path) if "query_id" in row else default_id
    return Query(query_id, _text(row, number, path), _id(row, "entry_id", number, path))


def _text(row: dict[Any, Any], number: int, path: Path) -> str:
    text = _cell(row, "query")
    if not clean(text):
        raise QueryError(f"{path}, row {number}: the query is empty. Fill it or drop the row.")
    return text


def _id(row: dict[Any, Any], column: str, number: int, path: Path) -> str:
    value = clean(_cell(row, column))
    if not value:
        raise QueryError(f"{path}, row {number}: {column} is empty. Fill it or drop the row.")
    return value


def _cell(row: dict[Any, Any], column: str) -> str:
    value = row[column]
    # Parquet gives None, NaN or NA for an empty cell, and numbers for a column of numbers.
    return str(value) if isinstance(value, str | int | float) and value == value else ""


def _require_unique(queries: Iterable[Query], path: Path) -> None:
    seen: set[str] = set()
    for number, query in enumerate(queries, start=_FIRST_ROW):
        if query.query_id in seen:
            raise QueryError(
                f"{path}, row {number}: query_id {query.query_id!r} stands twice. Give each query "
                "an id of its own, or drop the column."
            )
        seen.add(query.query_id)

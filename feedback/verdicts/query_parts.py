"""What a judged query is for, decided once and for ever: to learn from, or to test with."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import Connection, insert, select

from mundap.feedback.store.tables import query_parts

# What is held back to test with never trains anything, and what has trained tests nothing.
Part = Literal["test", "training"]


def parts(connection: Connection) -> dict[str, Part]:
    """Return the part of every query that has one, by its `match_key`."""
    rows = connection.execute(select(query_parts.c.key, query_parts.c.part))
    return {row.key: row.part for row in rows}


def decide_parts(connection: Connection, decided: Mapping[str, Part]) -> None:
    """Keep the parts of queries that had none; raises StoreError where one has."""
    now = datetime.now(UTC)
    values = [{"key": key, "part": part, "since": now} for key, part in decided.items()]
    if values:
        connection.execute(insert(query_parts), values)

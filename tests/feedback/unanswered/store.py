"""Exchanges and reactions put into a store, for tests of what is unanswered."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Connection, insert

from mundap.feedback.store.tables import exchanges, reactions

DAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
_NUMBERS = count()


def ask(
    connection: Connection, query: str, kind: str = "unknown", *, days: int = 0, **given: Any
) -> str:
    """Keep an exchange, and return its request id."""
    request_id = f"request-{next(_NUMBERS)}"
    row = {
        "request_id": request_id,
        "time": DAY + timedelta(days=days),
        "channel": "page",
        "query": query,
        "reading": query,
        "kind": kind,
        "confidence": 0.2,
        "candidates": [],
        "generation": 1,
        **given,
    }
    connection.execute(insert(exchanges), row)
    return request_id


def react(connection: Connection, request_id: str, value: str, entry_id: str | None = None) -> None:
    """Keep what the visitor did with a reply."""
    row = {"request_id": request_id, "time": DAY, "value": value, "entry_id": entry_id}
    connection.execute(insert(reactions), row)

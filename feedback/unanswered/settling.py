"""What an owner does with unanswered queries beside editing the FAQ; all of it can be undone."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from mundap.feedback.deeds import record
from mundap.feedback.judgements import Verdict, contradicted, judge, take_back
from mundap.feedback.tables import ignored_queries, owner_deeds
from mundap.index.korean.text import match_key

# Deeds that `undo` knows.
SETTLING = ("ignore", "settle")


def ignore(connection: Connection, owner: str, queries: Sequence[str]) -> int:
    """Never show these queries again, as no entry is to answer them; return the deed."""
    done = _judged(connection, owner, queries, "uncovered", None)
    deed = record(connection, owner, "ignore", {"queries": len(queries), "judged": done})
    keys = {match_key(query): query for query in queries}
    before = select(ignored_queries.c.key).where(ignored_queries.c.key.in_(list(keys)))
    for key in connection.execute(before).scalars():
        del keys[key]
    if keys:
        rows = [{"key": key, "query": query, "deed": deed} for key, query in keys.items()]
        connection.execute(insert(ignored_queries), rows)
    return deed


def settle(connection: Connection, owner: str, queries: Sequence[str], entry_id: str) -> int:
    """Judge that an entry answers these queries; return the deed."""
    done = _judged(connection, owner, queries, "right", entry_id)
    return record(connection, owner, "settle", {"entry_id": entry_id, "judged": done})


def undo(connection: Connection, owner: str, deed: int) -> int:
    """Take back one of `SETTLING`; return the deed of doing so. Raises LookupError for others."""
    row = connection.execute(
        select(owner_deeds.c.action, owner_deeds.c.detail).where(owner_deeds.c.deed_id == deed)
    ).first()
    if row is None or row.action not in SETTLING:
        raise LookupError(deed)
    for judged, replaced in reversed(row.detail["judged"]):
        take_back(connection, judged, replaced)
    connection.execute(delete(ignored_queries).where(ignored_queries.c.deed == deed))
    return record(connection, owner, "undo", {"undone": deed})


def _judged(
    connection: Connection,
    owner: str,
    queries: Sequence[str],
    verdict: Verdict,
    entry_id: str | None,
) -> list[Any]:
    """Judge queries, and return what `take_back` wants of each."""
    done = []
    for query in queries:
        replaced = contradicted(connection, query, verdict, entry_id)
        done.append((judge(connection, owner, query, verdict, entry_id), replaced))
    return done

"""What an owner does with unanswered queries beside editing the FAQ; all of it can be undone."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select

from mundap.feedback.owners.deeds import record
from mundap.feedback.store.tables import ignored_queries, owner_deeds
from mundap.feedback.verdicts.judgements import judge_undoably, undo_verdict
from mundap.index.korean.text import match_key

# Deeds that `undo` knows.
SETTLING = ("ignore", "settle")


def ignore(connection: Connection, owner: str, queries: Sequence[str]) -> int:
    """Never show these queries again, as no entry is to answer them; return the deed."""
    done = [judge_undoably(connection, owner, query, "uncovered", None) for query in queries]
    deed = record(connection, owner, "ignore", {"judged": done})
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
    done = [judge_undoably(connection, owner, query, "right", entry_id) for query in queries]
    return record(connection, owner, "settle", {"entry_id": entry_id, "judged": done})


def undo(connection: Connection, owner: str, deed: int) -> int:
    """Take back one of `SETTLING`; return the deed of doing so. Raises LookupError for others."""
    row = connection.execute(
        select(owner_deeds.c.action, owner_deeds.c.detail).where(owner_deeds.c.deed_id == deed)
    ).first()
    if row is None or row.action not in SETTLING:
        raise LookupError(deed)
    for judged in reversed(row.detail["judged"]):
        undo_verdict(connection, owner, judged)
    connection.execute(delete(ignored_queries).where(ignored_queries.c.deed == deed))
    return record(connection, owner, "undo", {"undone": deed})

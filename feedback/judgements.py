"""What owners said of queries: the only thing that improving learns from."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, delete, insert, select

from mundap.feedback.deeds import record
from mundap.feedback.tables import judgements, owner_deeds
from mundap.index.korean.text import match_key

# The entry answers the query; it does not; no entry does.
Verdict = Literal["right", "wrong", "uncovered"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """One verdict of an owner; `entry_id` is None for "uncovered"."""

    query: str
    verdict: Verdict
    entry_id: str | None
    time: datetime


def judge(
    connection: Connection, owner: str, query: str, verdict: Verdict, entry_id: str | None
) -> int:
    """Keep a verdict in place of what it contradicts, and return the number of the deed.

    Of a query and an entry the last verdict counts; "uncovered" and "right" each take the other
    back.
    """
    key = match_key(query)
    deed = record(connection, owner, "judge", {"verdict": verdict, "entry_id": entry_id})
    same = judgements.c.key == key
    if verdict == "uncovered":
        connection.execute(delete(judgements).where(same, judgements.c.verdict != "wrong"))
    else:
        connection.execute(delete(judgements).where(same, judgements.c.entry_id == entry_id))
    if verdict == "right":
        connection.execute(delete(judgements).where(same, judgements.c.verdict == "uncovered"))
    values = {"deed": deed, "query": query, "key": key, "verdict": verdict, "entry_id": entry_id}
    connection.execute(insert(judgements).values(values))
    return deed


def all_judgements(connection: Connection) -> list[Judgement]:
    """Return every verdict that counts, in the order they were given."""
    rows = connection.execute(
        select(judgements, owner_deeds.c.time)
        .join(owner_deeds, owner_deeds.c.deed_id == judgements.c.deed)
        .order_by(judgements.c.judgement_id)
    )
    return [Judgement(row.query, row.verdict, row.entry_id, row.time) for row in rows]

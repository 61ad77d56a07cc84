"""What owners said of queries: the only thing that improving learns from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select

from mundap.feedback.owners.deeds import record
from mundap.feedback.store.database import in_parts
from mundap.feedback.store.tables import judgements, owner_deeds
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
    connection.execute(delete(judgements).where(_contradicted(key, verdict, entry_id)))
    values = {"deed": deed, "query": query, "key": key, "verdict": verdict, "entry_id": entry_id}
    connection.execute(insert(judgements).values(values))
    return deed


def judge_undoably(
    connection: Connection, owner: str, query: str, verdict: Verdict, entry_id: str | None
) -> dict[str, Any]:
    """Do what `judge` does; return what `undo_verdict` wants to know of it."""
    replaced = _replaced(connection, query, verdict, entry_id)
    judged = judge(connection, owner, query, verdict, entry_id)
    return {"judged": judged, "verdict": verdict, "replaced": replaced}


def undo_verdict(connection: Connection, owner: str, detail: Mapping[str, Any]) -> dict[str, Any]:
    """Undo, or give again, the verdict that came with a deed; return the detail of doing so."""
    same = {name: detail[name] for name in ("entry_id", "query", "verdict") if name in detail}
    if "judged" in detail:
        _take_back(connection, detail["judged"], detail["replaced"])
        return {**same, "unjudged": True}
    if "unjudged" in detail:
        given = same["query"], same["verdict"], same["entry_id"]
        return {**same, **judge_undoably(connection, owner, *given)}
    return {}


def _replaced(
    connection: Connection, query: str, verdict: Verdict, entry_id: str | None
) -> list[dict[str, Any]]:
    """Return the verdicts that another one would replace."""
    c = judgements.c
    columns = (c.deed, c.query, c.key, c.verdict, c.entry_id)
    wanted = select(*columns).where(_contradicted(match_key(query), verdict, entry_id))
    return [dict(row) for row in connection.execute(wanted).mappings()]


def _take_back(connection: Connection, deed: int, replaced: Sequence[Mapping[str, Any]]) -> None:
    """Remove a verdict, so that those it replaced count again; a later one has done so already."""
    gone = connection.execute(delete(judgements).where(judgements.c.deed == deed))
    if gone.rowcount and replaced:
        connection.execute(insert(judgements), [dict(row) for row in replaced])


def _contradicted(key: str, verdict: Verdict, entry_id: str | None) -> ColumnElement[bool]:
    """Return which verdicts do not hold beside another."""
    c = judgements.c
    if verdict == "uncovered":
        return and_(c.key == key, c.verdict != "wrong")
    same = c.entry_id == entry_id
    return and_(c.key == key, or_(same, c.verdict == "uncovered") if verdict == "right" else same)


def verdicts_on(connection: Connection, entry_id: str) -> dict[str, Verdict]:
    """Return what was said of an entry, by the `match_key` of each query."""
    c = judgements.c
    rows = connection.execute(select(c.key, c.verdict).where(c.entry_id == entry_id))
    return {row.key: row.verdict for row in rows}


def refused(connection: Connection, queries: Sequence[str]) -> dict[str, set[str]]:
    """Return which entries do not answer each of these queries, by its `match_key`."""
    c, found = judgements.c, dict[str, set[str]]()
    for part in in_parts([match_key(query) for query in queries]):
        wanted = select(c.key, c.entry_id).where(c.verdict == "wrong", c.key.in_(part))
        for row in connection.execute(wanted):
            found.setdefault(row.key, set()).add(row.entry_id)
    return found


def all_judgements(connection: Connection) -> list[Judgement]:
    """Return every verdict that counts, in the order they were given."""
    rows = connection.execute(
        select(judgements, owner_deeds.c.time)
        .join(owner_deeds, owner_deeds.c.deed_id == judgements.c.deed)
        .order_by(judgements.c.judgement_id)
    )
    return [Judgement(row.query, row.verdict, row.entry_id, row.time) for row in rows]

"""The groups of unanswered queries as an owner sees them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from mundap.feedback.store.database import in_parts
from mundap.feedback.store.tables import (
    exchanges,
    ignored_queries,
    judgements,
    reactions,
    unanswered_grouping,
    unanswered_queries,
)
from mundap.feedback.unanswered.query_digest import query_digest
from mundap.feedback.unanswered.unsettled import Reason, Unsettled, unsettled

# Exchanges since the last grouping that are looked at for queries it does not know.
_NEWEST = 5_000


@dataclass(frozen=True, slots=True)
class Group:
    """Queries of one meaning, the most central first."""

    members: tuple[Unsettled, ...]

    @property
    def name(self) -> str:
        """The most central query."""
        return self.members[0].query

    @property
    def count(self) -> int:
        """How often its queries were asked."""
        return sum(one.count for one in self.members)

    def is_alike(self, one: Unsettled) -> bool:
        """Whether one of its queries is nearest to the same entry as the one that names it."""
        return one.nearest == self.members[0].nearest

    @property
    def others(self) -> int:
        """How many of its queries are not."""
        return sum(not self.is_alike(one) for one in self.members)

    @property
    def first(self) -> datetime:
        """When the first of them was asked."""
        return min(one.first for one in self.members)

    @property
    def last(self) -> datetime:
        """When the last of them was asked."""
        return max(one.last for one in self.members)

    @property
    def reasons(self) -> Counter[Reason]:
        """What went wrong, with the number of exchanges."""
        found: Counter[Reason] = Counter()
        for one in self.members:
            found.update(one.reasons)
        return found


@dataclass(frozen=True, slots=True)
class Grouping:
    """When queries were grouped last, how long that took, and of which state of the store.

    `left_out` counts queries beyond those that are grouped at once.
    """

    time: datetime
    seconds: float
    exchange_id: int
    reaction_id: int
    generation: int
    left_out: int


def grouping(connection: Connection) -> Grouping | None:
    """Return the last grouping; None where there was none."""
    row = connection.execute(select(unanswered_grouping)).mappings().first()
    return None if row is None else Grouping(**row)


def is_stale(connection: Connection, last: Grouping | None, generation: int) -> bool:
    """Return whether there is more to group by now, or another generation to group with."""
    if last is None:
        return connection.execute(select(exchanges.c.exchange_id).limit(1)).first() is not None
    now = [
        connection.execute(select(func.max(column))).scalar() or 0
        for column in (exchanges.c.exchange_id, reactions.c.reaction_id)
    ]
    return now != [last.exchange_id, last.reaction_id] or last.generation != generation


def groups(connection: Connection, offset: int, limit: int) -> tuple[list[Group], int]:
    """Return a page of the groups with what is still open, and their number; most asked first."""
    c = unanswered_queries.c
    asked = func.sum(c.count)
    wanted = select(c.group).where(_open()).group_by(c.group)
    total = connection.execute(select(func.count()).select_from(wanted.subquery())).scalar_one()
    page = wanted.order_by(asked.desc(), c.group).offset(offset).limit(limit)
    numbers = list(connection.execute(page).scalars())
    rows = connection.execute(
        select(unanswered_queries).where(_open(), c.group.in_(numbers)).order_by(c.place)
    )
    found: dict[int, list[Unsettled]] = {number: [] for number in numbers}
    for row in rows:
        found[row.group].append(_unsettled(row))
    # What is settled between two of these statements is in the first alone.
    return [Group(tuple(members)) for members in found.values() if members], total


def open_count(connection: Connection) -> int:
    """Return how many grouped queries are still open."""
    counted = select(func.count()).select_from(unanswered_queries).where(_open())
    return connection.execute(counted).scalar_one()


def not_yet_grouped(
    connection: Connection, last: Grouping | None, sure: float, limit: int
) -> list[Unsettled]:
    """Return up to `limit` queries that became unsettled since the last grouping, or all were."""
    after = 0 if last is None else last.exchange_id
    found = {
        query_digest(one.key): one
        for one in unsettled(connection, sure, after=after, newest=_NEWEST)
    }
    known = _known(connection, list(found))
    return [one for digest, one in found.items() if digest not in known][:limit]


def queries_of(connection: Connection, digests: Sequence[str], sure: float) -> list[str]:
    """Return the queries of these digests that are still open, in the order of the digests.

    Open is too what was answered, and an owner said wrongly.
    """
    known = _known(connection, digests)
    found = {digest: row.query for digest, row in known.items()}
    if len(found) < len(set(digests)):
        last = grouping(connection)
        for one in not_yet_grouped(connection, last, sure, _NEWEST):
            found.setdefault(query_digest(one.key), one.query)
        for judged in connection.execute(_answered_wrongly()):
            found.setdefault(query_digest(judged.key), judged.query)
    settled = set(
        connection.execute(
            select(unanswered_queries.c.digest).where(
                unanswered_queries.c.digest.in_(list(found)), ~_open()
            )
        ).scalars()
    )
    return [found[one] for one in dict.fromkeys(digests) if one in found and one not in settled]


def _answered_wrongly() -> Select[tuple[str, str]]:
    """Return the statement for what is judged "wrong" and nothing else."""
    c = judgements.c
    return select(c.key, c.query).where(c.verdict == "wrong", _open(c.key))


def _open(key: ColumnElement[str] = unanswered_queries.c.key) -> ColumnElement[bool]:
    said = judgements.alias()
    judged = select(said.c.judgement_id).where(said.c.key == key, said.c.verdict != "wrong")
    ignored = select(ignored_queries.c.key).where(ignored_queries.c.key == key)
    return ~or_(judged.exists(), ignored.exists())


def _known(connection: Connection, digests: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in in_parts(digests):
        rows = connection.execute(
            select(unanswered_queries).where(unanswered_queries.c.digest.in_(part))
        )
        found.update((row.digest, row) for row in rows)
    return found


def _unsettled(row: Any) -> Unsettled:
    told = (row.key, row.query, row.count, row.first, row.last, row.reasons, row.nearest)
    return Unsettled(*told)

"""What was asked in a span of days, and how it went: counted, never listed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median, quantiles

from sqlalchemy import Connection, Date, column, exists, func, select, values

from mundap.feedback.store.database import Database
from mundap.feedback.store.tables import UtcTime, exchanges, publications, reactions

# Of a screen's worth of days all are counted; of times so many of the last tell enough.
_TIMED = 2000
# Days before and after a publication that are compared.
AROUND = 7
# Of what visitors typed, as `Asked` counts them; the answer to an entry they chose is no question
# of its own.
KINDS = ("answer", "suggest", "unknown")


@dataclass(frozen=True, slots=True)
class Asked:
    """How many questions got each kind of reply."""

    answer: int = 0
    suggest: int = 0
    unknown: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.answer + self.suggest + self.unknown

    def share(self, kind: str) -> float | None:
        """Return the share of one kind; None where nothing was asked."""
        return getattr(self, kind) / self.total if self.total else None

    def __add__(self, other: "Asked") -> "Asked":
        return Asked(
            self.answer + other.answer, self.suggest + other.suggest, self.unknown + other.unknown
        )


@dataclass(frozen=True, slots=True)
class PublishedThen:
    """A publication, and what was asked in the days before and after it."""

    time: datetime
    generation: int
    before: Asked
    after: Asked


@dataclass(frozen=True, slots=True)
class Traffic:
    """What was asked on each of `days`, of which the last is today, and in as many days before.

    `chosen` counts offered entries that a visitor took; thumbs count once for each reply, as the
    visitor last had it. Times are in milliseconds: the usual, and what one in twenty exceeds; None
    where none were kept.
    """

    days: dict[date, Asked]
    before: Asked
    chosen: int
    up: int
    down: int
    usual_time: float | None
    slow_time: float | None
    published: tuple[PublishedThen, ...]

    @property
    def asked(self) -> Asked:
        """All of `days` together."""
        return _sum(self.days.values())

    @property
    def a_day(self) -> float:
        """How many a day, since the first where nothing was asked before these days."""
        days = [*self.days.values()]
        if not self.before.total:
            while days and not days[0].total:
                del days[0]
        return self.asked.total / len(days) if days else 0.0


def traffic(database: Database, days: int, now: datetime) -> Traffic:
    """Count the last `days` days in the time zone of `now`; raises StoreError."""
    today = now.date()
    first = today - timedelta(days - 1)
    with database.reading() as connection:
        counted = _counted(connection, first - timedelta(max(days, AROUND)), now)
        since = _midnight(first, now)
        thumbs = _thumbs(connection, since)
        times = _times(connection, since)
        published = _published(connection, since)
    spans = [first + timedelta(number) for number in range(days)]
    return Traffic(
        {day: counted.get(day, Asked()) for day in spans},
        _sum(counted.get(first - timedelta(1 + number), Asked()) for number in range(days)),
        thumbs.get("chosen", 0),
        thumbs.get("up", 0),
        thumbs.get("down", 0),
        median(times) if times else None,
        quantiles(times, n=20)[-1] if len(times) > 1 else None,
        tuple(_around(time, number, counted, now) for time, number in published),
    )


def _counted(connection: Connection, first: date, now: datetime) -> dict[date, Asked]:
    """Return what was asked on each day of `now`'s time zone, from `first` to that of `now`.

    An index holds kind and time together: to count a span of it a million rows take less than a
    tenth of a second, to group them by their hour ten times as long.
    """
    days = [first + timedelta(number) for number in range((now.date() - first).days + 1)]
    begins = [_midnight(day, now) for day in [*days, now.date() + timedelta(1)]]
    spans = (
        values(column("day", Date), column("begin", UtcTime), column("end", UtcTime), name="spans")
        .data([*zip(days, begins[:-1], begins[1:], strict=True)])
        .cte()
    )
    c = exchanges.c
    counts = [
        select(func.count())
        .where(c.kind == kind, c.time >= spans.c.begin, c.time < spans.c.end)
        .scalar_subquery()
        for kind in KINDS
    ]
    return {day: Asked(*found) for day, *found in connection.execute(select(spans.c.day, *counts))}


def _thumbs(connection: Connection, since: datetime) -> dict[str, int]:
    r, later = reactions.c, reactions.alias("later").c
    taken_back = exists().where(
        later.request_id == r.request_id,
        later.value.in_(("up", "down", "none")),
        later.reaction_id > r.reaction_id,
    )
    rows = connection.execute(
        select(r.value, func.count().label("count"))
        .where(r.time >= since, r.value.in_(("up", "down", "chosen")))
        .where((r.value == "chosen") | ~taken_back)
        .group_by(r.value)
    )
    return {row.value: row._mapping["count"] for row in rows}


def _times(connection: Connection, since: datetime) -> Sequence[float]:
    query = (
        select(exchanges.c.milliseconds)
        .where(exchanges.c.time >= since, exchanges.c.milliseconds.is_not(None))
        .order_by(exchanges.c.time.desc())
        .limit(_TIMED)
    )
    return connection.execute(query).scalars().all()


def _published(connection: Connection, since: datetime) -> list[tuple[datetime, int]]:
    query = (
        select(publications.c.time, publications.c.generation)
        .where(publications.c.time >= since)
        .order_by(publications.c.time)
    )
    return [(row.time, row.generation) for row in connection.execute(query)]


def _around(
    time: datetime, generation: int, counted: dict[date, Asked], now: datetime
) -> PublishedThen:
    """Compare whole days: that of the publication belongs to neither side."""
    day = time.astimezone(now.tzinfo).date()
    sides = [
        _sum(counted.get(day + step * timedelta(1 + number), Asked()) for number in range(AROUND))
        for step in (-1, 1)
    ]
    return PublishedThen(time, generation, sides[0], sides[1])


def _midnight(day: date, now: datetime) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=now.tzinfo)


def _sum(parts: Iterable[Asked]) -> Asked:
    return sum(parts, Asked())

"""Which queries visitors got no good answer to, each once, as the exchanges tell."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Select, case, func, literal, select

from mundap.feedback.store.tables import exchanges, ignored_queries, judgements, reactions
from mundap.index.korean.text import match_key

# Nothing was found; entries were offered and none was taken; the answer got a thumb down; the
# answer was given though it was not much surer than it takes.
Reason = Literal["unknown", "suggested", "disliked", "unsure"]
REASONS: tuple[Reason, ...] = ("unknown", "suggested", "disliked", "unsure")
# An answer is unsure in the first part of the way from what answering takes to certainty.
_UNSURE = 0.25


@dataclass(frozen=True, slots=True)
class Unsettled:
    """One query, however often it was asked: `key` is the `match_key` of all its spellings.

    `query` is the spelling that is used most, `reasons` counts exchanges by what went wrong, and
    `nearest` is the entry whose meaning is nearest, once it was grouped.
    """

    key: str
    query: str
    count: int
    first: datetime
    last: datetime
    reasons: Mapping[Reason, int]
    nearest: str | None = None


def sure_from(answer: float) -> float:
    """Return the confidence from which an answer is not unsure, where `answer` is what it takes."""
    return answer + _UNSURE * (1 - answer)


def unsettled(
    connection: Connection, sure: float, *, after: int = 0, newest: int | None = None
) -> list[Unsettled]:
    """Return what is unsettled of the exchanges with a number above `after`, most asked first.

    Left out is what an owner judged or ignored. `newest` bounds the exchanges that are looked at.
    """
    found: dict[str, _Asked] = {}
    for row in connection.execute(_asked(sure, after, newest)):
        found.setdefault(match_key(row.query), _Asked()).add(row)
    for key in _settled(connection):
        found.pop(key, None)
    return sorted((asked.of(key) for key, asked in found.items()), key=_most_asked_first)


def _most_asked_first(asked: Unsettled) -> tuple[float, float, str]:
    return -asked.count, -asked.last.timestamp(), asked.key


class _Asked:
    def __init__(self) -> None:
        self.spellings: Counter[str] = Counter()
        self.reasons: Counter[Reason] = Counter()
        self.first: datetime | None = None
        self.last: datetime | None = None

    def add(self, row: Any) -> None:
        self.spellings[row.query] += row.count
        self.reasons[row.reason] += row.count
        self.first = min(self.first or row.first, row.first)
        self.last = max(self.last or row.last, row.last)

    def of(self, key: str) -> Unsettled:
        spelling = max(self.spellings, key=lambda text: (self.spellings[text], text))
        reasons = {reason: self.reasons[reason] for reason in REASONS if self.reasons[reason]}
        assert self.first is not None
        assert self.last is not None
        count = self.spellings.total()
        return Unsettled(key, spelling, count, self.first, self.last, reasons)


def _asked(sure: float, after: int, newest: int | None) -> Select[Any]:
    """Return the statement for spellings and reasons, with counts and dates."""
    c = exchanges.c
    looked = select(c.query, c.time, reason_of(sure).label("reason")).where(c.query != "")
    if after:
        looked = looked.where(c.exchange_id > after)
    if newest is not None:
        last = select(func.max(c.exchange_id)).scalar_subquery()
        looked = looked.where(c.exchange_id > last - newest)
    seen = looked.subquery()
    return (
        select(
            seen.c.query,
            seen.c.reason,
            func.count().label("count"),
            func.min(seen.c.time).label("first"),
            func.max(seen.c.time).label("last"),
        )
        .where(seen.c.reason.is_not(None))
        .group_by(seen.c.query, seen.c.reason)
    )


def reason_of(sure: float) -> ColumnElement[str | None]:
    """Return what went wrong in an exchange, in SQL; null where nothing did.

    What asks nothing, an emoji or a thank-you, is answered without a confidence.
    """
    c, r = exchanges.c, reactions.c
    same = r.request_id == c.request_id
    # The last thumb counts.
    thumb = (
        select(r.value)
        .where(same, r.value.in_(("up", "down", "none")))
        .order_by(r.reaction_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    chosen = select(literal(1)).where(same, r.value == "chosen").exists()
    return case(
        # The question of an entry, which no visitor typed.
        (c.kind == "chosen", None),
        (thumb == "down", "disliked"),
        (thumb == "up", None),
        (chosen, None),
        ((c.kind == "unknown") & c.confidence.is_not(None), "unknown"),
        (c.kind == "suggest", "suggested"),
        ((c.kind == "answer") & (c.confidence < sure), "unsure"),
        else_=None,
    )


def _settled(connection: Connection) -> Iterable[str]:
    """Return the keys of what an owner has decided on: that an entry is wrong decides nothing."""
    yield from connection.execute(
        select(judgements.c.key).where(judgements.c.verdict != "wrong")
    ).scalars()
    yield from connection.execute(select(ignored_queries.c.key)).scalars()

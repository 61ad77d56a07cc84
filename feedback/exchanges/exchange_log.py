"""What was recorded, read as a log: newest first, a page at a time, or all of it."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from unicodedata import normalize

from sqlalchemy import ColumnElement, Connection, and_, func, select

from mundap.feedback.exchanges.exchange import Exchange, ExchangeKind, Reaction
from mundap.feedback.store.database import AT_ONCE, in_parts
from mundap.feedback.store.tables import exchanges, reactions

_COLUMNS = [exchanges.c[name] for name in Exchange.__slots__]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which exchanges: of one kind, with a text in what was typed, since or before a moment."""

    kind: ExchangeKind | None = None
    contains: str | None = None
    since: datetime | None = None
    before: datetime | None = None

    def condition(self) -> ColumnElement[bool]:
        """Return all that, in SQL."""
        c = exchanges.c
        parts: list[ColumnElement[bool]] = []
        if self.kind is not None:
            parts.append(c.kind == self.kind)
        if self.contains is not None:
            parts.append(_holds(normalize("NFKC", self.contains)))
        if self.since is not None:
            parts.append(c.time >= self.since)
        if self.before is not None:
            parts.append(c.time < self.before)
        return and_(True, *parts)


@dataclass(frozen=True, slots=True)
class Logged:
    """One exchange with its number in the store, and what the visitor did then.

    `asked_again` says whether something else was asked in the same conversation after it, and is
    None where the exchange belongs to none.
    """

    exchange_id: int
    exchange: Exchange
    reactions: tuple[Reaction, ...]
    asked_again: bool | None

    def record(self) -> dict[str, Any]:
        """Return it as one flat record, for a table or a line of JSON."""
        thumbs = [each for each in self.reactions if each.value in ("up", "down", "none")]
        thumb = thumbs[-1] if thumbs else None
        chosen = [each.entry_id for each in self.reactions if each.value == "chosen"]
        whole = asdict(self.exchange)
        return {
            **whole,
            "time": whole["time"].isoformat(timespec="milliseconds"),
            "chosen": chosen[-1] if chosen else None,
            "thumb": None if thumb is None or thumb.value == "none" else thumb.value,
            "reason": None if thumb is None else thumb.reason,
            "comment": None if thumb is None else thumb.comment,
            "handed_over": any(each.value == "handed_over" for each in self.reactions),
            "asked_again": self.asked_again,
        }


def page(
    connection: Connection, wanted: Wanted, limit: int, before: int | None = None
) -> list[Logged]:
    """Return the newest exchanges that are wanted; `before` leaves out that number and newer."""
    c = exchanges.c
    query = select(c.exchange_id, *_COLUMNS).where(wanted.condition())
    if before is not None:
        query = query.where(c.exchange_id < before)
    rows = connection.execute(query.order_by(c.exchange_id.desc()).limit(limit)).mappings().all()
    done = _reactions(connection, [row["request_id"] for row in rows])
    last = _last_of_conversations(connection, {row["conversation"] for row in rows} - {None})
    return [_logged(row, done, last) for row in rows]


def everything(connection: Connection, wanted: Wanted) -> Iterator[Logged]:
    """Yield all exchanges that are wanted, the newest first, whatever their number."""
    found = page(connection, wanted, AT_ONCE)
    while found:
        yield from found
        found = page(connection, wanted, AT_ONCE, found[-1].exchange_id)


def _holds(text: str) -> ColumnElement[bool]:
    """Return whether a visitor's text is in an exchange or in what was said of it, in SQL.

    A million exchanges are read for it, so that each is to be read fast: letters of one case, as
    those of Hangul, are looked for as they are, and what was searched for only where it differs.
    """
    c, r = exchanges.c, reactions.c
    is_of_one_case = text.lower() == text.upper()

    def has(column: ColumnElement[str]) -> ColumnElement[bool]:
        find = column.contains if is_of_one_case else column.icontains
        return find(text, autoescape=True)

    typed = has(c.query) | (c.reading != c.query) & has(c.reading) | has(c.category)
    said = select(r.request_id).where(has(r.comment) | has(r.reason))
    return typed | c.request_id.in_(said)


def _reactions(connection: Connection, request_ids: Sequence[str]) -> dict[str, list[Reaction]]:
    columns = [reactions.c[name] for name in Reaction.__slots__]
    found: dict[str, list[Reaction]] = {}
    for some in in_parts(request_ids):
        of_some = reactions.c.request_id.in_(some)
        query = select(*columns).where(of_some).order_by(reactions.c.reaction_id)
        for row in connection.execute(query).mappings():
            found.setdefault(row["request_id"], []).append(Reaction(**row))
    return found


def _last_of_conversations(connection: Connection, names: set[str]) -> dict[str, int]:
    """Return the number of the last exchange of each conversation."""
    c = exchanges.c
    found: dict[str, int] = {}
    for some in in_parts(sorted(names)):
        last = select(c.conversation, func.max(c.exchange_id)).where(c.conversation.in_(some))
        query = last.group_by(c.conversation)
        found.update((name, number) for name, number in connection.execute(query))
    return found


def _logged(row: Any, done: dict[str, list[Reaction]], last: dict[str, int]) -> Logged:
    values = {**row, "candidates": tuple(row["candidates"])}
    number = values.pop("exchange_id")
    name = values["conversation"]
    return Logged(
        number,
        Exchange(**values),
        tuple(done.get(values["request_id"], ())),
        None if name is None else last[name] > number,
    )

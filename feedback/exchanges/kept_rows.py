"""Exchanges and reactions as rows of the store, masked."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Insert, Table, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from mundap.feedback.exchanges.exchange import Exchange, Reaction
from mundap.feedback.exchanges.masking import mask
from mundap.feedback.store.database import in_parts
from mundap.feedback.store.tables import exchanges, reactions

# So long another process may take to write an exchange that a reaction is to.
_EARLY = timedelta(seconds=5)


def keep(
    connection: Connection, kept: Sequence[Exchange | Reaction], early: list[Reaction] | None = None
) -> int:
    """Write what happened, in its order, and return how much of it the store has then.

    What it has already stays; a reaction to no exchange of the store is left out. Where `early` is
    given another process may be about to write that exchange: young reactions are added there.
    """
    asked = [_exchange_row(each) for each in kept if isinstance(each, Exchange)]
    if asked:
        connection.execute(_insert_new(connection, exchanges), asked)
    reacted = [each for each in kept if isinstance(each, Reaction)]
    known = _known(connection, {each.request_id for each in reacted})
    if early is not None:
        youngest = datetime.now(UTC) - _EARLY
        unknown = (each for each in reacted if each.request_id not in known)
        early += [each for each in unknown if each.time > youngest]
    said = [_reaction_row(each) for each in reacted if each.request_id in known]
    if said:
        connection.execute(insert(reactions), said)
    return len(asked) + len(said)


def _known(connection: Connection, request_ids: set[str]) -> set[str]:
    """Return those of the ids that the store has an exchange of."""
    column = exchanges.c.request_id
    found: set[str] = set()
    for some in in_parts(sorted(request_ids)):
        found.update(connection.execute(select(column).where(column.in_(some))).scalars())
    return found


def _insert_new(connection: Connection, table: Table) -> Insert:
    """Return what adds rows and passes over those that are there: it may be tried again."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def _exchange_row(exchange: Exchange) -> dict[str, Any]:
    row = _fields(exchange)
    row["candidates"] = [_text(each) for each in exchange.candidates]
    row["query"] = _masked(exchange.query)
    is_read_as_typed = exchange.reading == exchange.query
    row["reading"] = row["query"] if is_read_as_typed else _masked(exchange.reading)
    row["category"] = _masked(exchange.category)
    row["entry_id"] = None if exchange.entry_id is None else _text(exchange.entry_id)
    # A client may take a telephone number for one: nothing then tells two of them apart.
    if row["conversation"] is not None and mask(row["conversation"]) != row["conversation"]:
        row["conversation"] = None
    return row


def _reaction_row(reaction: Reaction) -> dict[str, Any]:
    row = _fields(reaction)
    row |= {name: _masked(row[name]) for name in ("reason", "comment")}
    row["entry_id"] = None if reaction.entry_id is None else _text(reaction.entry_id)
    return row


def _fields(kept: Exchange | Reaction) -> dict[str, Any]:
    """Return what `asdict` does without copying each value: it took a third of the writing."""
    return {name: getattr(kept, name) for name in type(kept).__slots__}


def _masked(text: str | None) -> str | None:
    return None if text is None else _text(mask(text))


def _text(text: str) -> str:
    """Return a text as every database takes it: a browser can send half a character, and NUL."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")

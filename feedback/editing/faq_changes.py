"""The rows of the working copy and of its history: read, changed together, gone back through."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    update,
)

from mundap.feedback.store.database import in_parts
from mundap.feedback.store.tables import faq_changes, faq_entries, owner_deeds
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.entry_record import from_record, to_record


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry where it stands: of all entries the one with the lowest position comes first."""

    position: int
    entry: FaqEntry


State = Mapping[str, Kept]


@dataclass(frozen=True, slots=True)
class Change:
    """What one deed did to one entry; None stands for no entry.

    Where both are None it only moved.
    """

    deed: int
    time: datetime
    owner: str
    action: str
    entry_id: str
    before: FaqEntry | None
    after: FaqEntry | None
    position_before: int | None
    position_after: int | None

    @property
    def is_move(self) -> bool:
        """Whether the entry says what it said."""
        return self.before is None and self.after is None

    def holds(self, now: Kept | None) -> bool:
        """Return whether an entry that is `now` still says what this made of it."""
        return self.is_move or (now and now.entry) == self.after

    def undone(self, now: Kept | None) -> Kept | None:
        """Return what an entry that is `now` was before this; its place too, unless it moved on."""
        entry = self.before
        if self.is_move and now is not None:
            entry = now.entry
        if entry is None:
            return None
        if now is not None and now.position != self.position_after:
            return Kept(now.position, entry)
        assert self.position_before is not None
        return Kept(self.position_before, entry)


@dataclass(frozen=True, slots=True)
class FaqDeed:
    """What one deed did to the FAQ: how many entries it added, changed and removed."""

    deed: int
    time: datetime
    owner: str
    action: str
    added: int
    changed: int
    removed: int


def alone(connection: Connection) -> None:
    """Let one at a time change the working copy: what is read after this nobody else changes."""
    if connection.dialect.name == "postgresql":  # SQLite has one writer at a time
        connection.execute(text("SELECT pg_advisory_xact_lock(77291)"))


def of_one_moment(connection: Connection) -> None:
    """Let all that is read after this be as it is now, in however many steps."""
    if connection.dialect.name == "postgresql":  # SQLite reads so always
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


def read_state(connection: Connection, ids: Sequence[str] | None = None) -> dict[str, Kept]:
    """Return entries by their id, in their order: all, or those of some ids."""
    query = select(faq_entries).order_by(faq_entries.c.position, faq_entries.c.entry_id)
    if ids is None:
        rows: Iterable[Row[Any]] = connection.execute(query)
    else:
        rows = (
            row
            for part in in_parts(ids)
            for row in connection.execute(query.where(faq_entries.c.entry_id.in_(part)))
        )
    return {r.entry_id: Kept(r.position, from_record(r.entry_id, r.entry)) for r in rows}


def change(connection: Connection, deed: int, before: State, after: State) -> None:
    """Make of the entries in `before` those in `after`, and write down what each was."""
    done = [
        _change(deed, entry_id, before.get(entry_id), after.get(entry_id))
        for entry_id in dict.fromkeys((*before, *after))
        if before.get(entry_id) != after.get(entry_id)
    ]
    gone = [{"gone": name} for name in before if name not in after]
    new = [_row(name, kept) for name, kept in after.items() if name not in before]
    edited = [
        {"edited": name, "position": kept.position, "entry": to_record(kept.entry)}
        for name, kept in after.items()
        if name in before and before[name] != kept
    ]
    column = faq_entries.c.entry_id
    changed = update(faq_entries).where(column == bindparam("edited"))
    changed = changed.values(position=bindparam("position"), entry=bindparam("entry"))
    for statement, rows in (
        (delete(faq_entries).where(column == bindparam("gone")), gone),
        (insert(faq_entries), new),
        (changed, edited),
        (insert(faq_changes), done),
    ):
        if rows:
            connection.execute(statement, rows)


def changes_of(connection: Connection, deed: int) -> list[Change]:
    """Return what one deed did, in the order of the entries."""
    return _read(connection, _CHANGES.where(faq_changes.c.deed == deed))[::-1]


def last_change(connection: Connection, entry_id: str) -> Change:
    """Return what was done to an entry last."""
    [last] = read_history(connection, entry_id, 1)
    return last


def state_at(connection: Connection, deed: int) -> dict[str, Kept]:
    """Return what the working copy was once a deed was done."""
    state = read_state(connection)
    for done in _read(connection, _CHANGES.where(faq_changes.c.deed > deed)):
        then = done.undone(state.get(done.entry_id))
        if then is None:
            state.pop(done.entry_id, None)
        else:
            state[done.entry_id] = then
    return dict(sorted(state.items(), key=lambda item: (item[1].position, item[0])))


def read_history(connection: Connection, entry_id: str | None, limit: int) -> list[Change]:
    """Return the last changes of what entries say, the newest first."""
    said = faq_changes.c.before.is_not(None) | faq_changes.c.after.is_not(None)
    query = _CHANGES.where(said).limit(limit)
    if entry_id is not None:
        query = query.where(faq_changes.c.entry_id == entry_id)
    return _read(connection, query)


def read_deeds(connection: Connection, entry_id: str | None, limit: int) -> list[FaqDeed]:
    """Return the last deeds that changed the FAQ, or one entry of it, the newest first."""
    was, became = faq_changes.c.before.is_not(None), faq_changes.c.after.is_not(None)
    columns = owner_deeds.c
    query = (
        select(
            columns.deed_id.label("deed"),
            columns.time,
            columns.owner,
            columns.action,
            func.count().filter(~was, became).label("added"),
            func.count().filter(was, became).label("changed"),
            func.count().filter(was, ~became).label("removed"),
        )
        .join(faq_changes, faq_changes.c.deed == columns.deed_id)
        .where(was | became)
        .group_by(columns.deed_id, columns.time, columns.owner, columns.action)
        .order_by(columns.deed_id.desc())
        .limit(limit)
    )
    if entry_id is not None:
        query = query.where(faq_changes.c.entry_id == entry_id)
    return [FaqDeed(**row) for row in connection.execute(query).mappings()]


# The newest first.
_CHANGES = (
    select(faq_changes, owner_deeds.c.time, owner_deeds.c.owner, owner_deeds.c.action)
    .join(owner_deeds, owner_deeds.c.deed_id == faq_changes.c.deed)
    .order_by(faq_changes.c.change_id.desc())
)


def _read(connection: Connection, query: Select[Any]) -> list[Change]:
    return [
        Change(
            row.deed,
            row.time,
            row.owner,
            row.action,
            row.entry_id,
            row.before and from_record(row.entry_id, row.before),
            row.after and from_record(row.entry_id, row.after),
            row.position_before,
            row.position_after,
        )
        for row in connection.execute(query)
    ]


def _row(entry_id: str, kept: Kept) -> dict[str, Any]:
    return {"entry_id": entry_id, "position": kept.position, "entry": to_record(kept.entry)}


def _change(deed: int, entry_id: str, before: Kept | None, after: Kept | None) -> dict[str, Any]:
    # An import moves thousands at once, of which the texts need not be kept twice.
    moved = before is not None and after is not None and before.entry == after.entry
    return {
        "deed": deed,
        "entry_id": entry_id,
        "position_before": before and before.position,
        "before": None if moved or before is None else to_record(before.entry),
        "position_after": after and after.position,
        "after": None if moved or after is None else to_record(after.entry),
    }

"""Edits of the working copy, each with its deed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, func, select

from mundap.feedback.editing.faq_changes import Change, Kept, State, change, read_state
from mundap.feedback.owners.deeds import record
from mundap.feedback.store.tables import faq_entries
from mundap.index.faq.difference import Difference
from mundap.index.faq.edited_entry import EditError
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.entry_ids import question_id
from mundap.index.faq.kept_ids import free_id


def replace_all(
    connection: Connection,
    entries: Sequence[FaqEntry],
    owner: str,
    action: str,
    detail: Mapping[str, Any],
) -> tuple[int, Difference]:
    """Make the working copy other entries; return the deed and what it changed."""
    before = read_state(connection)
    after = {e.entry_id: Kept(row, replace(e, place="")) for row, e in enumerate(entries)}
    difference = Difference.between(in_order(before), in_order(after))
    deed = record(connection, owner, action, {**detail, **difference.counts()})
    change(connection, deed, before, after)
    return deed, difference


def add_entry(connection: Connection, entry: FaqEntry, owner: str) -> int:
    """Let a new entry stand last, under an id derived from its question; return the deed."""
    taken = set(connection.execute(select(faq_entries.c.entry_id)).scalars())
    entry = replace(entry, entry_id=question_id(entry.question))
    entry = replace(entry, entry_id=free_id(entry, taken))
    last = connection.execute(select(func.max(faq_entries.c.position))).scalar()
    position = 0 if last is None else last + 1
    return edit(connection, owner, "add", {}, {entry.entry_id: Kept(position, entry)})


def edit(
    connection: Connection,
    owner: str,
    action: str,
    before: State,
    after: State,
    detail: Mapping[str, Any] | None = None,
) -> int:
    """Make of one entry, which is in either state, another; return the deed."""
    [entry_id] = {*before, *after}
    deed = record(connection, owner, action, {"entry_id": entry_id, **(detail or {})})
    change(connection, deed, before, after)
    return deed


def one_entry(connection: Connection, entry_id: str) -> dict[str, Kept]:
    """Return one entry as it is; raises EditError where there is none."""
    found = read_state(connection, [entry_id])
    if not found:
        raise EditError(
            "unknown_entry", f"No entry has the id {entry_id!r}; it may have been removed."
        )
    return found


def changed_since(last: Change) -> EditError:
    """Say that what a deed did was done over."""
    entry = last.after or last.before
    assert entry is not None
    return EditError(
        "changed_since",
        f"{entry.question!r} was changed again by {last.owner} at "
        f"{last.time:%Y-%m-%d %H:%M} UTC (deed {last.deed}). Undo that first.",
    )


def in_order(state: State) -> list[FaqEntry]:
    """Return the entries of a state."""
    return [kept.entry for kept in state.values()]

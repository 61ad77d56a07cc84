"""The FAQ as its owner edits it: what is there now, how it came to be, what was published of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, func, select

from mundap.feedback.editing.faq_changes import (
    Change,
    FaqDeed,
    alone,
    change,
    changes_of,
    last_change,
    of_one_moment,
    read_deeds,
    read_history,
    read_state,
    state_at,
)
from mundap.feedback.editing.faq_edits import (
    add_entry,
    changed_since,
    edit,
    in_order,
    one_entry,
    replace_all,
)
from mundap.feedback.editing.publications import Publication, read_publications, record_publication
from mundap.feedback.owners.deeds import record
from mundap.feedback.store.database import Database
from mundap.feedback.store.tables import faq_changes, owner_deeds
from mundap.feedback.verdicts.judgements import judge_undoably, undo_verdict
from mundap.index.faq.difference import Difference
from mundap.index.faq.edited_entry import EditError, edited, problems_of
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.problems import FaqProblem
from mundap.index.korean.text import match_key


@dataclass(frozen=True, slots=True)
class WorkingCopy:
    """The entries of a store; each method is one transaction. Methods raise StoreError.

    A change is written down with its deed, whose number it returns, and `undo` takes it back.
    Changes raise EditError in a sentence, and then nothing has changed.
    """

    database: Database

    # Read

    def is_empty(self) -> bool:
        """Return whether nothing was ever taken over or edited: then the FAQ is its file."""
        with self.database.reading() as connection:
            return connection.execute(select(faq_changes.c.change_id).limit(1)).first() is None

    def state(self) -> int:
        """Return the number of the deed that made it what it is; 0 before any."""
        with self.database.reading() as connection:
            return _last_deed(connection)

    def entries(self) -> list[FaqEntry]:
        """Return all entries, in their order."""
        return self.snapshot()[1]

    def snapshot(self) -> tuple[int, list[FaqEntry]]:
        """Return all entries and the number of the deed that made them so; 0 before any."""
        with self.database.reading() as connection:
            of_one_moment(connection)
            return _last_deed(connection), in_order(read_state(connection))

    def entry(self, entry_id: str) -> FaqEntry | None:
        """Return one entry; None where there is none of that id."""
        with self.database.reading() as connection:
            kept = read_state(connection, [entry_id]).get(entry_id)
        return None if kept is None else kept.entry

    def some(self, ids: Collection[str]) -> dict[str, FaqEntry]:
        """Return the entries of these ids, as far as they are there."""
        with self.database.reading() as connection:
            return {name: kept.entry for name, kept in read_state(connection, [*ids]).items()}

    def find(
        self, text: str = "", category: str | None = None, offset: int = 0, limit: int = 50
    ) -> tuple[list[FaqEntry], int]:
        """Return a page of the entries that hold `text`, and how many there are.

        It is looked for in question, phrasings, answer and id, whatever its case and width;
        `category` leaves all others out.
        """
        key = match_key(text)
        found = [
            entry
            for entry in self.entries()
            if (category is None or entry.category == category)
            and any(key in match_key(t) for t in (*entry.passages, entry.answer, entry.entry_id))
        ]
        return found[offset : offset + limit], len(found)

    def categories(self) -> list[str]:
        """Return the categories in the order in which they first stand."""
        return list(dict.fromkeys(e.category for e in self.entries() if e.category))

    def problems(self, entry: FaqEntry) -> list[FaqProblem]:
        """Return what is to be mended in an entry, be it saved or not, and who shares its texts."""
        return problems_of(entry, self.entries())

    def history(self, entry_id: str | None = None, limit: int = 100) -> list[Change]:
        """Return the last changes, of one entry or of all, the newest first."""
        with self.database.reading() as connection:
            return read_history(connection, entry_id, limit)

    def deeds(self, limit: int = 100, entry_id: str | None = None) -> list[FaqDeed]:
        """Return the last deeds that changed the FAQ, or one entry, the newest first."""
        with self.database.reading() as connection:
            return read_deeds(connection, entry_id, limit)

    def difference_of(self, deed: int, entry_id: str | None = None) -> Difference:
        """Return what one deed changed, of all entries or of one."""
        with self.database.reading() as connection:
            found = changes_of(connection, deed)
        done = [one for one in found if entry_id in (None, one.entry_id)]
        before, after = ([getattr(one, side) for one in done] for side in ("before", "after"))
        return Difference.between([e for e in before if e], [e for e in after if e])

    def entries_at(self, deed: int) -> list[FaqEntry]:
        """Return the entries as they were once a deed was done."""
        with self.database.reading() as connection:
            of_one_moment(connection)
            return in_order(state_at(connection, deed))

    def last_import(self) -> Mapping[str, Any]:
        """Return what was kept with the last import; nothing where there was none."""
        wanted = select(owner_deeds.c.detail).where(owner_deeds.c.action == "import")
        wanted = wanted.order_by(owner_deeds.c.deed_id.desc()).limit(1)
        with self.database.reading() as connection:
            return connection.execute(wanted).scalar() or {}

    # Change

    def take_over(
        self,
        entries: Sequence[FaqEntry],
        owner: str,
        source: str,
        detail: Mapping[str, Any] | None = None,
    ) -> Difference:
        """Make the working copy these entries, as one deed; return what that changed.

        `source` names for people where they come from; `detail` is kept with the deed.
        """
        if len({entry.entry_id for entry in entries}) < len(entries):
            raise EditError(
                "shared_id", f"{source}: two entries have one id. Give each an id of its own."
            )
        with self.database.writing() as connection:
            alone(connection)
            said = {"source": source, **(detail or {})}
            return replace_all(connection, entries, owner, "import", said)[1]

    def save(self, entry: FaqEntry, owner: str, *, seen: FaqEntry | None = None) -> int:
        """Add an entry that has no id, or put it in place of the one that has its id.

        Its texts are kept as an import would keep them. A new one stands last, and its id is
        derived from its question. `seen` is what the entry was to whoever edits it: raises
        EditError where somebody else has changed it since.
        """
        with self.database.writing() as connection:
            alone(connection)
            if not entry.entry_id:
                return add_entry(connection, edited(entry, None), owner)
            before = one_entry(connection, entry.entry_id)
            kept = before[entry.entry_id]
            if seen is not None and kept.entry != seen:
                raise changed_since(last_change(connection, entry.entry_id))
            after = {entry.entry_id: replace(kept, entry=edited(entry, kept.entry))}
            return edit(connection, owner, "edit", before, after)

    def remove(self, entry_id: str, owner: str) -> int:
        """Remove an entry; `undo` puts it back where it stood."""
        with self.database.writing() as connection:
            alone(connection)
            return edit(connection, owner, "remove", one_entry(connection, entry_id), {})

    def add_phrasing(self, entry_id: str, query: str, owner: str) -> int:
        """Let an entry answer a query: as a phrasing of it, and judged "right"."""
        with self.database.writing() as connection:
            alone(connection)
            before = one_entry(connection, entry_id)
            kept = before[entry_id]
            wanted = replace(kept.entry, alternates=(*kept.entry.alternates, query))
            after = {entry_id: replace(kept, entry=edited(wanted, kept.entry))}
            judged = judge_undoably(connection, owner, query, "right", entry_id)
            return edit(
                connection, owner, "add_phrasing", before, after, {"query": query, **judged}
            )

    def refuse(self, entry_id: str, query: str, owner: str) -> int:
        """Say that an entry does not answer a query: judged "wrong", and no phrasing of it.

        Raises EditError where it is the question of the entry.
        """
        with self.database.writing() as connection:
            alone(connection)
            before = one_entry(connection, entry_id)
            kept, key = before[entry_id], match_key(query)
            if match_key(kept.entry.question) == key:
                raise EditError("own_question", f"{query!r} is the question of {entry_id!r}.")
            others = tuple(t for t in kept.entry.alternates if match_key(t) != key)
            after = {entry_id: replace(kept, entry=replace(kept.entry, alternates=others))}
            judged = judge_undoably(connection, owner, query, "wrong", entry_id)
            return edit(connection, owner, "refuse", before, after, {"query": query, **judged})

    def undo(self, deed: int, owner: str) -> int:
        """Take a deed back: the entries that it changed are as they were before it.

        Raises EditError where one of them has been changed since, or the deed changed none. What an
        undo did can be undone too.
        """
        with self.database.writing() as connection:
            alone(connection)
            detail = _detail(connection, deed)
            changes = changes_of(connection, deed)
            if not changes and not detail.keys() & {"judged", "unjudged"}:
                raise EditError("no_change", f"Deed {deed} changed no entry that could go back.")
            before = read_state(connection, [done.entry_id for done in changes])
            after = dict(before)
            for done in changes:
                now = before.get(done.entry_id)
                if not done.holds(now):
                    raise changed_since(last_change(connection, done.entry_id))
                after.pop(done.entry_id, None)
                if (then := done.undone(now)) is not None:
                    after[done.entry_id] = then
            judged = undo_verdict(connection, owner, detail)
            undone = record(connection, owner, "undo", {"undone": deed, **judged})
            change(connection, undone, before, after)
        return undone

    # Publish

    def publications(self, limit: int = 100) -> list[Publication]:
        """Return the last publications and roll-backs, the newest first."""
        with self.database.reading() as connection:
            return read_publications(connection, limit)

    def published(self, generation: int, owner: str, state: int, counts: Mapping[str, int]) -> None:
        """Write down that a generation serves which was made of the entries of `snapshot`.

        `state` is the number of the deed that came with them, `counts` are of what parts them from
        what served before.
        """
        with self.database.writing() as connection:
            record(connection, owner, "publish", {"generation": generation, **counts})
            record_publication(connection, state, generation, counts)

    def rolled_back(
        self, generation: int, entries: Sequence[FaqEntry], owner: str, served: Sequence[FaqEntry]
    ) -> Difference:
        """Make the working copy what a generation holds that serves again, as one deed.

        `served` is what served until now. Return what became of the working copy.
        """
        with self.database.writing() as connection:
            alone(connection)
            detail = {"generation": generation}
            deed, difference = replace_all(connection, entries, owner, "rollback", detail)
            counts = Difference.between(served, entries).counts()
            record_publication(connection, deed, generation, counts)
        return difference


def _detail(connection: Connection, deed: int) -> Mapping[str, Any]:
    wanted = select(owner_deeds.c.detail).where(owner_deeds.c.deed_id == deed)
    return connection.execute(wanted).scalar() or {}


def _last_deed(connection: Connection) -> int:
    return connection.execute(select(func.max(faq_changes.c.deed))).scalar() or 0

"""Whatever is done to the FAQ in whatever order, it is what a dict would be, and goes back."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from mundap.feedback.editing.working_copy import WorkingCopy
from mundap.feedback.owners.deeds import deeds
from mundap.feedback.store.database import Database
from mundap.index.faq.edited_entry import EditError
from mundap.index.faq.entry import FaqEntry

TEXTS = st.sampled_from(
    [
        "환불 되나요",
        "배송 언제 와?",
        "교환해 주세요",
        "가입은 어떻게 합니까",
        "취소할래",
        "Wi-Fi 비번",
    ]
)
ENTRIES = st.builds(
    FaqEntry,
    st.sampled_from(["a", "b", "c", "d", "e"]),
    TEXTS,
    TEXTS,
    st.lists(TEXTS, max_size=2, unique=True).map(tuple),
    st.sampled_from(["", "배송", "환불"]),
)
FAQS = st.lists(ENTRIES, max_size=5, unique_by=lambda entry: entry.entry_id)

# What the oracle knows: every state that there was, as entries by their id in their order.
Model = dict[str, FaqEntry]


def without_the_question(entry: FaqEntry) -> FaqEntry:
    return replace(entry, alternates=tuple(t for t in entry.alternates if t != entry.question))


class Editing(RuleBasedStateMachine):
    """Owners at work."""

    def __init__(self, new_url: Callable[[], str]) -> None:
        super().__init__()
        self.database = Database.open(new_url())
        self.copy = WorkingCopy(self.database)
        self.model: Model = {}
        # deed -> entries that it changed, before and after
        self.done: dict[int, Mapping[str, tuple[FaqEntry | None, FaqEntry | None]]] = {}
        self.states: dict[int, list[FaqEntry]] = {}

    @rule(entry=ENTRIES)
    def adds(self, entry: FaqEntry) -> None:
        deed = self.copy.save(replace(entry, entry_id=""), "김사장")
        [change] = self.copy.history(limit=1)
        assert change.entry_id not in self.model
        self._now(deed, self.model | {change.entry_id: _kept(entry, change.entry_id)})

    @precondition(lambda self: self.model)
    @rule(entry=ENTRIES, data=st.data())
    def edits(self, entry: FaqEntry, data: st.DataObject) -> None:
        entry = replace(entry, entry_id=data.draw(st.sampled_from(sorted(self.model))))
        old = self.model[entry.entry_id].alternates
        kept = tuple(t for t in entry.alternates if t != entry.question or t in old)
        deed = self.copy.save(entry, "김사장")
        self._now(deed, self.model | {entry.entry_id: replace(entry, alternates=kept)})

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def removes(self, data: st.DataObject) -> None:
        gone = data.draw(st.sampled_from(sorted(self.model)))
        deed = self.copy.remove(gone, "이점장")
        self._now(deed, {name: entry for name, entry in self.model.items() if name != gone})

    @rule(entries=FAQS)
    def takes_over(self, entries: list[FaqEntry]) -> None:
        known = set(self.done)
        self.copy.take_over(entries, "cli", "faq.csv")
        assert self.copy.entries() == entries
        self._now(self._newest(known), {entry.entry_id: entry for entry in entries})

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def undoes(self, data: st.DataObject) -> None:
        undone = data.draw(st.sampled_from(sorted(self.done)))
        changed = self.done[undone]
        covered = [name for name, (_, after) in changed.items() if self.model.get(name) != after]
        if not changed:
            return
        if covered:
            with pytest.raises(EditError, match="Undo that first"):
                self.copy.undo(undone, "김사장")
            return
        deed = self.copy.undo(undone, "김사장")
        back = dict(self.model)
        for name, (before, _) in changed.items():
            back.pop(name, None)
            if before is not None:
                back[name] = before
        self._now(deed, back)

    @invariant()
    def it_holds_what_the_model_holds(self) -> None:
        entries = self.copy.entries()
        assert {entry.entry_id: entry for entry in entries} == self.model
        assert len(entries) == len(self.model)

    @invariant()
    def its_history_tells_how_every_state_came_to_be(self) -> None:
        assert {deed: self.copy.entries_at(deed) for deed in self.states} == self.states

    def teardown(self) -> None:
        self.database.close()

    def _newest(self, known: set[int]) -> int:
        with self.database.reading() as connection:
            [last] = deeds(connection, 1)
        assert last.deed_id not in known
        return last.deed_id

    def _now(self, deed: int, model: Model) -> None:
        names = self.model.keys() | model.keys()
        pairs = {name: (self.model.get(name), model.get(name)) for name in names}
        self.done[deed] = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
        self.model = model
        self.states[deed] = self.copy.entries()


def _kept(entry: FaqEntry, entry_id: str) -> FaqEntry:
    return replace(without_the_question(entry), entry_id=entry_id)


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def test_the_working_copy_is_what_a_dict_would_be(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if kind == "sqlite":
        numbers = count()
        new_url = lambda: f"sqlite:///{tmp_path / str(next(numbers))}"  # noqa: E731
    else:
        new_url = request.getfixturevalue("postgres").new_schema
    few = settings(max_examples=15, stateful_step_count=20, deadline=None)
    run_state_machine_as_test(lambda: Editing(new_url), settings=few)

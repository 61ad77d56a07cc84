"""Rows become entries as if all of them were in memory, but they are not."""

import tracemalloc
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.entry_ids import question_id, row_id
from mundap.index.faq.identity import EntryStore
from mundap.index.faq.sheets import row_store
from mundap.index.faq.sheets.reading import Reading
from mundap.index.korean.text import match_key

QUESTIONS = ["주차 되나요?", "주차  되나요?", "휴관일은?"]
ANSWERS = ["네.", "월요일"]
few_rows = st.lists(
    st.builds(
        FaqEntry,
        st.sampled_from(["", "a", "a-2", question_id("휴관일은?"), row_id("휴관일은?", "네.")]),
        st.sampled_from(QUESTIONS),
        st.sampled_from(ANSWERS),
        st.lists(st.sampled_from(["차 대도 돼?", "쉬는 날"]), max_size=2, unique=True).map(tuple),
        st.sampled_from(["", "시설"]),
        st.just("f.csv, row 2"),
    ),
    max_size=12,
)


def made(fields: list[Any]) -> FaqEntry:
    entry = FaqEntry(*fields)
    return replace(entry, alternates=tuple(entry.alternates))


def in_memory(rows: list[FaqEntry]) -> tuple[list[FaqEntry], int, int]:
    """Return the entries of rows, and how many are copies and how many have another id."""
    often = Counter(match_key(row.question) for row in rows if not row.entry_id)
    named = []
    for row in rows:
        repeated = often[match_key(row.question)] > 1
        derived = row_id(row.question, row.answer) if repeated else question_id(row.question)
        named.append(replace(row, entry_id=row.entry_id or derived))
    taken = {row.entry_id for row in named}
    found: dict[tuple[str, str, str], FaqEntry] = {}
    ids: set[str] = set()
    renamed = 0
    for row in named:
        key = row.entry_id, row.question, row.answer
        if key in found:
            found[key] = found[key].joined(row)
            continue
        entry_id = row.entry_id
        if entry_id in ids:
            renamed += 1
            numbered = (f"{row.entry_id}-{number}" for number in range(2, 99))
            entry_id = next(name for name in numbered if name not in taken)
            taken.add(entry_id)
        ids.add(entry_id)
        found[key] = replace(row, entry_id=entry_id)
    return list(found.values()), len(rows) - len(found), renamed


@given(few_rows)
def test_ids_and_copies_are_those_of_rows_in_memory(rows: list[FaqEntry]) -> None:
    reading = Reading(Path("f.csv"))
    found = EntryStore(iter(rows), made, reading)
    entries, copies, renamed = in_memory(rows)
    assert list(found) == entries
    assert (len(found), reading.copies) == (len(entries), copies)
    assert len(reading.renamed.lines) + reading.renamed.more == renamed
    assert len({row.entry_id for row in found}) == len(found)


def test_of_many_rows_little_is_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_store, "_HELD", 1 << 16)
    count = 20_000

    def rows() -> Iterator[FaqEntry]:
        for number in range(count):
            # The last thousand are copies of the first.
            asked = f"{number % (count - 1000)}번 창구는 몇 시에 여나요?"
            yield FaqEntry("", asked, "아홉 시에 열어요. " * 20, (), "", f"f.csv, row {number}")

    tracemalloc.start()
    try:
        found = EntryStore(rows(), made, Reading(Path("f.csv")))
        held = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(found) == count - 1000
    assert held < 3_000_000  # of 12 MB of text


def test_rows_that_share_an_id_by_the_thousand_are_numbered_at_once() -> None:
    rows = [FaqEntry("NULL", f"{n}번은?", "네.") for n in range(5000)]
    reading = Reading(Path("f.csv"))
    found = [row.entry_id for row in EntryStore(rows, made, reading)]
    assert found == ["NULL", *(f"NULL-{number}" for number in range(2, 5001))]
    assert reading.renamed.shown()[-1] == "- and 4,989 more such rows."

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.objectives.figures import figures
from benchmarks.objectives.records import Record
from benchmarks.objectives.rows import PLAIN, Row
from benchmarks.objectives.table import PAGE, differences_table, placed, rows_table
from benchmarks.objectives.tasks import Questions, chatbot
from benchmarks.result import RESULTS
from mundap.evaluation.queries import Query
from mundap.index.encoders.encoder import Vectors, unit_rows
from mundap.index.faq.entry import FaqEntry

SEEDS = (0, 1, 2)


class Letters:
    """Texts with the same letters are near."""

    fingerprint = "letters"
    dimension = 64

    def encode(self, texts: Sequence[str]) -> Vectors:
        counts = np.zeros((len(texts), self.dimension))
        for row, text in enumerate(texts):
            for letter in text:
                counts[row, ord(letter) % self.dimension] += 1
        return unit_rows(counts)


def record(name: str, seed: int, hits: Sequence[int]) -> Record:
    return Record(name, seed, "d", {"bundled": np.array(hits, dtype=bool)}, {"bundled": 0.7}, 1.0)


def test_the_page_has_the_tables_of_the_committed_figures() -> None:
    found = json.loads((RESULTS / "objectives.json").read_text(encoding="utf-8"))["figures"]
    page = PAGE.read_text(encoding="utf-8")
    assert placed(page, "rows", rows_table(found)) == page
    assert placed(page, "negatives", differences_table(found)) == page


def test_a_page_without_its_marks_is_named() -> None:
    with pytest.raises(ValueError, match=r"training\.md: wanted <!-- objectives: rows --> and .*"):
        placed("# Training\n", "rows", [])


@given(st.lists(st.booleans(), min_size=1, max_size=40), st.integers(0, 5))
def test_a_record_comes_back_from_its_line(hits: list[bool], seed: int) -> None:
    written = record("mnrl", seed, hits)
    read = Record.of_line(written.to_line())
    assert np.array_equal(read.hits["bundled"], hits)
    assert read.to_line() == written.to_line()


def test_an_entry_is_no_answer_to_itself() -> None:
    entries = [
        FaqEntry("a", "환불", "가"),
        FaqEntry("b", "환불요", "가"),
        FaqEntry("c", "쿠폰", "나"),
    ]
    queries = [Query(entry.entry_id, entry.question, entry.entry_id) for entry in entries]
    qrels = {"a": {"b": 1}, "b": {"a": 1}, "c": {}}
    questions = Questions([], entries, queries, qrels, ["가", "가", "나"])
    assert questions.hits(Letters()) == [True, True, False]


@pytest.mark.parametrize("seed", SEEDS)
def test_no_answer_that_is_asked_for_was_trained_on(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [(f"물음 {row}", f"답 {row % 20}") for row in range(50)]
    frame = pd.DataFrame([*rows, ("물음 0", "다른 답")], columns=["Q", "A"])
    frame.to_parquet(tmp_path / "chatbot_data.parquet")
    monkeypatch.setenv("MUNDAP_DATA_DIR", str(tmp_path))
    found = chatbot(seed)
    answers = {entry.entry_id: entry.answer for entry in found.corpus}
    trained = {entry.answer for entry in found.training}
    assert len(trained) == 10
    assert len(answers) == 50
    assert {answers[query.entry_id] for query in found.queries} == set(answers.values()) - trained
    for query in found.queries:
        same = {e for e, a in answers.items() if a == answers[query.entry_id]}
        assert set(found.qrels[query.query_id]) == same - {query.query_id}


def test_a_row_is_compared_with_the_plain_one_query_by_query() -> None:
    plain = {seed: record(PLAIN, seed, [1, 1, 0, 0]) for seed in SEEDS}
    other = {seed: record("mnrl + bm25", seed, [1, 1, 1, 0]) for seed in SEEDS}
    queries = [Query(f"q{row}", "?", f"e{row}") for row in range(4)]
    questions = Questions([], [], queries, {}, [query.entry_id for query in queries])
    rows = [Row(PLAIN, "questions"), Row("mnrl + bm25", "hard negatives")]
    found = figures(
        rows,
        {PLAIN: plain, "mnrl + bm25": other},
        {seed: {"bundled": questions} for seed in SEEDS},
    )
    assert found["rows"]["mnrl + bm25"]["hit@1"]["bundled"] == {
        "seeds": [0.75, 0.75, 0.75],
        "mean": 0.75,
        "deviation": 0.0,
    }
    # One entry alone differs: swapped or not, the difference has the same size.
    assert found["against mnrl"]["mnrl + bm25"]["bundled"] == {
        "difference": 0.25,
        "fixed": 3,
        "broken": 0,
        "p": 1.0,
        "p, Holm": 1.0,
    }


def test_a_row_without_every_seed_is_left_out() -> None:
    records = {PLAIN: {seed: record(PLAIN, seed, [1]) for seed in (0, 1)}}
    questions = Questions([], [], [Query("q", "?", "e")], {}, ["e"])
    found = figures([Row(PLAIN, "questions")], records, {0: {"bundled": questions}})
    assert found["rows"] == {}

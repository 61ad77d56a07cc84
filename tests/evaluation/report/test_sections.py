import json

import numpy as np
import pytest

from mundap.evaluation.latency import Latency
from mundap.evaluation.queries import Query
from mundap.evaluation.report.document import Table, Tile
from mundap.evaluation.report.figures import difference, figure, p_value
from mundap.evaluation.report.measured import Measured
from mundap.evaluation.report.sections import document_of
from mundap.evaluation.retrieval import evaluate
from mundap.evaluation.robustness import KindFigures, RobustnessFigures
from mundap.evaluation.run import qrels_of
from mundap.evaluation.statistics.bootstrap import Estimate
from mundap.evaluation.statistics.confidence import ConfidenceFigures
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.problems import FaqProblem

ENTRIES = [
    FaqEntry("fee", "배송비는 얼마인가요?", "3,000원"),
    FaqEntry("refund", "환불은 언제 되나요?", "3일"),
    FaqEntry("coupon", "쿠폰은 어디에 쓰나요?", "결제 화면"),
]
QUERIES = [
    Query("q1", "택배비", "fee"),
    Query("q2", "돈 언제 줘", "refund"),
    Query("q3", "돈 돌려줘", "refund"),
    Query("q4", "할인권", "coupon"),
]
# q2 and q3 are lost to fee; q4 is found by bm25 alone.
HYBRID = {
    "q1": {"fee": 0.9, "refund": 0.2},
    "q2": {"fee": 0.8, "refund": 0.7},
    "q3": {"fee": 0.8, "coupon": 0.4, "refund": 0.3},
    "q4": {"refund": 0.1},
}
BM25 = {"q1": {"fee": 4.0}, "q2": {"refund": 3.0, "fee": 1.0}, "q3": {}, "q4": {"coupon": 2.0}}
PROBLEMS = (
    FaqProblem("contradiction", ("fee", "refund"), "met one", "mend one"),
    FaqProblem("confusable", ("fee", "coupon"), "met", "mend", ("배송비", "쿠폰"), 0.91),
)
EVEN = Estimate(0.5, 0.25, 0.75)
ROBUST = RobustnessFigures(
    queries=4,
    clean=EVEN,
    changed=2,
    mended=1,
    hurt=0,
    kinds=(KindFigures("no spaces", 3, EVEN, EVEN, EVEN, EVEN, EVEN),),
)


def measured(**others):
    return Measured.of(ENTRIES, QUERIES, {"hybrid": HYBRID, "bm25": BM25}, **others)


def confidence(scale=1.0):
    rng = np.random.default_rng(0)
    in_scope = np.arange(400) < 300
    chance = np.where(in_scope, rng.beta(4, 1, 400), rng.beta(1, 9, 400))
    correct = (rng.random(400) < chance) & in_scope
    return ConfidenceFigures.of(chance**scale, correct, in_scope, resamples=0)


def sections(found):
    return {section.title: section.blocks for section in document_of(found).sections}


def tables(blocks):
    return [block for block in blocks if isinstance(block, Table)]


def test_what_was_not_measured_has_no_section():
    assert list(sections(measured())) == [
        "In short",
        "Accuracy",
        "Hardest queries",
        "What to mend in the FAQ",
        "How to read this",
    ]
    everything = measured(
        confidence=confidence(),
        latency={"hybrid": Latency(1.0, 2.0, 3.0, 4)},
        robustness=ROBUST,
    )
    assert list(sections(everything)) == [
        "In short",
        "Accuracy",
        "Confidence",
        "Hardest queries",
        "What to mend in the FAQ",
        "Robustness",
        "Time and memory",
        "How to read this",
    ]


def test_the_table_has_the_figures_of_evaluate_for_every_system():
    table, differences = tables(sections(measured())["Accuracy"])
    reports = {
        name: evaluate(run, qrels_of(QUERIES)) for name, run in (("hybrid", HYBRID), ("bm25", BM25))
    }
    assert table.columns == ("system", "hit@1", "hit@3", "hit@10", "mrr@10", "ndcg@10")
    assert [row[0] for row in table.rows] == ["hybrid", "bm25"]
    assert [row[1][:5] for row in table.rows] == ["25.0%", "75.0%"]
    for name, row in zip(("hybrid", "bm25"), table.rows, strict=True):
        assert row[4].startswith(f"{reports[name].means['mrr@10'].mean:.3f}")
    assert differences.columns == ("system", "hit@1", "p", "mrr@10", "p", "fixed", "broken")
    assert differences.rows[0][0] == "bm25"
    assert differences.rows[0][1].startswith("+50.0 (")
    assert differences.rows[0][2] == "0.500"
    assert differences.rows[0][-2:] == ("2", "0")


def test_in_short_says_which_system_is_served_and_how_it_compares():
    tiles, lead = sections(measured(problems=PROBLEMS))["In short"]
    assert tiles[0] == Tile("25.0%", "right at once", tiles[0].note)
    assert lead == (
        "What visitors meet is hybrid. It is not clearly different from bm25: right on 0 queries "
        "that bm25 misses, wrong on 2 it gets. Contradictions, duplicates and odd texts to mend in "
        "the FAQ: 1."
    )


def test_the_hardest_queries_come_first_those_that_nobody_answers():
    lead, table = sections(measured())["Hardest queries"]
    assert lead.startswith("hybrid misses 3 of 4 queries; 1 of those no system answers.")
    assert table.rows == (
        ("돈 돌려줘", "환불은 언제 되나요?", "배송비는 얼마인가요?", "hybrid 3, bm25 –"),
        ("할인권", "쿠폰은 어디에 쓰나요?", "환불은 언제 되나요?", "hybrid –, bm25 1"),
        ("돈 언제 줘", "환불은 언제 되나요?", "배송비는 얼마인가요?", "hybrid 2, bm25 1"),
    )


def test_a_system_that_answers_everything_has_no_hard_queries():
    right = {query.query_id: {query.entry_id: 1.0} for query in QUERIES}
    found = Measured.of(ENTRIES, QUERIES, {"hybrid": right})
    assert sections(found)["Hardest queries"] == ("Every query has its right entry first.",)
    assert found.comparisons == []


def test_what_to_mend_shows_entries_taken_for_others_close_pairs_and_faults():
    blocks = sections(measured(problems=PROBLEMS))["What to mend in the FAQ"]
    confused, close, faults = tables(blocks)
    assert confused.rows == (("환불은 언제 되나요?", "배송비는 얼마인가요?", "2", "돈 언제 줘"),)
    assert close.rows == (("배송비", "쿠폰", "0.91"),)
    assert faults.rows == (("contradiction", "met one", "fee, refund", "mend one"),)
    clean = sections(measured())["What to mend in the FAQ"]
    assert clean[-1] == "No contradictions, duplicates or odd texts were found."


@pytest.mark.parametrize(
    ("scale", "verdict"), [(1.0, "honest on the whole"), (0.3, "too sure"), (4.0, "too modest")]
)
def test_the_confidence_is_said_to_be_honest_or_not(scale, verdict):
    lead, charts, table = sections(measured(confidence=confidence(scale)))["Confidence"]
    assert "300 queries in scope and 100 out of scope" in lead
    assert verdict in lead
    assert len(charts) == 3
    assert table.rows[0][1].startswith(f"{confidence(scale).auroc_scope.mean:.3f}")


def test_robustness_has_a_row_for_each_kind_of_carelessness():
    _, table, note = sections(measured(robustness=ROBUST))["Robustness"]
    assert table.rows == (("no spaces", "50.0%", "50.0%", "50.0% (25.0 to 75.0)", "3"),)
    assert note == (
        "Of 4 clean queries the layer changes 2: 1 become right through it and 0 wrong."
    )


def test_figures_of_a_missing_class_are_left_out():
    report = ConfidenceFigures.of(np.array([0.2, 0.9]), np.ones(2, bool), np.ones(2, bool))
    table = sections(measured(confidence=report))["Confidence"][2]
    assert not any("AUROC" in row[0] for row in table.rows)


def test_the_json_has_every_figure():
    everything = measured(
        problems=PROBLEMS,
        confidence=confidence(),
        latency={"hybrid": Latency(1.0, 2.0, 3.0, 4)},
        peak_memory=300.0,
        robustness=ROBUST,
        facts={"seed": "0"},
    )
    fields = json.loads(json.dumps(everything.to_dict(), allow_nan=False))
    assert set(fields["retrieval"]) == {"hybrid", "bm25"}
    assert fields["comparisons"][0]["differences"]["ndcg@10"]["p"] <= 1
    assert fields["confidence"]["n_in_scope"] == 300
    assert [problem["kind"] for problem in fields["problems"]] == ["contradiction", "confusable"]
    assert fields["latency"] == {"hybrid": {"median": 1.0, "p95": 2.0, "p99": 3.0, "queries": 4}}
    assert fields["robustness"] == ROBUST.to_dict()
    assert (fields["peak_memory_mb"], fields["facts"]) == (300.0, {"seed": "0"})
    assert measured().to_dict()["robustness"] is None


def test_numbers_are_written_as_people_read_them():
    value = Estimate(0.0123, -0.0049, 0.0999)
    assert difference("hit@1", value) == "+1.2 (−0.5 to +10.0)"
    assert difference("mrr@10", value) == "+0.012 (−0.005 to +0.100)"
    assert figure("hit@3", Estimate(0.882, 0.862, 1.0)) == "88.2% (86.2 to 100.0)"
    assert figure("ndcg@10", Estimate(0.9, 0.85, 1.0)) == "0.900 (0.850 to 1.000)"
    assert [p_value(p) for p in (0.0004, 0.0452, 1.0)] == ["< 0.001", "0.045", "1.000"]

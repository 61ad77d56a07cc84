from math import log2

import ir_measures
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ir_measures import RR, P, Success, nDCG

from mundap.evaluation.retrieval import MEASURES, evaluate
from mundap.evaluation.run import RunError

ENTRY_IDS = [f"e{n}" for n in range(8)] + ["배송-1", "배송-2", "환불-1", "환불-10", "é", "Z", "😀"]
# Equal in single precision: the last two.
SCORES = [-1.0, 0.0, 0.25, 0.5, 0.5 + 1e-12]
CASES = st.dictionaries(
    st.sampled_from([f"질의{n}" for n in range(6)]),
    st.tuples(
        st.sampled_from(ENTRY_IDS),
        st.dictionaries(st.sampled_from(ENTRY_IDS), st.sampled_from(SCORES)),
    ),
    min_size=1,
)


def ranked(*entry_ids):
    return {entry_id: 1 / rank for rank, entry_id in enumerate(entry_ids, start=1)}


def test_each_measure_by_hand():
    run = {
        "first": ranked("a", "b", "c"),
        "second": ranked("b", "a", "c"),
        "fifth": ranked("b", "c", "d", "e", "a"),
        "eleventh": ranked(*"bcdefghijk", "a"),
        "nowhere": ranked("b"),
    }
    report = evaluate(run, {query_id: {"a": 1} for query_id in run})
    assert report.per_query["second"] == {
        "hit@1": 0.0,
        "hit@3": 1.0,
        "hit@10": 1.0,
        "mrr@10": 0.5,
        "ndcg@10": pytest.approx(1 / log2(3)),
    }
    assert {name: mean.mean for name, mean in report.means.items()} == pytest.approx(
        {
            "hit@1": 1 / 5,
            "hit@3": 2 / 5,
            "hit@10": 3 / 5,
            "mrr@10": (1 + 1 / 2 + 1 / 5) / 5,
            "ndcg@10": (1 + 1 / log2(3) + 1 / log2(6)) / 5,
        }
    )


@settings(max_examples=200, deadline=None)
@given(CASES)
def test_figures_equal_those_of_trec_eval_with_ties(case):
    qrels = {query_id: {right: 1} for query_id, (right, _) in case.items()}
    run = {query_id: scores for query_id, (_, scores) in case.items()}
    theirs = {query_id: {} for query_id in qrels}
    # RR without a cutoff is trec_eval's; with one it is another tool's, which orders ties
    # the other way round.
    names = {Success @ 1: "hit@1", Success @ 3: "hit@3", Success @ 10: "hit@10", RR: "mrr@10"}
    for metric in ir_measures.iter_calc([*names, nDCG @ 10], qrels, run):
        name = names.get(metric.measure, "ndcg@10")
        within = name != "mrr@10" or metric.value >= 1 / 10
        theirs[metric.query_id][name] = metric.value if within else 0.0
    report = evaluate(run, qrels)
    assert report.per_query == theirs
    assert {name: mean.mean for name, mean in report.means.items()} == pytest.approx(
        {name: sum(row[name] for row in theirs.values()) / len(qrels) for name in MEASURES}
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(st.permutations(ENTRY_IDS), min_size=1, max_size=5))
def test_figures_without_ties_equal_those_of_ir_measures(orders):
    run = {f"q{number}": ranked(*order) for number, order in enumerate(orders)}
    qrels = {query_id: {"배송-1": 1} for query_id in run}
    theirs = ir_measures.calc_aggregate(list(MEASURES.values()), qrels, run)
    means = evaluate(run, qrels).means
    assert {name: means[name].mean for name in MEASURES} == {
        name: theirs[measure] for name, measure in MEASURES.items()
    }


def test_a_constant_scorer_gains_nothing_from_the_order_of_its_hits():
    qrels = {"q1": {"a": 1}}
    assert evaluate({"q1": {"a": 0.5, "b": 0.5}}, qrels) == evaluate(
        {"q1": {"b": 0.5, "a": 0.5}}, qrels
    )
    assert evaluate({"q1": {"a": 0.5, "b": 0.5}}, qrels).means["hit@1"].mean == 0.0


def test_a_query_without_a_ranking_counts_as_missed():
    qrels = {"q1": {"a": 1}, "q2": {"b": 1}, "q3": {"c": 1}}
    report = evaluate({"q1": {"a": 1.0}, "q2": {}}, qrels)
    assert report.means["hit@1"].mean == pytest.approx(1 / 3)
    nothing = {"hit@1": 0.0, "hit@3": 0.0, "hit@10": 0.0, "mrr@10": 0.0, "ndcg@10": 0.0}
    assert report.per_query["q2"] == report.per_query["q3"] == nothing


def test_a_run_that_found_nothing_at_all_scores_zero():
    report = evaluate({}, {"q1": {"a": 1}, "q2": {"b": 1}})
    assert report.to_dict() == {name: [0.0, 0.0, 0.0] for name in MEASURES}


def test_a_perfect_run_has_perfect_figures():
    run = {"q1": ranked("a", "b"), "q2": ranked("b", "a"), "q3": ranked("b", "c")}
    report = evaluate(run, {"q1": {"a": 1}, "q2": {"b": 1}, "q3": {"b": 1}})
    assert report.to_dict() == {name: [1.0, 1.0, 1.0] for name in MEASURES}


def test_queries_of_one_entry_are_one_cluster():
    qrels = {"q1": {"a": 1, "x": 0}, "q2": {"a": 1}, "q3": {"b": 1}}
    run = {query_id: ranked("a") for query_id in qrels}
    assert evaluate(run, qrels).clusters == 2


def test_other_measures_may_be_asked_for():
    report = evaluate({"q1": ranked("b", "a")}, {"q1": {"a": 1}}, {"p@2": P @ 2})
    assert report.to_dict() == {"p@2": [0.5, 0.5, 0.5]}


def test_no_queries_are_refused():
    with pytest.raises(RunError, match="0 queries to evaluate; wanted at least 1"):
        evaluate({"q1": {"a": 1.0}}, {})


def test_a_run_of_other_queries_is_refused():
    with pytest.raises(RunError, match=r"no query of the run \('x1', \.\.\.\) is among"):
        evaluate({"x1": {"a": 1.0}}, {"q1": {"a": 1}})

import io
import json
from types import MappingProxyType

import ir_measures
import numpy as np
import pytest
from rich.console import Console
from scipy.stats import binomtest

from mundap.evaluation.comparison import MEASURES, ChangedQuery, compare
from mundap.evaluation.report.comparison_table import comparison_table
from mundap.evaluation.retrieval import MEASURES as ALL
from mundap.evaluation.run import RunError

SMALL_QRELS = {"q1": {"배송-1": 1}, "q2": {"환불-1": 1}, "q3": {"쿠폰-1": 1}}
OLD = {
    "q1": {"배송-1": 0.9, "환불-1": 0.2},
    "q2": {"배송-1": 0.8, "환불-1": 0.7},
    "q3": {"쿠폰-1": 0.6},
}
NEW = {
    "q1": {"배송-1": 0.9},
    "q2": {"환불-1": 0.7, "배송-1": 0.3},
    "q3": {"배송-1": 0.5, "환불-1": 0.1},
}


def simulated(right_first, n=200, seed=0, depth=10):
    """Runs of systems that put the right entry first with a probability each, else at random."""
    rng = np.random.default_rng(seed)
    qrels = {f"q{number:03d}": {f"e{number // 2:03d}": 1} for number in range(n)}
    runs = {}
    for name, share in right_first.items():
        runs[name] = {}
        for query_id, right in qrels.items():
            order = [f"x{place}" for place in range(depth)]
            place = 0 if rng.random() < share else int(rng.integers(1, depth))
            order[place] = next(iter(right))
            runs[name][query_id] = {entry: 1.0 - row / depth for row, entry in enumerate(order)}
    return runs, qrels


def test_means_and_differences_are_those_of_ir_measures():
    runs, qrels = simulated({"old": 0.6, "new": 0.8})
    (found,) = compare(runs, qrels)
    for name in MEASURES:
        before, after = (
            ir_measures.calc_aggregate([ALL[name]], qrels, runs[system])[ALL[name]]
            for system in ("old", "new")
        )
        difference = found.differences[name]
        assert [difference.before, difference.after] == pytest.approx([before, after])
        assert difference.difference.mean == pytest.approx(after - before)


def test_p_of_hit_at_1_is_scipys_binomial_on_the_changed_queries():
    runs, qrels = simulated({"old": 0.6, "new": 0.7})
    (found,) = compare(runs, qrels)
    fixed, broken = len(found.fixed), len(found.broken)
    assert found.differences["hit@1"].p == binomtest(fixed, fixed + broken, 0.5).pvalue
    assert found.differences["hit@1"].difference.mean == pytest.approx((fixed - broken) / 200)


def test_a_system_that_is_clearly_worse_is_found_worse():
    runs, qrels = simulated({"old": 0.9, "new": 0.6})
    (found,) = compare(runs, qrels)
    assert [item.verdict for item in found.differences.values()] == ["worse"] * 3
    assert found.worse
    for item in found.differences.values():
        assert item.difference.low < item.difference.mean < item.difference.high < 0
    (back,) = compare({"new": runs["new"], "old": runs["old"]}, qrels)
    assert [item.verdict for item in back.differences.values()] == ["better"] * 3
    assert not back.worse
    assert (back.fixed, back.broken) == (
        tuple(swapped(item) for item in found.broken),
        tuple(swapped(item) for item in found.fixed),
    )


def swapped(item):
    return ChangedQuery(
        item.query_id, item.entry_ids, item.rank_after, item.rank_before, item.wrong_entry_id
    )


def test_equally_good_systems_differ_by_luck_alone():
    runs, qrels = simulated({"old": 0.8, "new": 0.8})
    (found,) = compare(runs, qrels)
    assert len(found.fixed) > 10
    assert len(found.broken) > 10
    assert {item.verdict for item in found.differences.values()} == {"no clear difference"}
    assert not found.worse


def test_the_same_run_twice_has_nothing_to_tell():
    runs, qrels = simulated({"old": 0.8})
    (found,) = compare({"old": runs["old"], "copy": dict(runs["old"])}, qrels)
    assert (found.fixed, found.broken, found.worse) == ((), (), False)
    for item in found.differences.values():
        assert (item.p, item.p_holm, item.difference.to_list()) == (1.0, 1.0, [0.0, 0.0, 0.0])


def test_a_fall_below_rank_one_is_seen_too():
    qrels = {f"q{number}": {"right": 1} | {f"own{number}": 1} for number in range(30)}
    old = {query_id: {"x": 3.0, "right": 2.0} for query_id in qrels}
    new = {
        query_id: {f"x{row}": 9.0 - row for row in range(8)} | {"right": 0.5} for query_id in old
    }
    (found,) = compare({"old": old, "new": new}, qrels)
    assert found.differences["hit@1"].verdict == "no clear difference"
    assert found.differences["mrr@10"].verdict == "worse"
    assert found.worse


def test_several_systems_are_compared_with_the_first_and_corrected_by_holm():
    runs, qrels = simulated({"old": 0.7, "b": 0.8, "c": 0.72, "d": 0.9})
    found = compare(runs, qrels)
    assert [(item.before, item.after) for item in found] == [
        ("old", "b"),
        ("old", "c"),
        ("old", "d"),
    ]
    for name in MEASURES:
        p = sorted(item.differences[name].p for item in found)
        expected = np.maximum.accumulate(np.minimum(1, np.array(p) * [3, 2, 1]))
        corrected = sorted(item.differences[name].p_holm for item in found)
        assert corrected == pytest.approx(expected)


def test_fixed_and_broken_queries_say_where_the_right_entry_went():
    (found,) = compare({"old": OLD, "new": NEW}, SMALL_QRELS)
    assert found.fixed == (ChangedQuery("q2", ("환불-1",), 2, 1, "배송-1"),)
    assert found.broken == (ChangedQuery("q3", ("쿠폰-1",), 1, None, "배송-1"),)
    assert (found.queries, found.clusters) == (3, 3)


def test_a_query_that_a_run_does_not_name_counts_as_not_found():
    (found,) = compare({"old": OLD, "new": {"q1": NEW["q1"]}}, SMALL_QRELS)
    assert (found.missing_before, found.missing_after) == (0, 2)
    assert found.differences["hit@1"].after == pytest.approx(1 / 3)
    assert found.broken == (ChangedQuery("q3", ("쿠폰-1",), 1, None, None),)


def test_too_few_systems_and_runs_of_other_queries_are_refused():
    with pytest.raises(RunError, match="1 systems to compare; wanted at least 2"):
        compare({"old": OLD}, SMALL_QRELS)
    with pytest.raises(RunError, match=r"new: no query of the run \('z1', ...\) is among those"):
        compare({"old": OLD, "new": {"z1": {"a": 1.0}}}, SMALL_QRELS)


def test_the_json_holds_everything():
    (found,) = compare({"old": OLD, "new": NEW}, SMALL_QRELS)
    fields = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert list(fields["differences"]) == list(MEASURES)
    assert set(fields["differences"]["hit@1"]) == {
        *("before", "after", "difference", "p", "p_holm", "verdict")
    }
    assert len(fields["differences"]["hit@1"]["difference"]) == 3
    assert fields["fixed"][0]["entry_ids"] == ["환불-1"]
    assert (fields["before"], fields["after"], fields["worse"]) == ("old", "new", False)


def shown(found, texts, questions=MappingProxyType({})):
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(comparison_table(found, texts, questions))
    return console.export_text()


def test_the_terminal_shows_differences_and_texts_as_they_are():
    runs = {"old[1]": OLD, "new": {"q2": NEW["q2"]}}
    (found,) = compare(runs, SMALL_QRELS)
    text = shown(found, {"q2": "환불 [bold]언제"}, {"환불-1": "환불은 [b]언제 돼요?"})
    assert "new against old[1]" in text
    assert "new has no ranking of 2 queries; they count as not found." in text
    assert "Fixed: 1 queries" in text
    assert "환불 [bold]언제" in text
    assert "환불은 [b]언제 돼요?" in text
    assert "2 → 1" in text
    assert "1 → -" in text


def test_the_terminal_shows_ten_changes_and_counts_the_rest():
    runs, qrels = simulated({"old": 0.2, "new": 0.9})
    (found,) = compare(runs, qrels)
    text = shown(found, {})
    assert f"Fixed: {len(found.fixed)} queries; 10 shown" in text
    assert sum(item.query_id in text for item in found.fixed) == 10
    (same,) = compare({"old": OLD, "copy": dict(OLD)}, SMALL_QRELS)
    assert "Broken: none" in shown(same, {})

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.development import Development
from evaluation.thresholds import answer_threshold, fit_confidence, suggest_threshold
from index.confidence import DEFAULT_ANSWER, DEFAULT_SUGGEST, Confidence
from index.faq import FaqEntry
from index.passages import Passages

FEW = st.sampled_from([-0.5, 0.0, 0.25, 0.5, 0.75, 1.0])


def searched(in_scope, out_of_scope):
    """Development data from (score, rank of the right entry) and scores."""
    scores, ranks = zip(*in_scope, strict=True)
    return Development(
        in_scope=np.array(scores),
        first=np.array(ranks) == 1,
        out_of_scope=np.array(out_of_scope),
    )


def faq(entries, alternates):
    return Passages.of(
        [
            FaqEntry(f"e{n}", f"질문 {n}", "답", tuple(f"말 {n} {i}" for i in range(alternates)))
            for n in range(entries)
        ]
    )


def around(axes, cosine, copies, dimension):
    """Unit vectors: `copies` around each axis, any two of an axis with this cosine."""
    vectors = np.zeros((axes * copies, dimension), dtype=np.float32)
    for row in range(len(vectors)):
        vectors[row, row // copies] = cosine**0.5
        vectors[row, axes + row] = (1 - cosine) ** 0.5
    return vectors


def test_the_answer_threshold_lies_where_both_demands_are_met():
    # From .6 on: 18 of 21 right = .857, too low. From .7 on: 18 of 19; 1 of 20 astray is .05.
    in_scope = [(0.9, 1)] * 10 + [(0.7, 1)] * 8 + [(0.7, 2), (0.6, 5), (0.6, 2)]
    out_of_scope = [0.8] + [0.5] * 19
    assert answer_threshold(searched(in_scope, out_of_scope)) == (0.7, True)


def test_too_many_answers_out_of_scope_raise_the_threshold_whatever_the_precision():
    in_scope = [(0.9, 1)] * 80 + [(0.95, 1)] * 20
    assert answer_threshold(searched(in_scope, [0.92] * 6 + [0.1] * 94)) == (0.95, True)


def test_where_precision_is_out_of_reach_answers_out_of_scope_stay_few():
    in_scope = [(0.9, 1), (0.9, 2)] * 5 + [(0.6, 1), (0.6, 2)] * 4 + [(0.5, 1)] * 2
    threshold, reached = answer_threshold(searched(in_scope, [0.5] * 20))
    assert (threshold, reached) == (np.nextafter(0.5, 1), False)


def test_where_every_score_in_scope_is_too_low_nearly_nothing_is_answered():
    in_scope = [(0.5, 1)] * 30
    threshold, reached = answer_threshold(searched(in_scope, [1.0] * 2 + [0.1] * 8))
    assert (threshold, reached) == (np.nextafter(1.0, 2), False)


@given(
    st.lists(st.tuples(FEW, st.integers(1, 4)), min_size=20, max_size=40),
    st.lists(FEW, min_size=1, max_size=25),
)
def test_the_answer_threshold_is_the_lowest_score_found_by_trying_all(in_scope, out_of_scope):
    def meets(threshold):
        ranks = [r for s, r in in_scope if s >= threshold]
        astray = sum(s >= threshold for s in out_of_scope) / len(out_of_scope)
        return ranks.count(1) / len(ranks) >= 0.90 and astray <= 0.05

    good = [t for t in sorted({s for s, _ in in_scope}) if meets(t)]
    threshold, reached = answer_threshold(searched(in_scope, out_of_scope))
    assert reached == bool(good)
    if good:
        assert threshold == good[0]
    assert sum(s >= threshold for s in out_of_scope) <= 0.05 * len(out_of_scope)


@given(st.lists(FEW, min_size=1, max_size=40))
def test_at_most_three_in_ten_queries_out_of_scope_get_suggestions(out_of_scope):
    threshold = suggest_threshold(searched([(0.9, 1)], out_of_scope), answer=2.0)
    assert sum(s >= threshold for s in out_of_scope) <= 0.30 * len(out_of_scope)
    one_more = max(s for s in out_of_scope if s < threshold)
    assert sum(s >= one_more for s in out_of_scope) > 0.30 * len(out_of_scope)


def test_the_suggest_threshold_never_exceeds_that_for_answers():
    assert suggest_threshold(searched([(0.9, 2)] * 4, [0.8]), answer=0.5) == 0.5


def test_thresholds_of_vectors_with_a_known_gap():
    # 12 entries of 3 passages, any two of an entry at .81; out of scope at .36 of the first.
    passages, vectors = faq(12, 2), around(12, 0.81, 3, 49)
    outside = np.zeros((40, 49), dtype=np.float32)
    outside[:, 0], outside[:, -1] = 0.4, 0.84**0.5
    found = fit_confidence(passages, vectors, out_of_scope=outside)
    assert (found.answer, found.suggest) == (pytest.approx(0.81), pytest.approx(0.36))
    assert found.fit == {
        "out_of_scope": "given",
        "seed": 0,
        "reached": True,
        "n_in_scope": 36,
        "n_out_of_scope": 40,
        "out_of_scope_answered": 0.0,
        "out_of_scope_suggested": 0.0,
        "share_answered": 1.0,
        "precision": 1.0,
        "in_scope_unknown": 0.0,
    }
    assert Confidence.from_json(found.to_json()) == found


@pytest.mark.parametrize("none_given", [None, np.empty((0, 48), dtype=np.float32)])
def test_without_queries_out_of_scope_each_entry_is_left_out_once(none_given):
    passages, vectors = faq(12, 2), around(12, 0.81, 3, 48)
    found = fit_confidence(passages, vectors, out_of_scope=none_given)
    assert found.answer == pytest.approx(0.81)
    assert found.fit["out_of_scope"] == "entry left out"
    assert (found.fit["n_in_scope"], found.fit["n_out_of_scope"]) == (36, 36)


def test_equal_unit_vectors_give_thresholds_within_bounds():
    vectors = np.full((30, 7), 7**-0.5, dtype=np.float32)
    found = fit_confidence(faq(10, 2), vectors)
    assert -1 <= found.suggest <= found.answer <= 1
    assert not found.fit["reached"]


def test_a_faq_without_alternates_goes_by_the_queries_out_of_scope_alone():
    outside = np.zeros((10, 30), dtype=np.float32)
    outside[np.arange(10), np.arange(10)] = np.linspace(0.1, 1.0, 10)
    outside[:, -1] = np.sqrt(1 - outside.max(axis=1) ** 2)
    found = fit_confidence(faq(29, 0), np.eye(29, 30, dtype=np.float32), out_of_scope=outside)
    assert found.answer == pytest.approx(1.0)
    assert found.suggest == pytest.approx(0.7)
    assert found.fit["n_in_scope"] == 0


def test_a_faq_of_one_entry_keeps_the_default_thresholds():
    found = fit_confidence(faq(1, 24), np.eye(25, dtype=np.float32))
    assert (found.answer, found.suggest) == (DEFAULT_ANSWER, DEFAULT_SUGGEST)
    assert found.fit["reason"] == "One entry, and no queries out of scope to compare."

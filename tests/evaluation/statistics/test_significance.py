import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, permutation_test, ttest_rel

from mundap.evaluation.statistics.significance import holm, mcnemar_p, randomisation_p

VALUES = st.sampled_from([0.0, 0.25, 1 / 3, 0.5, 1.0])
PAIRS = st.lists(st.tuples(VALUES, VALUES, st.sampled_from("abc")), min_size=1, max_size=8)


@given(PAIRS)
def test_few_clusters_are_swapped_in_every_way(pairs):
    a, b = (np.array([pair[place] for pair in pairs]) for place in (0, 1))
    clusters = [pair[2] for pair in pairs]
    sums = [
        sum(b[row] - a[row] for row in range(len(a)) if clusters[row] == cluster)
        for cluster in sorted(set(clusters))
    ]
    swapped = [
        abs(sum(sign * value for sign, value in zip(signs, sums, strict=True)))
        for signs in itertools.product([1, -1], repeat=len(sums))
    ]
    expected = np.mean([value >= abs(sum(sums)) - 1e-9 for value in swapped])
    assert randomisation_p(a, b, clusters) == pytest.approx(expected)


def test_without_clusters_it_is_scipys_test_of_two_paired_samples():
    rng = np.random.default_rng(3)
    a = rng.choice([0, 0.5, 1], 60)
    b = np.clip(a + rng.choice([-0.5, 0, 0, 0.5], 60), 0, 1)
    theirs = permutation_test(
        (a, b),
        lambda x, y, axis: np.mean(x - y, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=20_000,
        rng=np.random.default_rng(0),
    ).pvalue
    assert randomisation_p(a, b, range(60)) == pytest.approx(theirs, abs=0.02)


def test_many_queries_agree_with_the_paired_t_test():
    rng = np.random.default_rng(1)
    a = rng.random(500)
    b = a + rng.normal(0.01, 0.1, 500)
    assert randomisation_p(a, b, range(500)) == pytest.approx(ttest_rel(a, b).pvalue, abs=0.03)


def test_equal_systems_raise_a_false_alarm_one_time_in_twenty():
    rng = np.random.default_rng(7)
    alarms = 0
    for _ in range(150):
        a, b = rng.random(8), rng.random(8)
        alarms += randomisation_p(a, b, range(8)) < 0.05
    # 7.5 expected; 14 or more have a probability of .02.
    assert 1 <= alarms <= 13


def test_queries_of_one_entry_are_one_observation():
    a, b = np.zeros(40), np.ones(40)
    assert randomisation_p(a, b, range(40)) < 0.001
    assert randomisation_p(a, b, [row // 20 for row in range(40)]) == 0.5
    assert randomisation_p(a, b, ["one"] * 40) == 1.0


def test_no_difference_at_all_has_p_one():
    a = np.array([0.1, 0.2, 0.3])
    assert randomisation_p(a, a + 0.0, range(3)) == 1.0


def test_direction_does_not_matter_and_the_seed_does():
    rng = np.random.default_rng(2)
    a, b = rng.random(40), rng.random(40)
    assert randomisation_p(a, b, range(40)) == pytest.approx(
        randomisation_p(b, a, range(40)), abs=0.02
    )
    assert randomisation_p(a, b, range(40), seed=1) == randomisation_p(a, b, range(40), seed=1)
    assert randomisation_p(a, b, range(40), seed=1) != randomisation_p(a, b, range(40), seed=2)


@given(st.integers(0, 30), st.integers(0, 30))
def test_mcnemar_doubles_the_smaller_tail_of_the_binomial(fixed, broken):
    doubled = min(1.0, 2 * binom.cdf(min(fixed, broken), fixed + broken, 0.5))
    assert mcnemar_p(fixed, broken) == pytest.approx(doubled if fixed + broken else 1.0)


def test_mcnemar_by_hand():
    # (1 + 10) of 1,024 outcomes on each side.
    assert mcnemar_p(9, 1) == pytest.approx(22 / 1024)
    assert (mcnemar_p(0, 0), mcnemar_p(4, 4)) == (1.0, 1.0)


def test_holm_by_hand():
    assert holm({"b": 0.04, "c": 0.01, "d": 0.03}) == pytest.approx(
        {"b": 0.06, "c": 0.03, "d": 0.06}
    )
    assert holm({"only": 0.04}) == {"only": 0.04}
    assert holm({"b": 0.6, "c": 0.7}) == {"b": 1.0, "c": 1.0}


@given(st.dictionaries(st.text(max_size=3), st.floats(0, 1), min_size=1, max_size=6))
def test_holm_lies_between_each_p_and_bonferronis_and_keeps_the_order(p_values):
    corrected = holm(p_values)
    assert list(corrected) == list(p_values)
    for name, p in p_values.items():
        assert p <= corrected[name] <= min(1.0, len(p_values) * p) + 1e-12
    by_p = sorted(p_values, key=p_values.__getitem__)
    assert [corrected[name] for name in by_p] == sorted(corrected.values())

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mundap.evaluation.statistics.bootstrap import Estimate, estimate

CLUSTERED = st.lists(
    st.lists(st.sampled_from([0.0, 1 / 3, 0.5, 1.0]), min_size=1, max_size=5),
    min_size=1,
    max_size=30,
)


def flat(groups):
    values = np.array([value for group in groups for value in group])
    clusters = [number for number, group in enumerate(groups) for _ in group]
    return values, clusters


@settings(max_examples=60, deadline=None)
@given(CLUSTERED)
def test_the_interval_lies_in_the_range_of_values_and_contains_the_mean(groups):
    values, clusters = flat(groups)
    found = estimate(values, clusters, float(values.mean()))
    assert found.mean == values.mean()
    assert values.min() - 1e-12 <= found.low <= found.mean + 1e-12
    assert found.mean - 1e-12 <= found.high <= values.max() + 1e-12


def test_the_interval_is_that_of_a_bootstrap_by_hand():
    rng = np.random.default_rng(1)
    groups = [list(rng.integers(0, 2, size).astype(float)) for size in rng.integers(1, 6, 80)]
    means = []
    for _ in range(4_000):
        drawn = [groups[i] for i in rng.integers(0, len(groups), len(groups))]
        means.append(np.mean([value for group in drawn for value in group]))
    values, clusters = flat(groups)
    found = estimate(values, clusters, float(values.mean()))
    expected = [values.mean(), *np.quantile(means, [0.025, 0.975])]
    assert found.to_list() == pytest.approx(expected, abs=0.01)


def test_the_same_queries_of_fewer_entries_give_a_wider_interval():
    values = np.repeat([1.0, 0.0, 1.0, 1.0], 50)
    apart = estimate(values, range(200), 0.75)
    together = estimate(values, [row // 10 for row in range(200)], 0.75)
    assert together.high - together.low > 2 * (apart.high - apart.low)


def test_clusters_may_stand_in_any_order():
    values = np.array([1.0, 0.0, 1.0, 0.0, 0.5])
    split = estimate(values, ["a", "b", "a", "c", "b"], 0.5)
    joined = estimate(values[[0, 2, 1, 4, 3]], ["a", "a", "b", "b", "c"], 0.5)
    assert split == joined


def test_equal_values_and_a_single_cluster_leave_nothing_to_vary():
    assert estimate(np.ones(9), range(9), 1.0) == Estimate(1.0, 1.0, 1.0)
    assert estimate(np.zeros(1), ["a"], 0.0) == Estimate(0.0, 0.0, 0.0)
    assert estimate(np.array([0.0, 1.0]), ["a", "a"], 0.5) == Estimate(0.5, 0.5, 0.5)


def test_the_seed_decides_the_interval():
    rng = np.random.default_rng(0)
    values = rng.random(50)
    first, again, other = (estimate(values, range(50), 0.5, seed=seed) for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_a_value_of_weight_three_counts_as_three_of_its_cluster():
    values, weights = np.array([1.0, 0.0, 1.0, 0.0, 0.5]), np.array([3.0, 1.0, 2.0, 1.0, 1.0])
    repeated = estimate(np.repeat(values, weights.astype(int)), list("aaabccde"), 0.6875)
    assert estimate(values, list("abcde"), 0.6875, weights=weights) == repeated

"""Average link without a matrix of all pairs, held against scikit-learn's with one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.cluster import AgglomerativeClustering

from mundap.feedback.unanswered import average_link as module
from mundap.feedback.unanswered.average_link import average_link
from mundap.index.encoders.encoder import Vectors, unit_rows


def clouds(seed: int, count: int, spread: float = 0.5) -> Vectors:
    """Return vectors around `count` centres, so that there is something to find."""
    chance = np.random.default_rng(seed)
    centres = chance.standard_normal((count, 16))
    near = centres.repeat(6, axis=0) + spread * chance.standard_normal((6 * count, 16))
    return unit_rows(near[chance.permutation(len(near))])


def of_scikit_learn(vectors: Vectors, least: float) -> NDArray[np.int64]:
    found = AgglomerativeClustering(
        None, metric="cosine", linkage="average", distance_threshold=1 - least
    )
    return np.asarray(found.fit_predict(vectors.astype(np.float64)))


def parts(labels: NDArray[np.int64]) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(labels == one).tolist()) for one in set(labels.tolist())}


@given(st.integers(0, 10_000), st.integers(1, 20), st.sampled_from([0.3, 0.5, 0.7, 0.9]))
@settings(deadline=None, max_examples=60)
def test_it_finds_what_scikit_learn_finds(seed: int, count: int, least: float) -> None:
    vectors = clouds(seed, count)

    assert parts(average_link(vectors, least)) == parts(of_scikit_learn(vectors, least))


def test_the_same_however_many_rows_are_compared_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = clouds(1, 20)
    whole = average_link(vectors, 0.6)
    monkeypatch.setattr(module, "_BLOCK", 7)

    assert average_link(vectors, 0.6).tolist() == whole.tolist()


@given(st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=20)
def test_the_order_of_rows_changes_nothing(chance) -> None:
    vectors = clouds(3, 12)
    order = list(range(len(vectors)))
    chance.shuffle(order)

    shuffled = average_link(vectors[order], 0.6)

    back = np.empty_like(shuffled)
    back[order] = shuffled
    assert parts(back) == parts(average_link(vectors, 0.6))


def test_numbers_count_up_from_the_first_row() -> None:
    vectors = unit_rows(np.array([[1, 0], [0, 1], [1, 0.1], [0.1, 1]]))

    assert average_link(vectors, 0.5).tolist() == [0, 1, 0, 1]


def test_copies_are_one_group_and_ties_end() -> None:
    square = unit_rows(np.array([[1, 0], [0, 1], [-1, 0], [0, -1]]).repeat(50, axis=0))

    assert len(parts(average_link(square, 0.5))) == 4


def test_what_says_nothing_stays_alone() -> None:
    vectors = np.array([[0, 0], [1, 0], [0, 0], [1, 0]], np.float32)

    assert parts(average_link(vectors, 0.1)) == {
        frozenset({0}),
        frozenset({2}),
        frozenset({1, 3}),
    }


@pytest.mark.parametrize("count", [0, 1])
def test_there_may_be_none_or_one(count: int) -> None:
    assert average_link(np.ones((count, 4), np.float32), 0.5).tolist() == [0] * count

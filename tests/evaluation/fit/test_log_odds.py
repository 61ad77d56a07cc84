import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from mundap.evaluation.fit.log_odds import fit_log_odds
from mundap.index.search.confidence import EVIDENCE, LogOdds
from mundap.index.search.evidence import Evidence

START = LogOdds(-1.0, dict.fromkeys(EVIDENCE, 0.0) | {"closeness": 6.0, "lead": 4.0})
_Array = NDArray[np.float64]


def drawn(count: int, seed: int = 0) -> tuple[_Array, NDArray[np.bool_], _Array]:
    """Draw evidence, labels of a model that is not START, and weights."""
    rng = np.random.default_rng(seed)
    evidence = rng.uniform(0, 1, (count, len(EVIDENCE)))
    odds = 8 * evidence[:, 0] - 5 * evidence[:, 3] - 1
    labels = rng.uniform(size=count) < 1 / (1 + np.exp(-odds))
    return evidence, labels, rng.uniform(0.5, 2.0, count)


def probabilities(model: LogOdds, evidence: _Array) -> list[float]:
    return [model.probability(Evidence(*row)) for row in evidence.tolist()]


def test_without_a_prior_to_speak_of_it_is_scikit_learns() -> None:
    evidence, labels, weights = drawn(2_000)
    unseen = drawn(50, seed=1)[0]

    fitted = fit_log_odds(evidence, labels, weights, spread=1e6)

    oracle = LogisticRegression(C=np.inf, tol=1e-9, max_iter=10_000)
    oracle.fit(evidence, labels, sample_weight=weights)
    expected = oracle.predict_proba(unseen)[:, 1]
    assert probabilities(fitted, unseen) == pytest.approx(expected.tolist(), abs=2e-3)


def test_a_few_queries_move_what_is_known_a_little_and_many_take_its_place() -> None:
    evidence, labels, weights = drawn(20_000)
    unseen = drawn(200, seed=1)[0]
    known = np.array(probabilities(START, unseen))
    own = np.array(probabilities(fit_log_odds(evidence, labels, weights, spread=1e6), unseen))

    def away(count: int) -> tuple[float, float]:
        part = (evidence[:count], labels[:count], weights[:count])
        held, free = fit_log_odds(*part, START), fit_log_odds(*part, START, spread=1e6)
        # The intercept is free: what is kept of START is how evidence moves the odds.
        moved, could = (
            np.abs([one.weights[name] - START.weights[name] for name in EVIDENCE]).max()
            for one in (held, free)
        )
        return float(moved / could), float(np.abs(probabilities(held, unseen) - own).mean())

    (few, few_off), (most, most_off) = away(20), away(20_000)

    assert few < 0.1 < 0.9 < most <= 1
    assert most_off < 0.02 < few_off < np.abs(known - own).mean() + 0.2


def test_the_mean_probability_is_the_share_of_labels() -> None:
    evidence, labels, weights = drawn(500)

    fitted = fit_log_odds(evidence, labels, weights, START)

    mean = np.average(probabilities(fitted, evidence), weights=weights)
    assert mean == pytest.approx(np.average(labels, weights=weights), abs=1e-3)


@pytest.mark.parametrize("label", [False, True])
def test_labels_that_are_all_alike_keep_the_numbers_finite(label: bool) -> None:
    evidence, labels, weights = drawn(100)

    fitted = fit_log_odds(evidence, np.full_like(labels, label), weights, START)

    assert all(np.isfinite([fitted.intercept, *fitted.weights.values()]))

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, roc_auc_score, roc_curve

from mundap.evaluation.statistics.bootstrap import Estimate
from mundap.evaluation.statistics.confidence import ConfidenceFigures, ConfidenceReportError

# Few levels, so that ties are common.
LEVELS = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0])
KINDS = st.sampled_from([(True, True), (False, True), (False, False)])
ROWS = st.lists(st.tuples(LEVELS, KINDS), min_size=1, max_size=40)


def arrays(rows):
    confidence = np.array([level for level, _ in rows])
    correct = np.array([correct for _, (correct, _) in rows])
    in_scope = np.array([in_scope for _, (_, in_scope) in rows])
    return confidence, correct, in_scope


def simulated(n_in=900, n_out=300, seed=0):
    """A confidence that is the probability of being right, as far as it goes."""
    rng = np.random.default_rng(seed)
    in_scope = np.arange(n_in + n_out) < n_in
    confidence = np.where(in_scope, rng.beta(4, 1, len(in_scope)), rng.beta(1, 6, len(in_scope)))
    return confidence, (rng.random(len(in_scope)) < confidence) & in_scope, in_scope


def mean(estimate):
    return None if estimate is None else estimate.mean


@given(ROWS)
def test_areas_rates_and_brier_are_those_of_scikit_learn(rows):
    confidence, correct, in_scope = arrays(rows)
    report = ConfidenceFigures.of(confidence, correct, in_scope, resamples=0)
    both_scopes = 0 < in_scope.sum() < len(rows)
    both_outcomes = 0 < correct.sum() < len(rows)
    scope = roc_auc_score(in_scope, confidence) if both_scopes else None
    outcome = roc_auc_score(correct, confidence) if both_outcomes else None
    assert mean(report.auroc_scope) == (scope if scope is None else pytest.approx(scope))
    assert mean(report.auroc_correct) == (outcome if outcome is None else pytest.approx(outcome))
    assert report.brier.mean == pytest.approx(brier_score_loss(correct, confidence, pos_label=True))
    if both_scopes:
        false, true, _ = roc_curve(in_scope, confidence, drop_intermediate=False)
        expected = false[np.argmax(true >= 0.95)]
        assert report.fpr_at_95_tpr.mean == pytest.approx(expected)


@given(ROWS)
def test_aurc_and_coverage_are_those_of_a_loop_over_thresholds(rows):
    confidence, correct, in_scope = arrays(rows)
    report = ConfidenceFigures.of(confidence, correct, in_scope, resamples=0)
    answered = [confidence >= threshold for threshold in confidence]
    risks = [1 - correct[who].mean() for who in answered]
    assert report.aurc.mean == pytest.approx(np.mean(risks))
    for accuracy, found in ((0.90, report.coverage_at_90), (0.95, report.coverage_at_95)):
        good = [
            who.mean()
            for who, risk in zip(answered, risks, strict=True)
            if risk <= 1 - accuracy + 1e-9
        ]
        assert found.mean == pytest.approx(max(good, default=0.0))
    assert [point[0] for point in report.risk_coverage] == pytest.approx(
        sorted({who.mean() for who in answered})
    )


@pytest.mark.parametrize(
    ("strategy", "field"), [("quantile", "ece"), ("uniform", "ece_equal_width")]
)
def test_ece_is_the_weighted_gap_of_scikit_learns_calibration_curve(strategy, field):
    confidence, correct, in_scope = simulated()
    report = ConfidenceFigures.of(confidence, correct, in_scope, resamples=0)
    true, promised = calibration_curve(correct, confidence, n_bins=15, strategy=strategy)
    if strategy == "quantile":
        edges = np.percentile(confidence, np.linspace(0, 100, 16))
        assert [item.accuracy for item in report.reliability] == pytest.approx(true)
        assert [item.confidence for item in report.reliability] == pytest.approx(promised)
        assert [item.n for item in report.reliability] == [80] * 15
    else:
        edges = np.linspace(0, 1, 16)
    counts = np.histogram(confidence, edges)[0]
    expected = (counts[counts > 0] * np.abs(true - promised)).sum() / len(confidence)
    assert getattr(report, field) == pytest.approx(expected, abs=1e-6)


def test_a_perfect_confidence_and_a_useless_one_by_hand():
    correct = np.array([True, True, False, False])
    in_scope = np.array([True, True, True, False])
    perfect = ConfidenceFigures.of(correct.astype(float), correct, in_scope, resamples=0)
    assert (perfect.auroc_correct.mean, perfect.brier.mean, perfect.ece) == (1.0, 0.0, 0.0)
    assert (perfect.coverage_at_95.mean, perfect.fpr_at_95_tpr.mean) == (0.5, 1.0)
    assert perfect.risk_coverage == ((0.5, 0.0), (1.0, 0.5))
    useless = ConfidenceFigures.of(np.full(4, 0.5), correct, in_scope, resamples=0)
    assert (useless.auroc_correct.mean, useless.auroc_scope.mean, useless.ece) == (0.5, 0.5, 0.0)
    assert (useless.coverage_at_90.mean, useless.aurc.mean) == (0.0, 0.5)


def test_a_calibrated_confidence_has_the_ece_of_chance_and_a_boastful_one_more():
    confidence, correct, in_scope = simulated()
    # Outcomes out of scope are all wrong, so calibration holds in scope alone.
    kept = confidence[in_scope], correct[in_scope], in_scope[in_scope]
    honest = ConfidenceFigures.of(*kept, resamples=0)
    boastful = ConfidenceFigures.of(np.sqrt(kept[0]), *kept[1:], resamples=0)
    assert honest.ece < 1.6 * honest.ece_by_chance
    assert boastful.ece > 2 * boastful.ece_by_chance


def test_intervals_contain_the_figures_and_narrow_with_more_queries():
    few = ConfidenceFigures.of(*simulated(90, 30))
    many = ConfidenceFigures.of(*simulated(1800, 600))
    for name in ("auroc_scope", "auroc_correct", "aurc", "brier", "coverage_at_90"):
        for report in (few, many):
            found = getattr(report, name)
            assert found.low <= found.mean <= found.high
        narrow, wide = getattr(many, name), getattr(few, name)
        assert narrow.high - narrow.low < wide.high - wide.low


def test_the_interval_of_brier_is_that_of_a_bootstrap_by_hand():
    confidence, correct, in_scope = simulated(200, 100)
    rng = np.random.default_rng(5)
    gaps = (confidence - correct) ** 2
    means = [
        np.concatenate([rng.choice(gaps[:200], 200), rng.choice(gaps[200:], 100)]).mean()
        for _ in range(4_000)
    ]
    found = ConfidenceFigures.of(confidence, correct, in_scope).brier
    assert [found.low, found.high] == pytest.approx(np.quantile(means, [0.025, 0.975]), abs=0.003)


def test_queries_that_share_an_entry_are_drawn_together():
    confidence, correct, in_scope = (np.repeat(array, 8) for array in simulated(30, 10))
    apart = ConfidenceFigures.of(confidence, correct, in_scope).brier
    clusters = [row // 8 for row in range(320)]
    together = ConfidenceFigures.of(confidence, correct, in_scope, clusters=clusters).brier
    assert together.mean == apart.mean
    assert together.high - together.low > 2 * (apart.high - apart.low)


def test_the_seed_decides_and_without_resamples_both_ends_are_the_figure():
    arguments = simulated(60, 20)
    first, again, other = (ConfidenceFigures.of(*arguments, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    bare = ConfidenceFigures.of(*arguments, resamples=0)
    assert bare.brier == Estimate(first.brier.mean, first.brier.mean, first.brier.mean)


def test_figures_of_a_class_that_is_missing_are_none():
    report = ConfidenceFigures.of(np.array([0.2, 0.9]), np.ones(2, bool), np.ones(2, bool))
    assert (report.auroc_scope, report.auroc_correct, report.fpr_at_95_tpr) == (None, None, None)
    assert report.coverage_at_95.mean == 1.0


def test_the_json_has_every_field_and_only_plain_numbers():
    report = ConfidenceFigures.of(*simulated(30, 10))
    fields = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert list(fields) == list(ConfidenceFigures.__dataclass_fields__)
    assert fields["brier"] == report.brier.to_list()
    assert fields["risk_coverage"][-1][0] == 1.0
    assert set(fields["reliability"][0]) == {"confidence", "accuracy", "low", "high", "n"}


@pytest.mark.parametrize(
    ("confidence", "correct", "in_scope", "message"),
    [
        ([0.5, 0.5], [True], [True], r"shapes \(2,\), \(1,\) and \(1,\); wanted the same"),
        ([], [], [], "0 queries to report on; wanted at least 1"),
        ([1.5], [True], [True], r"confidence 1\.5; wanted a probability in \[0, 1\]"),
        ([float("nan")], [True], [True], "confidence nan; wanted a probability"),
        ([0.5], [True], [False], "1 queries out of scope are marked correct"),
    ],
)
def test_bad_arrays_are_refused(confidence, correct, in_scope, message):
    with pytest.raises(ConfidenceReportError, match=message):
        ConfidenceFigures.of(np.array(confidence), np.array(correct), np.array(in_scope))

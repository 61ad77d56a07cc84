import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.search.confidence import EVIDENCE, TARGET_ACCURACY, Confidence
from mundap.index.search.evidence import Evidence
from tests.score_confidence import probability_at, score_confidence

FLAT = {"closeness": 0.0, "lead": 0.0, "length": 0.0}
numbers = st.floats(-1e6, 1e6)
shares = st.floats(0, 1)
evidences = st.builds(Evidence, st.floats(-1, 1), st.floats(-2, 2), st.floats(0, 4))


@pytest.mark.parametrize(
    ("probability", "kind"),
    [
        (1.0, "answer"),
        (0.7, "answer"),
        (math.nextafter(0.7, 0), "suggest"),
        (0.5, "suggest"),
        (math.nextafter(0.5, 0), "unknown"),
        (0.0, "unknown"),
        (math.nan, "unknown"),
    ],
)
def test_a_probability_at_a_threshold_has_reached_it(probability: float, kind: str) -> None:
    assert Confidence(answer=0.7, suggest=0.5).kind(probability) == kind


def test_the_probability_is_the_logistic_function_of_the_weighted_evidence() -> None:
    confidence = Confidence(intercept=-2.0, weights={"closeness": 3.0, "lead": 2.0, "length": -0.5})

    # -2 + 3 * .6 + 2 * .3 - .5 * .8 = 0; a closeness .1 higher adds .3
    assert confidence.probability(Evidence(0.6, 0.3, 0.8)) == pytest.approx(0.5)
    expected = 1 / (1 + math.exp(-0.3))
    assert confidence.probability(Evidence(0.7, 0.3, 0.8)) == pytest.approx(expected)


def test_without_a_hit_nothing_is_sure() -> None:
    confidence = Confidence(intercept=100.0)

    assert confidence.probability(None) == 0.0
    assert confidence.kind(0.0) == "unknown"


@pytest.mark.parametrize(("intercept", "probability"), [(1e300, 1.0), (-1e300, 0.0)])
def test_extreme_numbers_overflow_nowhere(intercept: float, probability: float) -> None:
    confidence = Confidence(intercept=intercept, weights=FLAT)

    assert confidence.probability(Evidence(1.0, 1.0, 1.0)) == pytest.approx(probability)


@given(evidences, st.floats(0, 1), st.floats(0, 20))
def test_the_probability_never_falls_with_the_closeness(
    evidence: Evidence, more: float, weight: float
) -> None:
    confidence = Confidence(weights={"closeness": weight, "lead": 1.0, "length": -1.0})
    higher = Evidence(evidence.closeness + more, evidence.lead, evidence.length)

    below, above = confidence.probability(evidence), confidence.probability(higher)

    assert 0 <= below <= above <= 1


def test_without_a_fit_the_default_one_counts() -> None:
    confidence = Confidence()

    assert (confidence.answer, confidence.suggest) == (TARGET_ACCURACY, 0.2)
    assert (confidence.encoder, confidence.fit) == ("", {})
    # A stored question of four morphemes, well ahead; the subject alone; nothing in common.
    kinds = [
        confidence.kind(confidence.probability(Evidence.of(score, lead, 4)))
        for score, lead in ((0.95, 0.5), (0.6, 0.2), (0.1, 0.02))
    ]
    assert kinds == ["answer", "suggest", "unknown"]


def test_two_confidences_share_no_weights() -> None:
    assert Confidence().weights == Confidence().weights
    assert Confidence().weights is not Confidence().weights
    assert tuple(Confidence().weights) == EVIDENCE == ("closeness", "lead", "length")


@pytest.mark.parametrize(
    ("answer", "suggest"),
    [(0.4, 0.5), (0.5, -0.1), (1.2, 0.5), (math.nan, 0.5), (0.5, math.nan), (math.inf, 0.0)],
)
def test_thresholds_out_of_order_or_range_are_refused(answer: float, suggest: float) -> None:
    with pytest.raises(ValueError, match=f"answer {answer} and suggest {suggest}; wanted"):
        Confidence(answer=answer, suggest=suggest)


@pytest.mark.parametrize(
    ("intercept", "weights"),
    [
        (0.0, {"closeness": 1.0, "lead": 1.0}),
        (0.0, FLAT | {"rank": 1.0}),
        (0.0, FLAT | {"lead": math.nan}),
        (0.0, FLAT | {"length": math.inf}),
        (math.nan, FLAT),
    ],
)
def test_weights_that_make_no_sense_are_refused(
    intercept: float, weights: dict[str, float]
) -> None:
    with pytest.raises(ValueError, match="finite number for each of closeness, lead, length"):
        Confidence(intercept=intercept, weights=weights)


@given(
    numbers,
    st.tuples(numbers, numbers, numbers),
    shares,
    shares,
    st.text(),
    st.dictionaries(st.text(), st.integers()),
    evidences,
)
def test_json_keeps_everything(
    intercept: float,
    weights: tuple[float, float, float],
    one: float,
    other: float,
    encoder: str,
    fit: dict[str, Any],
    evidence: Evidence,
) -> None:
    confidence = Confidence(
        intercept,
        dict(zip(EVIDENCE, weights, strict=True)),
        answer=max(one, other),
        suggest=min(one, other),
        encoder=encoder,
        fit=fit,
    )

    read = Confidence.from_json(confidence.to_json())

    assert read == confidence
    assert read.probability(evidence) == confidence.probability(evidence)


def test_an_unknown_key_is_an_error() -> None:
    text = json.dumps({"answer": 0.6, "suggest": 0.4, "treshold": 0.5})

    with pytest.raises(TypeError, match="treshold"):
        Confidence.from_json(text)


@given(st.floats(-1, 1), st.floats(-2, 2))
def test_a_score_confidence_of_the_tests_acts_on_the_score_of_five_morphemes(
    score: float, lead: float
) -> None:
    confidence = score_confidence(answer=0.7, suggest=0.3)

    probability = confidence.probability(Evidence.of(score, lead, 5))

    assert probability == pytest.approx(probability_at(score))
    if min(abs(score - 0.7), abs(score - 0.3)) > 1e-9:
        expected = "answer" if score > 0.7 else "suggest" if score > 0.3 else "unknown"
        assert confidence.kind(probability) == expected

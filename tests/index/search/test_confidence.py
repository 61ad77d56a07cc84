import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.search.confidence import EVIDENCE, Confidence, LogOdds
from mundap.index.search.evidence import Evidence
from tests.score_confidence import probability_at, score_confidence

FLAT = dict.fromkeys(EVIDENCE, 0.0)
numbers = st.floats(-1e6, 1e6)
shares = st.floats(0, 1)
evidences = st.builds(Evidence, st.floats(-1, 1), st.floats(-2, 2), st.floats(0, 4), shares, shares)


def log_odds(intercept: float = 0.0, **weights: float) -> LogOdds:
    return LogOdds(intercept, FLAT | weights)


def certain(first: float, shown: float, answer: float = 0.7, suggest: float = 0.5) -> Confidence:
    """Give every query these two probabilities."""
    models = (log_odds(math.log(p / (1 - p))) for p in (first, shown))
    return Confidence(*models, answer=answer, suggest=suggest)


@pytest.mark.parametrize(
    ("first", "shown", "kind"),
    [
        (0.8, 0.9, "answer"),
        (0.6, 0.9, "suggest"),
        (0.6, 0.6, "suggest"),
        (0.6, 0.4, "unknown"),
        # Sure of the first is sure enough, whatever the other model says.
        (0.8, 0.1, "answer"),
    ],
)
def test_the_first_is_answered_with_and_the_first_three_are_offered(
    first: float, shown: float, kind: str
) -> None:
    assert certain(first, shown).kind(Evidence(0.5, 0.1, 1.0)) == kind


def test_a_probability_at_a_threshold_has_reached_it() -> None:
    half = certain(0.5, 0.5, answer=0.5, suggest=0.5)
    below = certain(0.5, 0.5, answer=math.nextafter(0.5, 1), suggest=0.5)

    kinds = [each.kind(Evidence(0, 0, 0)) for each in (half, below)]

    assert kinds == ["answer", "suggest"]


def test_the_probability_is_the_logistic_function_of_the_weighted_evidence() -> None:
    model = log_odds(-2.0, closeness=3.0, lead=2.0, length=-0.5)

    # -2 + 3 * .6 + 2 * .3 - .5 * .8 = 0; a closeness .1 higher adds .3
    assert model.probability(Evidence(0.6, 0.3, 0.8)) == pytest.approx(0.5)
    expected = 1 / (1 + math.exp(-0.3))
    assert model.probability(Evidence(0.7, 0.3, 0.8)) == pytest.approx(expected)


def test_without_a_hit_nothing_is_sure() -> None:
    confidence = certain(0.99, 0.99)

    assert confidence.probability(None) == confidence.clear(None) == 0.0
    assert confidence.kind(None) == "unknown"


@pytest.mark.parametrize(("intercept", "probability"), [(1e300, 1.0), (-1e300, 0.0)])
def test_extreme_numbers_overflow_nowhere(intercept: float, probability: float) -> None:
    assert log_odds(intercept).probability(Evidence(1.0, 1.0, 1.0)) == pytest.approx(probability)


@given(evidences, st.floats(0, 1), st.floats(0, 20))
def test_the_probability_never_falls_with_what_has_a_positive_weight(
    evidence: Evidence, more: float, weight: float
) -> None:
    model = log_odds(closeness=weight, lead=1.0, length=-1.0)
    higher = replace(evidence, closeness=evidence.closeness + more)

    assert 0 <= model.probability(evidence) <= model.probability(higher) <= 1


@pytest.mark.parametrize("content", [False, True])
def test_what_is_usual_fits_any_encoder_and_says_so(content: bool) -> None:
    usual = Confidence.usual(content=content)

    assert usual.encoder == ""
    assert usual.fit == {"reason": "Fitted on other FAQs."}
    # Nothing in common with any entry.
    assert usual.kind(Evidence(0.0, 0.0, math.log1p(6))) == "unknown"


@pytest.mark.parametrize("content", [False, True])
def test_one_word_of_a_subject_is_never_usually_answered(content: bool) -> None:
    """Every rival shares the word: entries are close, and none leads."""
    seen = Evidence(0.5, 0.02, math.log1p(1), 0.2, 0.5, 1.0, 0.8, 0.8, 0.85, 1.0)

    assert Confidence.usual(content=content).kind(seen) != "answer"


@pytest.mark.parametrize(
    ("answer", "suggest", "two"),
    [
        (0.5, -0.1, 0.4),
        (1.2, 0.5, 0.4),
        (0.5, 0.5, 1.01),
        (math.nan, 0.5, 0.4),
        (0.5, math.nan, 0.4),
        (0.5, 0.5, math.nan),
    ],
)
def test_thresholds_out_of_range_are_refused(answer: float, suggest: float, two: float) -> None:
    met = f"answer {answer}, suggest {suggest} and two {two}; wanted each"
    with pytest.raises(ValueError, match=met):
        Confidence(log_odds(), log_odds(), answer=answer, suggest=suggest, two=two)


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
        LogOdds(intercept, weights)


@given(numbers, st.lists(numbers, min_size=len(EVIDENCE), max_size=len(EVIDENCE)), shares, shares)
def test_json_keeps_everything(
    intercept: float, weights: list[float], answer: float, suggest: float
) -> None:
    model = LogOdds(intercept, dict(zip(EVIDENCE, weights, strict=True)))
    confidence = Confidence(model, log_odds(lead=2.0), answer, suggest, 0.3, "abc", {"전": 1})

    assert Confidence.from_json(confidence.to_json()) == confidence


def test_what_an_older_version_wrote_has_one_model_for_both() -> None:
    old = {"intercept": -1.0, "weights": {"closeness": 3.0, "lead": 2.0, "length": -0.5}}
    text = json.dumps({**old, "answer": 0.9, "suggest": 0.2, "encoder": "abc", "fit": {}})

    model = log_odds(-1.0, closeness=3.0, lead=2.0, length=-0.5)
    assert Confidence.from_json(text) == Confidence(model, model, 0.9, 0.2, encoder="abc")


def test_what_an_older_version_did_not_know_counts_nothing() -> None:
    model = log_odds(-1.0, late=3.0, single=-2.0)
    written = json.loads(Confidence(model, model, 0.9, 0.2).to_json())
    for name in ("first", "shown"):
        del written[name]["weights"]["beside"]

    assert Confidence.from_json(json.dumps(written)) == Confidence(model, model, 0.9, 0.2)


def test_places_that_a_version_had_nothing_to_put_in_count_nothing() -> None:
    model = log_odds(-1.0, lead=2.0)
    confidence = Confidence(model, model, 0.9, 0.2)
    written = json.loads(confidence.to_json()) | {"unread_first": None, "unread_shown": None}
    for name in ("first", "shown"):
        written[name]["weights"]["together"] = 0.0

    assert Confidence.from_json(json.dumps(written)) == confidence
    written["first"]["weights"]["together"] = 0.5
    with pytest.raises(ValueError, match=r"'together': 0\.5"):
        Confidence.from_json(json.dumps(written))


def test_an_unknown_key_is_an_error() -> None:
    text = json.dumps(json.loads(certain(0.5, 0.5).to_json()) | {"treshold": 0.5})

    with pytest.raises(TypeError, match="treshold"):
        Confidence.from_json(text)


@given(st.floats(-1, 1), st.floats(-2, 2))
def test_a_score_confidence_of_the_tests_acts_on_the_score_of_five_morphemes(
    score: float, lead: float
) -> None:
    confidence = score_confidence(answer=0.7, suggest=0.3)
    evidence = Evidence.of(score, lead, 5)

    assert confidence.probability(evidence) == pytest.approx(probability_at(score))
    if min(abs(score - 0.7), abs(score - 0.3)) > 1e-9:
        expected = "answer" if score > 0.7 else "suggest" if score > 0.3 else "unknown"
        assert confidence.kind(evidence) == expected

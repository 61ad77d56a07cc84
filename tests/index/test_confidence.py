import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.confidence import DEFAULT_ANSWER, DEFAULT_SUGGEST, Confidence


@pytest.mark.parametrize(
    ("score", "kind"),
    [
        (1.0, "answer"),
        (0.7, "answer"),
        (math.nextafter(0.7, 0), "suggest"),
        (0.5, "suggest"),
        (math.nextafter(0.5, 0), "unknown"),
        (0.0, "unknown"),
        (-1.0, "unknown"),
        (math.nan, "unknown"),
    ],
)
def test_a_score_at_a_threshold_has_reached_it(score: float, kind: str) -> None:
    assert Confidence(answer=0.7, suggest=0.5).kind(score) == kind


def test_without_a_fit_the_default_thresholds_count() -> None:
    confidence = Confidence()

    assert (confidence.answer, confidence.suggest) == (DEFAULT_ANSWER, DEFAULT_SUGGEST)
    assert confidence.fit == {}


@pytest.mark.parametrize(
    ("answer", "suggest"),
    [(0.4, 0.5), (0.5, -1.1), (1.2, 0.5), (math.nan, 0.5), (0.5, math.nan), (math.inf, 0.0)],
)
def test_thresholds_out_of_order_or_range_are_refused(answer: float, suggest: float) -> None:
    with pytest.raises(ValueError, match=f"answer {answer} and suggest {suggest}; wanted"):
        Confidence(answer=answer, suggest=suggest)


@given(st.floats(-1, 1.01), st.floats(-1, 1.01), st.dictionaries(st.text(), st.integers()))
def test_json_keeps_everything(one: float, other: float, fit: dict[str, int]) -> None:
    confidence = Confidence(answer=max(one, other), suggest=min(one, other), fit=fit)

    assert Confidence.from_json(confidence.to_json()) == confidence


def test_an_unknown_key_is_an_error() -> None:
    text = json.dumps({"answer": 0.6, "suggest": 0.4, "treshold": 0.5})

    with pytest.raises(TypeError, match="treshold"):
        Confidence.from_json(text)

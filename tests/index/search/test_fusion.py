import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.search.fusion import SIGNALS, Fusion

weights = st.floats(0, 100).map(lambda weight: round(weight, 3))
numbers = st.floats(-1, 1, width=32)


def rows(*first: list[float]) -> np.ndarray:
    """Fill up with zeros what no pretrained encoder says."""
    signals = np.zeros((len(first), len(SIGNALS)))
    signals[:, : len(first[0])] = first
    return signals


def test_a_score_is_the_weighted_mean_of_the_signals() -> None:
    signals = rows([1.0, 0.5, 0.2, 0.0], [0.0, 0.0, 0.0, 1.0], [-1.0, -1.0, 0.0, 0.0])

    scores = Fusion(dense=4, centroid=2, bm25=1, coverage=1).scores(signals, wordless=False)

    # (4 + 1 + .2) / 8, 1 / 8, -6 / 8
    assert scores.tolist() == [0.65, 0.125, -0.75]


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_alone_is_the_score(name: str) -> None:
    only = Fusion(**{other: float(other == name) for other in SIGNALS})
    signals = np.array([[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]])

    assert only.scores(signals, wordless=False).tolist() == [signals[0, SIGNALS.index(name)]]


@given(st.tuples(*[weights] * 9), st.lists(numbers, min_size=9, max_size=9))
def test_only_the_proportions_of_the_weights_count(
    given_weights: tuple[float, ...], row: list[float]
) -> None:
    if not any(given_weights):
        return
    signals = np.array([row])

    scores = Fusion(*given_weights).scores(signals, wordless=False)

    tenfold = Fusion(*(10 * weight for weight in given_weights)).scores(signals, wordless=False)
    assert scores == pytest.approx(tenfold, abs=1e-6)
    assert min(row) - 1e-6 <= scores[0] <= max(row) + 1e-6


def test_scores_that_differ_by_rounding_alone_are_ties() -> None:
    signals = rows([0.1 + 0.2, 0, 0, 0], [0.3, 0, 0, 0])
    assert signals[0, 0] != signals[1, 0]

    first, second = Fusion().scores(signals, wordless=False)

    assert first == second


def test_vectors_alone_speak_for_a_query_without_words() -> None:
    signals = rows([0.9, 0.6, 0.0, 0.0])

    assert Fusion(2, 1, 9, 9).scores(signals, wordless=True).tolist() == [0.8]
    # Where vectors have no weight there is nothing else to go by.
    assert Fusion(0, 0, 1, 1).scores(signals, wordless=True).tolist() == [0.0]


def test_no_signals_give_no_scores() -> None:
    assert Fusion().scores(np.empty((0, len(SIGNALS))), wordless=False).shape == (0,)


@pytest.mark.parametrize(
    "values",
    [
        (-0.1, 1, 1, 1),
        (0, 0, 0, 0),
        (float("nan"), 1, 1, 1),
        (1, 1, 1, float("nan")),
        (float("inf"), 1, 1, 1),
    ],
)
def test_weights_that_make_no_sense_are_refused(values: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="wanted none below 0 and one above"):
        Fusion(*values)


@given(st.tuples(weights, weights, weights, weights).filter(any))
def test_json_keeps_everything(values: tuple[float, ...]) -> None:
    fusion = Fusion(*values)

    assert Fusion.from_json(fusion.to_json()) == fusion
    assert list(json.loads(fusion.to_json())) == [*SIGNALS, "sharpness"]


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(TypeError, match="length"):
        Fusion.from_json('{"dense": 1.0, "length": 0.5}')


@pytest.mark.parametrize("sharpness", [0.0, -1.0, float("inf"), float("nan")])
def test_a_sharpness_that_makes_no_sense_is_refused(sharpness: float) -> None:
    with pytest.raises(ValueError, match=f"sharpness is {sharpness}; wanted above 0"):
        Fusion(sharpness=sharpness)


@given(st.lists(st.floats(0.1, 50), min_size=9, max_size=9))
def test_slopes_of_log_odds_come_back_from_weights_and_sharpness(slopes: list[float]) -> None:
    again = Fusion.of_log_odds(slopes).log_odds()

    assert again == pytest.approx(slopes, abs=sum(slopes) * 2e-4 + 1e-2)


@given(st.floats(1, 40), st.booleans())
def test_what_is_usual_without_a_pretrained_encoder_gives_it_no_weight(
    phrasings: float, content: bool
) -> None:
    usual = Fusion.usual(phrasings, content=content)

    assert bool(usual.weights()[4:].any()) == content
    assert usual.weights()[:4].any()


def test_what_is_usual_moves_with_the_logarithm_of_the_phrasings() -> None:
    one, four, many, more = (Fusion.usual(n, content=True).log_odds() for n in (1, 4, 16, 99))

    assert four == pytest.approx((one + many) / 2, abs=0.05)
    assert more == pytest.approx(many)

from collections.abc import Sequence

import numpy as np
import pytest

from mundap.evaluation.agreement import Agreement, Speed, agreement, speed
from mundap.index.encoders.encoder import EncoderError, Vectors
from tests.tiny_encoder import TinyEncoder


class Known:
    """An encoder that knows a vector for each text."""

    fingerprint = "known"
    dimension = 2

    def __init__(self, **degrees: float) -> None:
        self._angles = {text: np.deg2rad(angle) for text, angle in degrees.items()}
        self.asked: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked.append(list(texts))
        angles = np.array([self._angles[text] for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_agreement_is_that_of_a_hand_computation() -> None:
    one = Known(가=0, 나=10, 다=90)
    other = Known(가=0, 나=70, 다=90)
    # cos 0, cos 60, cos 0; 나's nearest is 가 before and 다 after.
    assert agreement(one, other, ["가", "나", "다"]) == Agreement(
        mean=pytest.approx(2.5 / 3),
        lowest=pytest.approx(0.5),
        same_nearest=pytest.approx(2 / 3),
        texts=3,
    )


def test_an_encoder_agrees_with_itself() -> None:
    texts = ["환불 되나요", "배송비 얼마", "쿠폰 ㅎㅎ"]
    assert agreement(TinyEncoder(), TinyEncoder(), texts) == Agreement(
        pytest.approx(1.0), pytest.approx(1.0), 1.0, 3
    )


def test_speed_is_the_median_of_single_texts_and_the_rate_of_all() -> None:
    ticks = iter([0.0, 0.001, 1.0, 1.003, 2.0, 2.1, 5.0, 5.5])
    encoder = Known(가=0, 나=10, 다=90)
    assert speed(encoder, ["가", "나", "다"], clock=lambda: next(ticks)) == Speed(
        milliseconds=pytest.approx(3.0), texts_per_second=pytest.approx(6.0)
    )
    assert encoder.asked == [["가"], ["가"], ["나"], ["다"], ["가", "나", "다"]]


def test_what_does_not_compare_is_refused() -> None:
    with pytest.raises(EncoderError, match="1 texts to compare encoders on; wanted at least 2"):
        agreement(Known(가=0), Known(가=0), ["가"])
    with pytest.raises(EncoderError, match="vectors of 2 and of 32 numbers do not compare"):
        agreement(Known(가=0, 나=0), TinyEncoder(), ["가", "나"])

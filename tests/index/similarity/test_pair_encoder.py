import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.encoders.encoder import Vectors
from mundap.index.encoders.morpheme_encoder import MorphemeEncoder
from mundap.index.similarity.pair_encoder import CosineEncoder
from mundap.index.similarity.scale import LINEAR, StsScale
from tests.tiny_encoder import TinyEncoder


def test_closeness_is_the_cosine_of_the_two_vectors(tiny_encoder: TinyEncoder) -> None:
    pairs = [("환불 되나요", "환불 돼요"), ("배송비 얼마", "비가 온다")]
    left, right = (tiny_encoder.encode([pair[side] for pair in pairs]) for side in (0, 1))

    closeness = CosineEncoder(tiny_encoder).closeness(pairs)

    np.testing.assert_allclose(closeness, (left * right).sum(axis=1), atol=1e-6)


def test_each_text_is_encoded_once(tiny_encoder: TinyEncoder) -> None:
    CosineEncoder(tiny_encoder).closeness([("기준", "하나"), ("기준", "둘"), ("기준", " 하나 ")])
    assert tiny_encoder.encoded == ["기준", "하나", "둘"]


def test_no_pairs_have_no_closeness(tiny_encoder: TinyEncoder) -> None:
    assert CosineEncoder(tiny_encoder).closeness([]).shape == (0,)


def test_a_text_is_as_close_as_can_be_to_itself_even_if_it_says_nothing() -> None:
    encoder = CosineEncoder(TinyEncoder())
    decomposed = "\u1112\u116a\u11ab\u1107\u116e\u11af"  # 환불, as macOS types it
    assert encoder.closeness([("😀", "😀"), ("환불", decomposed)]).tolist() == [1.0, 1.0]
    assert encoder.closeness([("😀", "환불 되나요")]).tolist() == [0.0]


class Rounding:
    """Gives every text the same vector, a little longer than 1."""

    fingerprint = "rounding"
    dimension = 1

    def encode(self, texts: list[str]) -> Vectors:
        return np.full((len(texts), 1), 1.0001, dtype=np.float32)


@pytest.mark.parametrize("pair", [("하나", "둘"), ("하나", "하나")])
def test_rounding_takes_no_cosine_beyond_one(pair: tuple[str, str]) -> None:
    assert CosineEncoder(Rounding()).closeness([pair]).tolist() == [1.0]


@given(st.lists(st.tuples(st.text(), st.text()), max_size=5))
def test_closeness_is_symmetric_and_within_its_bounds(pairs: list[tuple[str, str]]) -> None:
    encoder = CosineEncoder(TinyEncoder())
    there = encoder.closeness(pairs)
    back = encoder.closeness([(other, one) for one, other in pairs])
    np.testing.assert_allclose(there, back, atol=1e-6)
    assert ((there >= -1) & (there <= 1)).all()


def test_the_embedded_encoder_has_a_calibration_of_its_kind(
    default_encoder: MorphemeEncoder, tiny_encoder: TinyEncoder
) -> None:
    assert CosineEncoder(tiny_encoder).usual_scale == LINEAR
    shipped = CosineEncoder(default_encoder).usual_scale
    assert shipped == StsScale.read(MorphemeEncoder.calibration)
    assert shipped.fit["development"]["rmse"] < 1.04

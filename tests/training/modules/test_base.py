"""Bases that are transformers, and the loader's choice between the kinds."""

import json
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mundap.index.encoders.encoder import EncoderError
from mundap.index.encoders.pooling import Pooling
from mundap.index.encoders.registry import load_encoder
from mundap.index.faq.entry import FaqEntry
from mundap.training.config import TrainingConfig
from mundap.training.data.pairs import pairs_from_faq
from mundap.training.data.split import Split
from mundap.training.fit.trainer import train
from mundap.training.modules.base import TransformerEncoder, load_base, morpheme_embedding
from tests.training.small_base import write_small_base
from tests.training.small_bert import write_small_bert

pytestmark = pytest.mark.slow

FAQ = [
    FaqEntry("fee", "배송비는 얼마예요", "배송비는 3천 원", ("배송 돼요",)),
    FaqEntry("refund", "환불 되나", "환불 되나요 돼요", ("환불 얼마",)),
    FaqEntry("order", "주문 되나요", "주문 돼요", ("order 되나",)),
]


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random one-layer BERT in transformers layout, with a few Hangul word pieces."""
    letters = "배송비는얼마예요환불되나주문돼order"
    return write_small_bert(tmp_path_factory.mktemp("bert"), letters)


@pytest.mark.parametrize("pooling", ["mean", "cls", "max"])
def test_a_transformer_trains_with_each_pooling_and_loads_as_an_encoder(
    pooling: Pooling, bert: Path, tmp_path: Path
) -> None:
    config = TrainingConfig(
        base=str(bert), pooling=pooling, epochs=3, max_seq_length=32, learning_rate=1e-2
    )
    path = train(Split(pairs_from_faq(FAQ), None, []), config, tmp_path / "encoder")

    encoder = load_encoder(path)
    texts = [entry.question for entry in FAQ]
    vectors = encoder.encode(texts)
    assert vectors.shape == (3, 16)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)
    started = load_base(str(bert), pooling=pooling, max_seq_length=32)
    assert not np.allclose(vectors, TransformerEncoder(started).encode(texts), atol=1e-3)
    again = load_base(str(path), pooling=None, max_seq_length=128)
    np.testing.assert_allclose(TransformerEncoder(again).encode(texts), vectors, atol=1e-6)
    record = json.loads((path / "training.json").read_text(encoding="utf-8"))
    assert record["fingerprint"] == encoder.fingerprint
    assert record["config"]["pooling"] == pooling
    assert record["config"]["batch_size"] == 32


def test_the_longest_text_is_what_the_config_says(bert: Path) -> None:
    assert load_base(str(bert), pooling="cls", max_seq_length=24).max_seq_length == 24
    assert load_base(str(bert), pooling=None, max_seq_length=4096).max_seq_length == 64


def test_the_embedded_kind_is_known_by_its_config(bert: Path, tmp_path: Path) -> None:
    embedded = load_base(str(write_small_base(tmp_path)), pooling=None, max_seq_length=128)
    assert morpheme_embedding(embedded) is not None
    assert morpheme_embedding(load_base(str(bert), pooling=None, max_seq_length=32)) is None
    with pytest.raises(EncoderError, match="cls pooling is for transformer bases"):
        load_base(str(tmp_path), pooling="cls", max_seq_length=128)


def test_what_is_kept_for_serving_cannot_be_trained(tmp_path: Path) -> None:
    (tmp_path / "onnx").mkdir()
    (tmp_path / "onnx" / "model.onnx").touch()
    with pytest.raises(EncoderError, match=rf"^{tmp_path}: kept for serving, in a form that cann"):
        load_base(str(tmp_path), pooling=None, max_seq_length=128)


def test_a_base_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"holds neither modules.json nor config.json"):
        load_base(str(tmp_path), pooling=None, max_seq_length=128)
    with pytest.raises(EncoderError, match=r"^someone/encoder: neither a local directory nor"):
        load_base("someone/encoder", pooling=None, max_seq_length=128)


DIRTY = [
    "배송 abc 얼마예요?! 123 😀",
    "배송",
    "환불\u3000돼요...",
    "order",
    "ㅋㅋ 환불",
    "배송비 ok 얼마",
]
CLEAN = ["배송 얼마예요", "배송", "환불 돼요", "", "ㅋㅋ 환불", "배송비 얼마"]


def trained(base: Path, output: Path, **changes: Any) -> Path:
    config = TrainingConfig(
        base=str(base), epochs=1, max_seq_length=32, learning_rate=1e-2, batch_size=4, **changes
    )
    return train(Split(pairs_from_faq(FAQ), None, []), config, output)


@pytest.mark.parametrize("kind", ["bert", "embedded"])
def test_an_encoder_of_hangul_only_sees_nothing_else_ever_after(
    kind: str, bert: Path, tmp_path: Path
) -> None:
    base = bert if kind == "bert" else write_small_base(tmp_path)
    encoder = load_encoder(trained(base, tmp_path / "clean" / "e", clean_up="hangul-only"))
    np.testing.assert_allclose(encoder.encode(DIRTY), encoder.encode(CLEAN), atol=1e-6)
    decomposed = [unicodedata.normalize("NFD", text) for text in CLEAN]
    np.testing.assert_allclose(encoder.encode(decomposed), encoder.encode(CLEAN), atol=1e-6)
    raw = load_encoder(trained(base, tmp_path / "raw" / "e"))
    assert not np.allclose(raw.encode(DIRTY), raw.encode(CLEAN), atol=1e-3)


@pytest.mark.parametrize("kind", ["bert", "embedded"])
def test_the_clean_up_stays_through_further_training(kind: str, bert: Path, tmp_path: Path) -> None:
    base = bert if kind == "bert" else write_small_base(tmp_path)
    first = trained(base, tmp_path / "first" / "e", clean_up="hangul-only")
    encoder = load_encoder(trained(first, tmp_path / "second" / "e"))
    np.testing.assert_allclose(encoder.encode(DIRTY), encoder.encode(CLEAN), atol=1e-6)


def test_both_readers_of_an_embedded_encoder_clean_up_alike(tmp_path: Path) -> None:
    path = trained(write_small_base(tmp_path), tmp_path / "e" / "e", clean_up="hangul-only")
    module = TransformerEncoder(load_base(str(path), pooling=None, max_seq_length=32))
    np.testing.assert_allclose(module.encode(DIRTY), load_encoder(path).encode(DIRTY), atol=1e-6)


def test_an_encoder_that_sees_everything_is_written_as_ever(tmp_path: Path) -> None:
    path = trained(write_small_base(tmp_path), tmp_path / "e" / "e")
    config = json.loads((path / "config.json").read_text(encoding="utf-8"))
    assert list(config) == ["dimension", "ngram_rows", "dictionary", "encoder"]

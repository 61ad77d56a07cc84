"""Bases that are transformers, and the loader's choice between the kinds."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel, BertTokenizer

from index.encoder import EncoderError, load_encoder
from index.faq import FaqEntry
from index.sentence_encoder import Pooling
from tests.training.small_base import write_small_base
from training.base import TransformerEncoder, load_base, morpheme_embedding
from training.config import TrainingConfig
from training.pairs import pairs_from_faq
from training.split import Split
from training.trainer import train

FAQ = [
    FaqEntry("fee", "배송비는 얼마예요", "배송비는 3천 원", ("배송 돼요",)),
    FaqEntry("refund", "환불 되나", "환불 되나요 돼요", ("환불 얼마",)),
    FaqEntry("order", "주문 되나요", "주문 돼요", ("order 되나",)),
]


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random one-layer BERT in transformers layout, with a few Hangul word pieces."""
    directory = tmp_path_factory.mktemp("bert")
    letters = "배송비는얼마예요환불되나주문돼order"
    pieces = [*letters, *(f"##{letter}" for letter in letters)]
    words = list(dict.fromkeys(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *pieces]))
    (directory / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    BertTokenizer(str(directory / "vocab.txt"), do_lower_case=False).save_pretrained(directory)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(directory)
    return directory


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


def test_a_base_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"holds neither modules.json nor config.json"):
        load_base(str(tmp_path), pooling=None, max_seq_length=128)
    with pytest.raises(EncoderError, match=r"^someone/encoder: neither a local directory nor"):
        load_base("someone/encoder", pooling=None, max_seq_length=128)

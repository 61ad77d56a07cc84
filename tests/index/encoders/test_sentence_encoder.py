import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from transformers import AutoTokenizer, BertConfig, BertModel, BertTokenizer

from mundap.index.encoders.encoder import EncoderError, Vectors, unit_rows
from mundap.index.encoders.pooling import Pooling
from mundap.index.encoders.registry import load_encoder
from mundap.index.encoders.sentence_encoder import SentenceEncoder, load_sentence_transformer

TEXTS = [
    "배송비는 얼마예요?",
    "환불 되나요",
    "guest로 주문 돼요?",
    "",
    "😀",
    "배송 " * 200,
]
POOLINGS: list[Pooling] = ["mean", "cls", "max"]


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random two-layer BERT in transformers layout, with a few Hangul word pieces."""
    directory = tmp_path_factory.mktemp("bert")
    letters = "배송비는얼마예요환불되나guest로주문돼?"
    pieces = [*letters, *(f"##{letter}" for letter in letters), "배송", "##비", "환불"]
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary = list(dict.fromkeys([*special, *pieces]))
    (directory / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    tokenizer = BertTokenizer(str(directory / "vocab.txt"), do_lower_case=False)
    tokenizer.save_pretrained(directory)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=256,
    )
    BertModel(config).save_pretrained(directory)
    return directory


def by_hand(directory: Path, text: str, pooling: Pooling, max_length: int = 128) -> Vectors:
    """Pool the last layer of one text with torch alone."""
    tokenizer = AutoTokenizer.from_pretrained(directory)
    tokens = tokenizer(text, truncation=True, max_length=max_length, return_tensors="pt")
    with torch.no_grad():
        last = BertModel.from_pretrained(directory)(**tokens).last_hidden_state[0]
    pooled = {"mean": last.mean(dim=0), "cls": last[0], "max": last.max(dim=0).values}[pooling]
    vector: Vectors = unit_rows(pooled[None].numpy())[0]
    return vector


def encode(encoder: SentenceTransformer, texts: Sequence[str]) -> Vectors:
    return unit_rows(encoder.encode(list(texts), show_progress_bar=False))


@pytest.mark.parametrize("pooling", POOLINGS)
def test_pooling_is_that_of_a_hand_computation(bert: Path, pooling: Pooling) -> None:
    encoder = load_sentence_transformer(bert, pooling=pooling)

    vectors = encode(encoder, TEXTS)

    expected = np.stack([by_hand(bert, text, pooling) for text in TEXTS])
    np.testing.assert_allclose(vectors, expected, atol=1e-5)


def test_poolings_differ(bert: Path) -> None:
    mean, cls, largest = (
        encode(load_sentence_transformer(bert, pooling=pooling), TEXTS[:1]) for pooling in POOLINGS
    )

    assert not np.allclose(mean, cls, atol=1e-2)
    assert not np.allclose(mean, largest, atol=1e-2)
    assert not np.allclose(cls, largest, atol=1e-2)


def test_a_plain_transformer_is_pooled_by_the_mean(bert: Path) -> None:
    expected = encode(load_sentence_transformer(bert, pooling="mean"), TEXTS)

    np.testing.assert_allclose(encode(load_sentence_transformer(bert), TEXTS), expected, atol=1e-6)


@pytest.mark.parametrize("pooling", [None, *POOLINGS])
def test_texts_are_cut_at_the_length_asked_for(bert: Path, pooling: Pooling | None) -> None:
    encoder = load_sentence_transformer(bert, pooling=pooling, max_seq_length=8)
    long = "환 불 되 나 요 배 송 비"

    cut, same, other = encode(encoder, [long, "환 불 되 나 요 배 는 는", "환 불 되 나 요 는 송 비"])

    assert encoder.max_seq_length == 8
    # Six pieces between [CLS] and [SEP].
    np.testing.assert_allclose(cut, same, atol=1e-6)
    assert not np.allclose(cut, other, atol=1e-5)
    np.testing.assert_allclose(cut, by_hand(bert, long, pooling or "mean", 8), atol=1e-5)


def test_texts_are_cut_at_128_pieces_unless_told_otherwise(bert: Path) -> None:
    assert load_sentence_transformer(bert).max_seq_length == 128
    # No further than the encoder has positions for.
    assert load_sentence_transformer(bert, max_seq_length=1000).max_seq_length == 256


def test_the_pooling_that_a_sentence_transformer_brings_is_kept(bert: Path, tmp_path: Path) -> None:
    original = load_sentence_transformer(bert, pooling="cls")
    original.save(str(tmp_path / "saved"), create_model_card=False)

    kept = load_sentence_transformer(tmp_path / "saved")
    replaced = load_sentence_transformer(tmp_path / "saved", pooling="max")

    np.testing.assert_allclose(encode(kept, TEXTS), encode(original, TEXTS), atol=1e-6)
    expected = np.stack([by_hand(bert, text, "max") for text in TEXTS])
    np.testing.assert_allclose(encode(replaced, TEXTS), expected, atol=1e-5)


def test_a_sentence_encoder_gives_unit_rows_for_any_text(bert: Path) -> None:
    encoder = load_encoder(bert)

    vectors = encoder.encode(TEXTS)

    assert isinstance(encoder, SentenceEncoder)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), encoder.dimension) == (6, 32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert encoder.encode([]).shape == (0, 32)
    np.testing.assert_allclose(
        encoder.encode(TEXTS[:1])[0], by_hand(bert, TEXTS[0], "mean"), atol=1e-5
    )


def test_the_fingerprint_is_that_of_the_weights(bert: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(bert, tmp_path / "copy"))
    before = SentenceEncoder.load(copy).fingerprint
    torch.manual_seed(1)
    BertModel(BertConfig.from_pretrained(copy)).save_pretrained(copy)

    assert before == SentenceEncoder.load(bert).fingerprint
    assert SentenceEncoder.load(copy).fingerprint != before


@pytest.mark.parametrize("name", ["./nowhere", "/no/such/directory", "~/nowhere"])
def test_a_missing_directory_is_refused(name: str) -> None:
    with pytest.raises(EncoderError, match=f"{name}: no such encoder directory"):
        load_encoder(name)


def test_a_file_is_no_encoder(tmp_path: Path) -> None:
    (tmp_path / "model.bin").touch()

    with pytest.raises(EncoderError, match=r"model\.bin: no such encoder directory"):
        load_encoder(tmp_path / "model.bin")


@pytest.mark.parametrize("name", ["klue/roberta-base", "kluerobertabase", "not a name", "a/b/c"])
def test_a_hub_name_out_of_reach_is_refused_with_a_way_out(name: str) -> None:
    wanted = rf"{name}: neither a local directory nor a model .*\"default\" needs no network"
    with pytest.raises(EncoderError, match=wanted):
        load_encoder(name)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_truncated_weights_are_refused(bert: Path, tmp_path: Path, share: float) -> None:
    copy = Path(shutil.copytree(bert, tmp_path / "copy"))
    whole = (copy / "model.safetensors").read_bytes()
    (copy / "model.safetensors").write_bytes(whole[: int(share * len(whole))])

    with pytest.raises(EncoderError, match="copy: not a loadable encoder"):
        load_encoder(copy)


@pytest.mark.parametrize("pooling", [None, "mean"])
@pytest.mark.parametrize("content", ["", "{", "[]", "{}", json.dumps({"model_type": "no-such"})])
def test_a_damaged_config_is_refused(
    bert: Path, tmp_path: Path, content: str, pooling: Pooling | None
) -> None:
    copy = Path(shutil.copytree(bert, tmp_path / "copy"))
    (copy / "config.json").write_text(content)

    with pytest.raises(EncoderError, match="copy: not a loadable encoder"):
        load_sentence_transformer(copy, pooling=pooling)


def test_missing_weights_are_refused(bert: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(bert, tmp_path / "copy"))
    (copy / "model.safetensors").unlink()

    with pytest.raises(EncoderError, match="copy: not a loadable encoder"):
        load_encoder(copy)


def test_weights_saved_without_their_tokenizer_are_refused(bert: Path, tmp_path: Path) -> None:
    BertModel.from_pretrained(bert).save_pretrained(tmp_path / "alone")

    with pytest.raises(EncoderError, match="alone: its tokenizer knows no words"):
        load_encoder(tmp_path / "alone")

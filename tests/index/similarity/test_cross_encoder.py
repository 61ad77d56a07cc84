import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoTokenizer, BertForSequenceClassification

from mundap.index.encoders.encoder import EncoderError
from mundap.index.similarity.cross_encoder import CrossEncoder, is_cross_encoder
from mundap.index.similarity.pair_encoder import load_pair_encoder
from mundap.index.similarity.scale import LINEAR
from tests.index.small_cross_encoder import write_cross_encoder

PAIRS = [("환불 되나요", "환불 돼요?"), ("배송비는 얼마예요", "guest로 주문"), ("환불", "배송")]


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_cross_encoder(tmp_path_factory.mktemp("cross") / "encoder")


def by_hand(directory: Path, one: str, other: str) -> float:
    """The logistic function of the one output, with torch alone."""
    tokens = AutoTokenizer.from_pretrained(directory)(one, other, return_tensors="pt")
    with torch.no_grad():
        output = BertForSequenceClassification.from_pretrained(directory).eval()(**tokens)
    return float(torch.sigmoid(output.logits[0, 0]))


def test_closeness_is_that_of_a_hand_computation(bert: Path) -> None:
    closeness = CrossEncoder.open(bert).closeness(PAIRS)

    assert closeness == pytest.approx([by_hand(bert, *pair) for pair in PAIRS], abs=1e-5)
    assert np.ptp(closeness) > 1e-3
    assert closeness.dtype == np.float64


def test_no_pairs_have_no_closeness(bert: Path) -> None:
    assert CrossEncoder.open(bert).closeness([]).shape == (0,)


def test_a_pair_longer_than_the_encoder_reads_is_cut(bert: Path) -> None:
    assert np.isfinite(CrossEncoder.open(bert).closeness([("환불 " * 900, "배송 " * 900)])).all()


def test_a_composed_and_a_decomposed_pair_are_as_close(bert: Path) -> None:
    decomposed = "\u1112\u116a\u11ab\u1107\u116e\u11af"  # 환불, as macOS types it
    closeness = CrossEncoder.open(bert).closeness([("환불", "배송"), (decomposed, "배송")])
    assert closeness[0] == closeness[1]


def test_its_directory_is_told_from_that_of_other_encoders(bert: Path, tmp_path: Path) -> None:
    loaded = load_pair_encoder(bert)

    assert isinstance(loaded, CrossEncoder)
    assert (loaded.has_cosines, loaded.usual_scale) == (False, LINEAR)
    for content in ("", "{", "[]", '{"architectures": []}', '{"architectures": ["BertModel"]}'):
        (tmp_path / "config.json").write_text(content)
        assert not is_cross_encoder(tmp_path)
    assert not is_cross_encoder(tmp_path / "nowhere")


def test_what_sentence_transformers_saves_is_one_too(bert: Path, tmp_path: Path) -> None:
    from sentence_transformers import CrossEncoder as Library

    Library(str(bert)).save_pretrained(str(tmp_path / "saved"))

    saved = load_pair_encoder(tmp_path / "saved")
    assert isinstance(saved, CrossEncoder)
    assert saved.closeness(PAIRS) == pytest.approx(CrossEncoder.open(bert).closeness(PAIRS))


def test_the_fingerprint_is_that_of_the_weights(bert: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(bert, tmp_path / "copy")
    assert CrossEncoder.open(copy).fingerprint == CrossEncoder.open(bert).fingerprint
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps({**config, "hidden_act": "relu"}))
    assert CrossEncoder.open(copy).fingerprint != CrossEncoder.open(bert).fingerprint


def test_weights_are_loaded_with_the_first_pair(bert: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(bert, tmp_path / "copy")
    (copy / "model.safetensors").write_bytes(b"nothing")
    opened = CrossEncoder.open(copy)
    with pytest.raises(EncoderError, match="copy: not a loadable cross-encoder"):
        opened.closeness(PAIRS)


def test_a_classifier_of_several_classes_is_refused(tmp_path: Path) -> None:
    directory = write_cross_encoder(tmp_path / "nli", classes=3)
    with pytest.raises(EncoderError, match="nli: a classifier of 3 classes; wanted a cross-enc"):
        CrossEncoder.open(directory).closeness(PAIRS)


def test_weights_that_are_no_numbers_are_refused(bert: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(bert, tmp_path / "copy")
    weights = BertForSequenceClassification.from_pretrained(copy)
    with torch.no_grad():
        weights.classifier.bias.fill_(float("nan"))
    weights.save_pretrained(copy)
    with pytest.raises(EncoderError, match="copy: gives NaN or infinity"):
        CrossEncoder.open(copy).closeness(PAIRS)

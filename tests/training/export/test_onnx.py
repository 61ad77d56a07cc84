"""An exported encoder gives the vectors of the one it was made from."""

import importlib.util
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Dense, Normalize

from mundap.index.encoders.encoder import EncoderError
from mundap.index.encoders.onnx_encoder import OnnxEncoder
from mundap.index.encoders.pooling import Pooling
from mundap.index.encoders.registry import kind_of, load_encoder
from mundap.index.encoders.sentence_encoder import SentenceEncoder, load_sentence_transformer
from mundap.training.export import onnx as export
from mundap.training.export.onnx import ExportError, export_onnx
from tests.index.small_cross_encoder import write_cross_encoder
from tests.training.small_bert import write_small_bert

pytestmark = pytest.mark.slow

TEXTS = [
    "환불 되나요?",
    "배송비는 얼마예요",
    "",
    "guest로 주문 ㅎㅎ 😀",
    "\u1112\u116a\u11ab불",
    "환불 " * 300,
    "돼",
]


@pytest.fixture(scope="module")
def bi_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained encoder's directory: BERT, mean pooling, a dense layer, unit length."""
    folder = tmp_path_factory.mktemp("bi")
    bert = write_small_bert(folder, "".join(TEXTS))
    transformer = load_sentence_transformer(bert, pooling="mean", max_seq_length=24)
    transformer.append(Dense(16, 12))
    transformer.append(Normalize())
    transformer.save(str(folder / "encoder"), create_model_card=False)
    return folder / "encoder"


@pytest.fixture(scope="module")
def exported(bi_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_onnx(bi_encoder, tmp_path_factory.mktemp("onnx") / "encoder")


def test_the_vectors_are_those_of_the_encoder_alone_and_together(
    bi_encoder: Path, exported: Path
) -> None:
    before, after = load_encoder(bi_encoder), load_encoder(exported)
    assert isinstance(after, OnnxEncoder)
    assert after.dimension == before.dimension == 12
    np.testing.assert_allclose(after.encode(TEXTS), before.encode(TEXTS), atol=1e-5)
    np.testing.assert_allclose(after.encode(TEXTS[:1]), before.encode(TEXTS[:1]), atol=1e-5)
    assert after.encode([]).shape == (0, 12)
    many = [f"{text} {number}" for number in range(12) for text in TEXTS]
    np.testing.assert_allclose(after.encode(many), before.encode(many), atol=1e-5)


@pytest.mark.parametrize("pooling", ["cls", "max"])
def test_every_pooling_is_exported(pooling: Pooling, tmp_path: Path) -> None:
    (tmp_path / "bert").mkdir()
    bert = write_small_bert(tmp_path / "bert", "".join(TEXTS))
    load_sentence_transformer(bert, pooling=pooling).save(
        str(tmp_path / "encoder"), create_model_card=False
    )
    after = load_encoder(export_onnx(tmp_path / "encoder", tmp_path / "onnx"))
    before = load_encoder(tmp_path / "encoder")
    np.testing.assert_allclose(after.encode(TEXTS), before.encode(TEXTS), atol=1e-5)


def test_whole_numbers_keep_the_vectors_nearly(bi_encoder: Path, tmp_path: Path) -> None:
    path = export_onnx(bi_encoder, tmp_path / "int8", int8=True)
    assert [file.name for file in (path / "onnx").iterdir()] == ["model_int8.onnx"]
    before, after = load_encoder(bi_encoder).encode(TEXTS), load_encoder(path).encode(TEXTS)
    cosines = (before * after).sum(axis=1)
    assert cosines.min() > 0.99
    assert not np.allclose(before, after, atol=1e-6)


def test_the_directory_has_the_layout_of_sentence_transformers_without_torch_weights(
    exported: Path,
) -> None:
    names = {file.relative_to(exported).as_posix() for file in exported.rglob("*")}
    assert {"onnx/model.onnx", "modules.json", "config.json", "tokenizer.json"} <= names
    assert not [name for name in names if name.endswith((".safetensors", ".bin"))]
    from onnxruntime import InferenceSession

    session = InferenceSession(exported / "onnx/model.onnx")
    # What sentence-transformers' own ONNX backend reads.
    assert "last_hidden_state" in [output.name for output in session.get_outputs()]


def test_a_hangul_clean_up_in_the_tokenizer_is_exported_with_it(tmp_path: Path) -> None:
    from mundap.training.modules.base import clean_up_texts

    (tmp_path / "bert").mkdir()
    bert = write_small_bert(tmp_path / "bert", "".join(TEXTS))
    transformer = load_sentence_transformer(bert)
    clean_up_texts(transformer, "hangul-only")
    transformer.save(str(tmp_path / "encoder"), create_model_card=False)
    after = load_encoder(export_onnx(tmp_path / "encoder", tmp_path / "onnx"))
    vectors = after.encode(["환불 되나요", "환불 되나요?!1 guest"])
    np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-6)


def test_another_export_has_another_fingerprint(bi_encoder: Path, exported: Path) -> None:
    prints = {load_encoder(path).fingerprint for path in (bi_encoder, exported)}
    assert len(prints) == 2
    assert all(len(one) == 64 for one in prints)


def test_a_failure_leaves_what_was_there(
    bi_encoder: Path, exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = shutil.copytree(exported, tmp_path / "old")
    before = {file: file.read_bytes() for file in old.rglob("*") if file.is_file()}

    def fail(*args: Any) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(export, "_write_rest", fail)
    monkeypatch.setattr(export, "_write_graph", lambda *args, **options: None)
    with pytest.raises(OSError, match="No space left"):
        export_onnx(bi_encoder, old)
    assert {file: file.read_bytes() for file in old.rglob("*") if file.is_file()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


def test_what_cannot_be_exported_is_refused(exported: Path, tmp_path: Path) -> None:
    cross = write_cross_encoder(tmp_path / "cross")
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "diary.txt").write_text("비", encoding="utf-8")
    with pytest.raises(EncoderError, match=r"^default: the embedded encoder is read without"):
        export_onnx("default", tmp_path / "out")
    with pytest.raises(ExportError, match="cross: a cross-encoder; wanted an encoder of single"):
        export_onnx(cross, tmp_path / "out")
    with pytest.raises(EncoderError, match=r"is an ONNX export already\. Name the one"):
        export_onnx(exported, tmp_path / "out")
    with pytest.raises(EncoderError, match="some/encoder: neither a local directory"):
        export_onnx("some/encoder", tmp_path / "out")
    with pytest.raises(EncoderError, match="letters: holds files that are no encoder"):
        export_onnx(exported, tmp_path / "letters")
    assert not (tmp_path / "out").exists()


def test_a_missing_library_is_named_with_its_install_command(
    bi_encoder: Path, exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec

    def without(name: str, *args: Any) -> Any:
        return None if name in {"onnxscript", "onnxruntime"} else find(name, *args)

    monkeypatch.setattr("mundap.training.export.onnx.find_spec", without)
    monkeypatch.setattr("mundap.index.encoders.onnx_encoder.find_spec", without)
    with pytest.raises(ExportError, match=r"needs onnxruntime, onnxscript, .*: pip install onnxr"):
        export_onnx(bi_encoder, tmp_path / "out")
    with pytest.raises(EncoderError, match=r"which needs onnxruntime\. Install it: pip install"):
        load_encoder(exported)


class _Untraceable(Normalize):
    def forward(self, features: dict[str, Any]) -> dict[str, Any]:
        if float(features["sentence_embedding"].sum()) > 1e9:
            raise AssertionError
        return super().forward(features)


def test_a_part_that_onnx_does_not_know_is_refused(
    bi_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    transformer = SentenceTransformer(str(bi_encoder))
    transformer.append(_Untraceable())
    monkeypatch.setattr(export, "load_sentence_transformer", lambda *args: transformer)
    with pytest.raises(
        ExportError, match=r"^This encoder has a part that ONNX does not know \(.+\)"
    ):
        export_onnx(bi_encoder, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_export_is_refused(exported: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(exported, tmp_path / "copy")
    (copy / "onnx/model.onnx").write_bytes(b"nothing")
    with pytest.raises(EncoderError, match=r"copy: not a loadable ONNX encoder \(.+\)\. Export it"):
        load_encoder(copy)
    shutil.copy(exported / "onnx/model.onnx", copy / "onnx/other.onnx")
    with pytest.raises(EncoderError, match="copy: 2 ONNX graphs; wanted one"):
        load_encoder(copy)
    shutil.rmtree(copy / "onnx")
    assert kind_of(copy) is SentenceEncoder


def test_an_encoder_that_ships_both_kinds_of_weights_is_read_with_torch(
    bi_encoder: Path, exported: Path, tmp_path: Path
) -> None:
    both = shutil.copytree(bi_encoder, tmp_path / "both")
    shutil.copytree(exported / "onnx", both / "onnx")
    assert kind_of(both) is SentenceEncoder
    assert json.loads((both / "modules.json").read_text(encoding="utf-8"))

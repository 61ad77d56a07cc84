import hashlib
import importlib.util
import json
import re
import shutil
import sys
import types
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mundap.index.encoders.encoder import EncoderError, Vectors, directory_fingerprint
from mundap.index.encoders.pretrained import PretrainedEncoder
from mundap.index.encoders.registry import (
    kind_of,
    load_encoder,
    load_pretrained,
    wanted_pretrained,
)
from mundap.index.encoders.shipped import SHIPPED
from tests.index.encoders.small_pretrained import WORDS, matrix, write_small_pretrained

FILES = ("encoder.onnx", "embeddings.npy", "scales.npy", "tokenizer.json")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_pretrained(tmp_path_factory.mktemp("pretrained") / "small")


@pytest.fixture
def copy(small: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small, tmp_path / "copy"))


def states(directory: Path, words: Sequence[str]) -> Vectors:
    """Return what the tiny encoder makes of these words, computed without it."""
    rows = [WORDS.index(word) for word in words]
    table = np.load(directory / "embeddings.npy")[rows].astype(np.float32)
    scales = np.load(directory / "scales.npy")[rows].astype(np.float32)
    found: Vectors = (table * scales[:, None]) @ matrix()
    return found


def unit(rows: Vectors) -> Vectors:
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


@pytest.mark.parametrize("side", ["query", "passage"])
def test_a_text_is_the_mean_of_all_its_pieces_and_its_own_pieces_apart(
    side: str, small: Path
) -> None:
    encoder = load_pretrained(small)
    read, encode = (
        (encoder.read_queries, encoder.encode)
        if side == "query"
        else (encoder.read_passages, encoder.encode_passages)
    )
    (found,) = read(["환불 되나요"])
    expected = states(small, ["<s>", side, ":", "환불", "되나요", "</s>"])
    np.testing.assert_allclose(found.vector, unit(expected.mean(axis=0)), atol=1e-6)
    np.testing.assert_allclose(found.pieces, unit(expected[3:5]), atol=1e-6)
    np.testing.assert_array_equal(encode(["환불 되나요"]), found.vector[None])


def test_a_text_has_the_same_vectors_whatever_stands_beside_it(small: Path) -> None:
    encoder = load_pretrained(small)
    texts = ["환불", "배송 환불 되나요", "", "환불 " * 50, "qzx"]
    together, alone = encoder.read_passages(texts), [encoder.read_passages([t])[0] for t in texts]
    for one, other in zip(together, alone, strict=True):
        np.testing.assert_array_equal(one.vector, other.vector)
        np.testing.assert_array_equal(one.pieces, other.pieces)
    assert [len(text.pieces) for text in together] == [1, 3, 0, 4, 1]


def test_many_texts_read_together_have_about_the_vectors_of_each_alone(small: Path) -> None:
    encoder = load_pretrained(small)
    texts = ["환불", "", *["배송 환불 되나요"] * 40, "qzx", "\ud83d", "환불 " * 500]
    np.testing.assert_allclose(encoder.encode_together(texts), encoder.encode(texts), atol=1e-5)
    assert encoder.encode_together([]).shape == (0, encoder.dimension)


@pytest.mark.parametrize("text", ["", "?!", "😀", "\ud83d", "\x00", "환불 " * 1000])
def test_any_text_has_a_unit_vector(text: str, small: Path) -> None:
    (vector,) = load_encoder(small).encode([text])
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-6)
    assert vector.dtype == np.float32


def test_decomposed_hangul_reads_as_composed(small: Path) -> None:
    encoder = load_encoder(small)
    one, other = encoder.encode(["환불 되나요", unicodedata.normalize("NFD", "환불 되나요")])
    np.testing.assert_array_equal(one, other)


def test_no_text_has_no_vector(small: Path) -> None:
    encoder = load_pretrained(small)
    assert encoder.encode([]).shape == encoder.encode_passages([]).shape == (0, 4)
    assert encoder.read_queries([]) == []


def test_its_fingerprint_is_that_of_its_directory_as_it_was_loaded(copy: Path) -> None:
    encoder = load_encoder(copy)
    expected = directory_fingerprint(copy)
    (copy / "config.json").write_text("{}", encoding="utf-8")
    assert encoder.fingerprint == expected


def test_the_shipped_one_has_a_name_and_a_directory_says_its_kind(copy: Path) -> None:
    assert SHIPPED == "mundap-small"
    assert kind_of(SHIPPED) is kind_of(copy) is PretrainedEncoder
    (copy / "encoder.onnx").unlink()  # damaged or not
    assert kind_of(copy) is PretrainedEncoder


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(name: str, copy: Path) -> None:
    (copy / name).unlink()
    with pytest.raises(EncoderError, match=rf"{name}: No such file or directory\. Install mundap"):
        load_encoder(copy)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("change", ["cut short", "a bit flipped"])
def test_a_changed_file_is_refused_with_both_values(name: str, change: str, copy: Path) -> None:
    whole = bytearray((copy / name).read_bytes())
    whole[len(whole) // 2] ^= 1
    (copy / name).write_bytes(whole[: len(whole) // 2] if change == "cut short" else whole)
    wanted = json.loads((copy / "config.json").read_text(encoding="utf-8"))["files"][name]
    with pytest.raises(EncoderError, match=rf"{name}: its SHA-256 is \w+, .* records {wanted}"):
        load_encoder(copy)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", r"config\.json: damaged \(JSONDecodeError"),
        ("[]", r"config\.json: damaged \(TypeError"),
        ('{"kind": "mundap-pretrained"}', r"config\.json: damaged \(KeyError\('pieces'\)\)"),
        (None, r"config\.json: No such file or directory\. Install mundap anew"),
    ],
)
def test_a_bad_config_is_refused(text: str | None, reason: str, copy: Path) -> None:
    (copy / "config.json").unlink()
    if text is not None:
        (copy / "config.json").write_text(text, encoding="utf-8")
    with pytest.raises(EncoderError, match=reason):
        PretrainedEncoder.load(copy)


def test_what_the_installed_onnxruntime_cannot_run_is_refused(copy: Path) -> None:
    (copy / "encoder.onnx").write_bytes(b"nothing")
    config = json.loads((copy / "config.json").read_text(encoding="utf-8"))
    del config["files"]["encoder.onnx"]
    (copy / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(EncoderError, match=r"copy: cannot be run by the installed onnxruntime"):
        load_encoder(copy)


def onnxruntime_that(
    monkeypatch: pytest.MonkeyPatch, load: Exception | None = None, run: Exception | None = None
) -> None:
    """Put a library in the place of onnxruntime that fails as it loads or runs a graph."""

    class Session:
        def __init__(self, *graph: Any, **options: Any) -> None:
            if load is not None:
                raise load

        def run(self, *given: Any) -> Any:
            assert run is not None
            raise run

    library = types.ModuleType("onnxruntime")
    vars(library).update(InferenceSession=Session, SessionOptions=types.SimpleNamespace)
    library.__spec__ = importlib.util.spec_from_loader("onnxruntime", None)
    monkeypatch.setitem(sys.modules, "onnxruntime", library)


@pytest.mark.parametrize(
    "failing",
    [
        {"load": RuntimeError("Unsupported model IR version: 10, max supported: 6\n at graph.cc")},
        {"run": RuntimeError("NOT_IMPLEMENTED: no kernel for this processor\n at session.cc")},
    ],
    ids=["another version", "another processor"],
)
def test_an_onnxruntime_that_fails_on_the_graph_is_named_before_anything_is_read(
    failing: dict[str, Exception], small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    onnxruntime_that(monkeypatch, **failing)
    [error] = failing.values()
    reason = re.escape(str(error).splitlines()[0])
    with pytest.raises(
        EncoderError,
        match=rf"small: cannot be run by the installed onnxruntime and tokenizers \({reason}\)\. "
        r"Install the versions that constraints\.txt names\.$",
    ):
        load_encoder(small)


def test_a_missing_library_is_named_with_its_install_command(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec

    def without(name: str, *args: Any) -> Any:
        return None if name == "onnxruntime" else find(name, *args)

    monkeypatch.setattr("mundap.index.encoders.pretrained.find_spec", without)
    with pytest.raises(
        EncoderError, match=r"small: needs onnxruntime\. Install it: `pip install onnxruntime`\.$"
    ):
        load_encoder(small)


def test_an_encoder_of_whole_texts_does_not_read_piece_by_piece() -> None:
    with pytest.raises(EncoderError, match=r"^default: gives vectors of whole texts alone; wanted"):
        load_pretrained("default")


def test_each_file_is_read_once_to_verify_it_and_to_tell_which_encoder_it_is(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    digest = hashlib.file_digest

    def counted(file: Any, name: str) -> Any:
        read.append(Path(file.name).name)
        return digest(file, name)

    fingerprint = directory_fingerprint(small)
    monkeypatch.setattr(hashlib, "file_digest", counted)
    assert load_encoder(small).fingerprint == fingerprint
    assert sorted(read) == sorted([*FILES, "config.json"])


@pytest.mark.parametrize("wanted", [None, "none", Path("none")])
def test_nothing_is_loaded_where_no_pretrained_encoder_is_wanted(wanted: str | Path | None) -> None:
    assert wanted_pretrained(wanted) == (None, None)


def test_a_pretrained_encoder_comes_with_where_it_lies(small: Path) -> None:
    encoder, directory = wanted_pretrained(small)
    assert encoder is not None
    assert (encoder.fingerprint, directory) == (directory_fingerprint(small), small)

import json
from pathlib import Path

import pytest

from mundap.index.encoders.encoder import EncoderError
from mundap.index.encoders.kind import EncoderKind
from mundap.index.encoders.morpheme_encoder import MorphemeEncoder
from mundap.index.encoders.onnx_encoder import OnnxEncoder
from mundap.index.encoders.registry import kind_of, usual_learning_rate, usual_scale
from mundap.index.encoders.sentence_encoder import SentenceEncoder
from tests.tiny_encoder import TinyEncoder

EMBEDDED = json.dumps({"encoder": "mundap-morpheme-1"})
BERT = json.dumps({"architectures": ["BertModel"], "model_type": "bert"})


def written(directory: Path, **files: str) -> Path:
    """Write a directory of small files; of a name `__` is a slash and `_` a dot."""
    for name, text in files.items():
        path = directory / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return directory


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"config_json": EMBEDDED}, MorphemeEncoder),
        ({"config_json": BERT, "model_safetensors": ""}, SentenceEncoder),
        ({"config_json": BERT, "onnx__model_onnx": ""}, OnnxEncoder),
        # Published with both: torch reads more of them than onnxruntime.
        ({"config_json": BERT, "onnx__model_onnx": "", "model_safetensors": ""}, SentenceEncoder),
        ({"config_json": "{"}, SentenceEncoder),
        ({"config_json": "[]"}, SentenceEncoder),
        ({}, SentenceEncoder),
    ],
)
def test_a_directory_has_the_kind_that_its_files_say(
    files: dict[str, str], kind: type[EncoderKind], tmp_path: Path
) -> None:
    assert kind_of(written(tmp_path, **files)) is kind
    assert kind_of(str(tmp_path)) is kind


def test_a_name_has_a_kind_before_anything_is_made_or_fetched() -> None:
    assert kind_of("default") is MorphemeEncoder
    assert kind_of("BAAI/bge-m3") is SentenceEncoder


def test_every_kind_has_its_usual_values(tmp_path: Path) -> None:
    assert usual_learning_rate("default") == 2e-3
    assert usual_learning_rate("BAAI/bge-m3") == 2e-5
    exported = written(tmp_path / "exported", onnx__model_onnx="")
    with pytest.raises(EncoderError, match=r"exported: kept for serving, in a form that cannot be"):
        usual_learning_rate(exported)


def test_an_encoder_of_no_kind_has_no_usual_calibration() -> None:
    assert usual_scale(TinyEncoder()) is None

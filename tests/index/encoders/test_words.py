import json
import shutil
from pathlib import Path

from mundap.index.encoders.encoder import Encoder
from mundap.index.encoders.registry import encoder_directory
from mundap.index.encoders.shipped import SHIPPED
from mundap.index.encoders.words import encoder_words
from tests.training.small_bert import write_small_bert


def test_an_encoder_that_comes_with_the_project_has_its_name(default_encoder: Encoder) -> None:
    assert encoder_words("default") == "static vectors of morphemes, as it comes"
    named = "mundap-small, a pretrained transformer in 8 bits, as it comes"
    assert encoder_words(SHIPPED) == named


def test_a_trained_encoder_says_on_how_much(tmp_path: Path, default_encoder: Encoder) -> None:
    copy = tmp_path / "encoder"
    shutil.copytree(encoder_directory("default"), copy)
    record = copy / "training.json"
    record.write_text(json.dumps({"pairs": 13256}), encoding="utf-8")
    assert encoder_words(copy) == "static vectors of morphemes, trained on 13,256 pairs"
    record.write_text(json.dumps({"tasks": {"sts": {}}}), encoding="utf-8")
    assert encoder_words(copy) == "static vectors of morphemes, trained"
    record.write_text("{", encoding="utf-8")
    assert encoder_words(copy) == "static vectors of morphemes, as it comes"


def test_any_other_encoder_is_a_transformer(tmp_path: Path) -> None:
    assert encoder_words(write_small_bert(tmp_path, ["환불"])) == "a transformer, as it comes"


def test_an_encoder_that_is_nowhere_has_its_kind_alone(tmp_path: Path) -> None:
    assert encoder_words(tmp_path / "gone") == "a transformer"

"""Your own FAQ in three commands."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from index.table import write_table
from tests.command_lines import Mundap, assert_refused
from tests.training.small_base import write_small_base


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_base(tmp_path_factory.mktemp("base"))


def test_a_faq_is_trained_indexed_and_asked(base: Path, mundap: Mundap, files: Path) -> None:
    options = ["--base", base, "--epochs", "3", "--learning-rate", "0.1", "--seed", "5"]
    trained = mundap("train", "--data", "faq.csv", "--output", "encoder", *options)
    assert (trained.code, trained.out) == (0, "")
    assert trained.err.endswith("Encoder written to encoder\n")
    assert re.search(r"epoch 1  loss \d\.\d{4}  development Hit@1 \d\.\d{4}", trained.err)
    config = json.loads((files / "encoder/training.json").read_text(encoding="utf-8"))["config"]
    assert (config["base"], config["epochs"], config["seed"]) == (str(base), 3, 5)

    build = ["index", "build", "--faq", "faq.csv", "--encoder", "encoder", "--output", "index"]
    built = mundap(*build)
    assert (built.code, built.out) == (0, "")
    assert "Generation 1: 4 entries, 7 questions (7 newly embedded), flat index" in built.err

    asked = mundap("ask", "배송비는 얼마인가요?", "--index", "index", "--json")
    assert (asked.code, asked.err) == (0, "")
    assert json.loads(asked.out)["hits"][0]["entry_id"] == "fee"


def test_an_index_of_another_encoder_is_refused_with_both_fingerprints(
    base: Path, mundap: Mundap, files: Path
) -> None:
    train = ["train", "--data", "faq.csv", "--output", "encoder", "--base", base]
    assert mundap(*train, "--epochs", "1").code == 0
    build = ["index", "build", "--faq", "faq.csv", "--encoder", "encoder", "--output", "index"]
    assert mundap(*build).code == 0
    first = json.loads((files / "encoder/training.json").read_text(encoding="utf-8"))["fingerprint"]
    options = ["--development", "0", "--epochs", "2", "--learning-rate", "0.1"]
    assert mundap(*train, *options).code == 0
    then = json.loads((files / "encoder/training.json").read_text(encoding="utf-8"))["fingerprint"]
    assert first != then
    reason = f"made by encoder {first} .* the encoder given is {then}"
    assert_refused(mundap("ask", "환불", "--index", "index"), reason)


def test_a_file_of_pairs_is_trained_on(base: Path, mundap: Mundap, files: Path) -> None:
    rows = [("환불 되나요", "돈 돌려받기"), ("배송비", "택배 요금"), ("쿠폰", "할인권")]
    write_table(pd.DataFrame(rows, columns=["anchor", "positive"]), files / "pairs.parquet")
    options = ["--base", base, "--epochs", "1", "--development", "0"]
    done = mundap("train", "--data", "pairs.parquet", "--output", "encoder", *options)
    assert (done.code, done.out) == (0, "")
    record = json.loads((files / "encoder/training.json").read_text(encoding="utf-8"))
    assert (record["pairs"], record["development_queries"]) == (3, 0)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--output", "letters"), "letters: holds files that are no encoder"),
        (("--output", "faq.csv"), "faq.csv: Not a directory"),
        (("--output", "e", "--pooling", "cls"), "cls pooling is for transformer bases"),
        (("--output", "e", "--base", "empty"), "holds neither modules.json nor config.json"),
        (("--output", "e", "--base", "some/encoder"), "some/encoder: neither a local directory"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_one_sentence(
    arguments: tuple[str, ...], reason: str, mundap: Mundap, files: Path
) -> None:
    before = sorted(files.rglob("*"))
    assert_refused(mundap("train", "--data", "faq.csv", *arguments), reason)
    assert sorted(files.rglob("*")) == before

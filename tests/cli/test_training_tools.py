"""Search, features, exports and cross-encoders from the command line."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from mundap.index.encoders.registry import load_encoder
from mundap.index.encoders.sentence_encoder import load_sentence_transformer
from mundap.index.similarity.pair_encoder import load_pair_encoder
from tests.cli.small_faq import ENTRIES
from tests.command_lines import Mundap, assert_refused
from tests.index.small_cross_encoder import write_cross_encoder
from tests.training.small_base import write_small_base
from tests.training.small_bert import write_small_bert

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def bi_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bi")
    write_small_bert(folder, (text for entry in ENTRIES for text in entry.passages))
    load_sentence_transformer(folder).save(str(folder / "encoder"), create_model_card=False)
    return folder / "encoder"


def test_a_column_is_encoded_beside_the_others(base: Path, mundap: Mundap, files: Path) -> None:
    done = mundap("encode", "faq.csv", "out.parquet", "--encoder", base, "--column", "question")
    assert (done.code, done.out) == (0, "")
    assert "4 rows written to out.parquet: column 'question' as 8 numbers each" in done.err
    assert "Encoding: 100%" in done.err
    frame = pd.read_parquet(files / "out.parquet")
    assert list(frame["question"]) == [entry.question for entry in ENTRIES]
    encoder = load_encoder(base)
    expected = encoder.encode([entry.question for entry in ENTRIES])
    np.testing.assert_allclose(np.stack(list(frame["embedding"])), expected)
    found = pq.read_schema(files / "out.parquet").metadata[b"mundap.encoder_fingerprint"]
    assert found.decode() == encoder.fingerprint


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("nowhere.csv", "o.parquet"), "nowhere.csv: no such file or folder"),
        (("faq.csv", "o.csv"), "o.csv: embeddings are written as Parquet"),
        (("faq.csv", "o.parquet", "--column", "물음"), "wanted '물음' as a column of text; found"),
        (("damaged.parquet", "o.parquet"), "damaged.parquet: not a readable parquet table"),
        (
            ("faq.csv", "o.parquet", "--batch-size", "0"),
            "Input should be greater than or equal to 1",
        ),
        (("faq.csv", "o.parquet", "--encoder", "empty"), "holds neither modules.json nor config"),
    ],
)
def test_what_cannot_be_encoded_is_refused_in_one_sentence(
    arguments: tuple[str, ...], reason: str, base: Path, mundap: Mundap, files: Path
) -> None:
    encoder = () if "--encoder" in arguments else ("--encoder", base)
    assert_refused(mundap("encode", *arguments, *encoder), reason)
    assert not list(files.glob("o.*"))


def test_what_a_search_finds_is_trained(base: Path, mundap: Mundap, files: Path) -> None:
    options = ["--base", base, "--epochs", "1", "--learning-rate", "0.01", "0.2"]
    done = mundap("search", "--data", "faq.csv", "--output", "found", "--trials", "2", *options)
    assert (done.code, done.out) == (0, "")
    assert "trial 2/2: mrr@10 " in done.err
    assert "Train it: mundap train --recipe found/best.toml --data faq.csv" in done.err
    train = ["train", "--recipe", "found/best.toml", "--data", "faq.csv", "--output", "encoder"]
    assert mundap(*train).code == 0
    record = json.loads((files / "encoder/training.json").read_text(encoding="utf-8"))
    assert record["config"]["base"] == str(base)
    assert 0.01 <= record["config"]["learning_rate"] <= 0.2
    other = ["--base", base, "--epochs", "2", "--learning-rate", "0.01", "0.2"]
    again = mundap("search", "--data", "faq.csv", "--output", "found", *other)
    assert_refused(again, r"study\.db: a study with another space")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--trials", "0"), "Input should be greater than or equal to 1"),
        (("--recipe", "nothing"), "nothing: no such recipe; wanted a TOML file or one of"),
        (("--recipe", "qa-sts"), "--data faq.csv: for which task"),
        (("--learning-rate", "0.1", "0.01"), "learning_rate is 0.1 to 0.01; wanted a range"),
        (("--batch-size", "1"), "batch_size is 1; wanted 2 to"),
        (("--development", "0"), "Nothing is held out to judge by"),
    ],
)
def test_what_cannot_be_searched_is_refused_in_one_sentence(
    arguments: tuple[str, ...], reason: str, base: Path, mundap: Mundap, files: Path
) -> None:
    search = ["search", "--data", "faq.csv", "--output", "found", "--base", base]
    assert_refused(mundap(*search, *arguments), reason)
    assert not (files / "found").exists()


def test_an_export_is_measured_and_compares(bi_encoder: Path, mundap: Mundap, files: Path) -> None:
    measured = ["--faq", "faq.csv", "--queries", "queries.csv", "--sts", "sts.csv"]
    done = mundap("export", "onnx", bi_encoder, "onnx", *measured, "--json")
    assert done.code == 0
    assert "ONNX encoder written to onnx" in done.err
    found = json.loads(done.out)
    assert set(found["quality"]) == {"STS Pearson", "STS Spearman", "Hit@1", "MRR@10"}
    assert all(before == pytest.approx(after) for before, after in found["quality"].values())
    assert found["agreement"]["lowest"] == pytest.approx(1.0)
    before = mundap("sts", "환불 며칠?", "환불은 며칠 걸려요?", "--encoder", bi_encoder, "--json")
    after = mundap("sts", "환불 며칠?", "환불은 며칠 걸려요?", "--encoder", "onnx", "--json")
    assert json.loads(after.out)["cosine"] == pytest.approx(json.loads(before.out)["cosine"])


def test_an_export_shows_a_table(bi_encoder: Path, mundap: Mundap, files: Path) -> None:
    done = mundap("export", "onnx", bi_encoder, "onnx", "--int8", "--faq", "faq.csv")
    assert done.code == 0
    for words in ("ms for one text", "texts a second", "cosine of the same text"):
        assert words in done.out


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("default", "out"), "default: the embedded encoder is read without torch"),
        (("some/encoder", "out"), "some/encoder: neither a local directory nor a model"),
        # Said before anything else is read.
        (("default", "out", "--queries", "nope.csv"), "so there is nothing to export"),
        (("mundap-small", "out", "--sts", "nope.csv"), "so there is nothing to export"),
        (("some/encoder", "out", "--queries", "strangers.csv"), "not in the FAQ"),
        (("some/encoder", "out", "--sts", "columns.csv"), "missing column 'sentence1'"),
        (("some/encoder", "letters"), "letters: holds files that are no encoder"),
    ],
)
def test_what_cannot_be_exported_is_refused_in_one_sentence(
    arguments: tuple[str, ...], reason: str, mundap: Mundap, files: Path
) -> None:
    assert_refused(mundap("export", "onnx", *arguments, "--faq", "faq.csv"), reason)
    assert not (files / "out").exists()


def test_a_cross_encoder_is_trained_and_compares(mundap: Mundap, files: Path) -> None:
    bert = write_cross_encoder(files / "bert")
    options = ["--base", bert, "--objective", "cross-encoder", "--epochs", "1"]
    done = mundap("train", "--data", "faq.csv", "--output", "cross", *options)
    assert (done.code, done.out) == (0, "")
    assert done.err.endswith("Cross-encoder written to cross\n")
    assert "mrr@10" in done.err
    closeness = load_pair_encoder(files / "cross").closeness([("환불", "환불 돼?")])
    assert 0 < closeness[0] < 1
    scored = mundap("sts", "환불 되나요?", "환불 돼요?", "--encoder", "cross", "--json")
    assert json.loads(scored.out)["cosine"] is None


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((), "the embedded encoder reads one text"),
        (("--pooling", "cls"), "--pooling is not for cross-encoders"),
        (("--clean-up", "raw"), "--clean-up is not for cross-encoders"),
        (("--scale", "20"), "--scale is not for cross-encoders"),
        (("--base", "empty"), "empty: no transformer that a cross-encoder can start from"),
    ],
)
def test_what_a_cross_encoder_cannot_do_is_refused_in_one_sentence(
    arguments: tuple[str, ...], reason: str, mundap: Mundap, files: Path
) -> None:
    train = ["train", "--data", "faq.csv", "--output", "cross", "--objective", "cross-encoder"]
    assert_refused(mundap(*train, *arguments), reason)
    assert not (files / "cross").exists()

"""Your own FAQ in three commands."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from mundap.index.tables.table_writer import write_table
from mundap.training.launch.team import Team
from tests.command_lines import Mundap, assert_refused
from tests.training.sentences import write_nli, write_sts
from tests.training.small_base import record, write_small_base

pytestmark = pytest.mark.slow


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


def test_an_encoder_trained_in_place_changes_no_index_that_was_built_with_it(
    base: Path, mundap: Mundap, files: Path
) -> None:
    train = ["train", "--data", "faq.csv", "--output", "encoder", "--base", base]
    assert mundap(*train, "--epochs", "1").code == 0
    build = ["index", "build", "--faq", "faq.csv", "--encoder", "encoder", "--output", "index"]
    assert mundap(*build, "--pretrained", "none").code == 0
    first = json.loads((files / "encoder/training.json").read_text(encoding="utf-8"))["fingerprint"]
    asked = mundap("ask", "환불", "--index", "index", "--json").out
    options = ["--development", "0", "--epochs", "2", "--learning-rate", "0.1"]
    assert mundap(*train, *options).code == 0
    then = json.loads((files / "encoder/training.json").read_text(encoding="utf-8"))["fingerprint"]
    assert first != then
    assert mundap("ask", "환불", "--index", "index", "--json").out == asked
    shown = json.loads(mundap("index", "info", "index").out)
    assert shown["encoders"]["retrieval"]["fingerprint"] == first


def test_a_file_of_pairs_is_trained_on(base: Path, mundap: Mundap, files: Path) -> None:
    rows = [("환불 되나요", "돈 돌려받기"), ("배송비", "택배 요금"), ("쿠폰", "할인권")]
    write_table(pd.DataFrame(rows, columns=["anchor", "positive"]), files / "pairs.parquet")
    options = ["--base", base, "--epochs", "1", "--development", "0"]
    done = mundap("train", "--data", "pairs.parquet", "--output", "encoder", *options)
    assert (done.code, done.out) == (0, "")
    record = json.loads((files / "encoder/training.json").read_text(encoding="utf-8"))
    assert (record["pairs"], record["development_queries"]) == (3, 0)


def test_judged_sentences_are_an_objective(base: Path, mundap: Mundap, files: Path) -> None:
    write_sts(files / "sts.csv")
    options = ["--base", base, "--epochs", "2", "--batch-size", "4", "--learning-rate", "0.1"]
    done = mundap("train", "--objective", "sts", "--data", "sts.csv", "--output", "e", *options)
    assert (done.code, done.out) == (0, "")
    assert re.search(r"epoch 0  development Pearson -?\d\.\d{4}  Spearman", done.err)
    assert re.search(r"epoch 1  loss \d\.\d{4}  development Pearson -?\d\.\d{4}", done.err)
    assert record(files / "e")["tasks"]["sts"]["objective"] == "sts"


def test_a_recipe_is_trained_stage_by_stage(base: Path, mundap: Mundap, files: Path) -> None:
    write_sts(files / "sts.csv")
    write_nli(files / "nli.csv")
    options = ["--base", base, "--epochs", "1", "--batch-size", "4", "--scale", "5"]
    data = ["--data", "nli=nli.csv", "--data", "sts=sts.csv", "--data", "qa=faq.csv"]
    done = mundap("train", "--recipe", "nli-sts-qa", *data, "--output", "e", *options)
    assert (done.code, done.out) == (0, "")
    found = record(files / "e")
    assert [stage["stage"] for stage in found["earlier"]] == ["nli", "sts"]
    assert (found["stage"], found["tasks"]["qa"]["scale"]) == ("qa", 5.0)
    assert done.err.endswith("Encoder written to e\n")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (
            ("--objective", "sts"),
            "faq.csv: missing column 'sentence1', 'sentence2', 'score'",
        ),
        (("--objective", "nli"), "faq.csv: missing column 'premise', 'hypothesis', 'label'; found"),
        (("--objective", "nli", "--scale", "3"), "nli: none of its objectives has a scale"),
        (("--recipe", "best"), "best: no such recipe; wanted a TOML file or one of"),
        (("--recipe", "nli-sts-qa"), "--data faq.csv: for which task"),
        (("--recipe", "qa-sts", "--data", "qa=faq.csv"), "--data faq.csv: for which task"),
        (("--recipe", "mnrl", "--objective", "sts"), "--recipe names its own objectives"),
        (("--interpolate", "2"), "interpolate is 2.0; wanted 0.0 to 1.0"),
    ],
)
def test_an_objective_or_recipe_that_does_not_fit_is_refused(
    options: tuple[str, ...], reason: str, mundap: Mundap, files: Path
) -> None:
    before = sorted(files.rglob("*"))
    refused = mundap("train", "--data", "faq.csv", "--output", "e", *options)
    assert_refused(refused, reason)
    assert sorted(files.rglob("*")) == before


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


@pytest.mark.parametrize(
    ("command", "what"),
    [
        ("mine faq.csv pairs.parquet", "mundap mine runs in one process, and 2 were started"),
        ("train --objective cross-encoder --data faq.csv --output e", "The cross-encoder's train"),
    ],
)
def test_what_several_processes_cannot_share_is_refused(
    command: str, what: str, mundap: Mundap, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setattr(Team, "join", Team.here)
    before = sorted(files.rglob("*"))
    assert_refused(mundap(*command.split()), what)
    assert sorted(files.rglob("*")) == before


def test_a_launcher_that_starts_one_process_for_several_is_refused(
    mundap: Mundap, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MASTER_PORT", "29500")
    monkeypatch.setenv("ACCELERATE_USE_CPU", "True")
    refused = mundap("train", "--data", "faq.csv", "--output", "e")
    assert_refused(refused, "accelerate launch --cpu was asked for several processes and started")

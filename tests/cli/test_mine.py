"""Hard negatives from the command line, and training with them."""

import re
from pathlib import Path

import pandas as pd
import pytest

from mundap.index.tables.table_writer import write_table
from mundap.training.data.pairs import pairs_from_faq
from tests.cli.small_faq import ENTRIES
from tests.command_lines import Mundap, assert_refused
from tests.training.small_base import write_small_base
from tests.training.small_pairs import read_pairs


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_base(tmp_path_factory.mktemp("base"))


@pytest.mark.slow
def test_a_faq_is_mined_and_the_pairs_are_trained_on(
    base: Path, mundap: Mundap, files: Path
) -> None:
    mined = mundap("mine", "--data", "faq.csv", "--output", "pairs.parquet", "--count", "2")
    assert (mined.code, mined.out) == (0, "")
    assert "Scores by bm25" in mined.err
    assert re.search(r"\d+ anchors have fewer than 2 negatives from bm25", mined.err)
    assert mined.err.endswith("Pairs written to pairs.parquet\n")
    pairs = read_pairs(files / "pairs.parquet")
    plain = pairs_from_faq(ENTRIES)
    assert [(p.anchor, p.positive, p.group) for p in pairs] == [
        (p.anchor, p.positive, p.group) for p in plain
    ]
    assert {len(pair.negatives) for pair in pairs} == {2}
    train = ["train", "--data", "pairs.parquet", "--output", "encoder", "--base", base]
    assert mundap(*train, "--epochs", "1", "--development", "0").code == 0


@pytest.mark.parametrize("source", ["model", "perturb"])
def test_an_encoder_mines_and_judges_edits(
    source: str, base: Path, mundap: Mundap, files: Path
) -> None:
    options = ["--source", source, "--encoder", base, "--count", "1", "--seed", "3"]
    mined = mundap("mine", "--data", "faq.csv", "--output", "pairs.jsonl", *options)
    assert (mined.code, mined.out) == (0, "")
    assert {len(pair.negatives) for pair in read_pairs(files / "pairs.jsonl")} == {1}
    again = mundap("mine", "--data", "faq.csv", "--output", "again.jsonl", *options)
    assert again.code == 0
    assert (files / "again.jsonl").read_bytes() == (files / "pairs.jsonl").read_bytes()


def test_pairs_are_mined_without_filling_up(mundap: Mundap, files: Path) -> None:
    rows = [("환불 되나요", "환불 가능?"), ("환불 언제 되나요", "돈"), ("가나다라", "마바사")]
    write_table(pd.DataFrame(rows, columns=["anchor", "positive"]), files / "pairs.parquet")
    options = ["--no-fill", "--relative-margin", "1", "--last", "9"]
    mined = mundap("mine", "--data", "pairs.parquet", "--output", "mined.parquet", *options)
    assert mined.code == 0
    assert [pair.negatives for pair in read_pairs(files / "mined.parquet")] == [(), (), ()]
    assert "3 pairs are left with fewer" in mined.err


@pytest.mark.slow
def test_two_rounds_leave_the_pairs_and_the_last_encoder(
    base: Path, mundap: Mundap, files: Path
) -> None:
    options = ["--source", "model", "--encoder", base, "--rounds", "2", "--trained", "encoder"]
    done = mundap("mine", "--data", "faq.csv", "--output", "pairs.parquet", *options)
    assert (done.code, done.out) == (0, "")
    assert "Encoder written to encoder\n" in done.err
    assert (files / "encoder/training.json").exists()
    assert {len(pair.negatives) for pair in read_pairs(files / "pairs.parquet")} == {4}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--data", "faq.csv", "--output", "pairs.txt"), "pairs.txt: unknown table type"),
        (("--data", "nowhere.csv", "--output", "p.parquet"), "nowhere.csv: no such file"),
        (("--data", "columns.csv", "--output", "p.parquet"), "columns.csv: no question column"),
        (("--data", "faq.csv", "--output", "p.parquet", "--count", "0"), "count is 0; wanted 1"),
        (
            ("--data", "faq.csv", "--output", "p.parquet", "--first", "9", "--last", "10"),
            "ranks 9 to 10 hold fewer than 4 negatives",
        ),
        (
            ("--data", "faq.csv", "--output", "p.parquet", "--rounds", "2"),
            "--rounds is for --source model, met bm25",
        ),
        (
            ("--data", "faq.csv", "--output", "p.parquet", "--source", "model", "--rounds", "2"),
            "--rounds and --trained go together",
        ),
        (
            ("--data", "faq.csv", "--output", "p.parquet", "--trained", "encoder"),
            "--rounds and --trained go together",
        ),
        (
            ("--data", "faq.csv", "--output", "p.parquet", "--source", "model",
             "--rounds", "1", "--trained", "encoder"),
            "rounds is 1; wanted at least 2",
        ),
        (
            ("--data", "faq.csv", "--output", "p.parquet", "--source", "model",
             "--encoder", "empty"),
            "empty: holds neither modules.json nor config.json",
        ),
        (("--data", "faq.csv", "--output", "p.parquet", "--source", "random"), "'random' is not"),
    ],
)  # fmt: skip
def test_what_cannot_be_mined_is_refused_in_one_sentence(
    arguments: tuple[str, ...], reason: str, mundap: Mundap, files: Path
) -> None:
    before = sorted(files.rglob("*"))
    assert_refused(mundap("mine", *arguments), reason)
    assert sorted(files.rglob("*")) == before


def test_one_answer_is_refused(mundap: Mundap, files: Path) -> None:
    frame = pd.DataFrame([("환불", "네"), ("반품", "네")], columns=["anchor", "positive"])
    write_table(frame, files / "one.csv")
    refused = mundap("mine", "--data", "one.csv", "--output", "p.parquet")
    assert_refused(refused, "2 pairs of 1 answers; wanted at least 2")

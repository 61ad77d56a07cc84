import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mundap.chatbot.settings import ChatSettings
from mundap.chatbot.similarity.similarity import STS_FOLDER
from mundap.index.encoders.registry import load_encoder
from mundap.index.tables.table_writer import write_table
from tests.command_lines import Mundap, Outcome, assert_refused
from tests.index.small_cross_encoder import write_cross_encoder

CONTENT = "id,문장\n1,배송비는 얼마인가요\n2,=1+1\n3,택배비가 궁금해요\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "문장.csv"
    path.write_bytes(CONTENT.encode("cp949"))
    return path


def test_two_sentences_are_compared(mundap: Mundap) -> None:
    shown = mundap("sts", "배송비 얼마예요?", "택배비가 얼마인가요?", "--json")
    found = json.loads(shown.out)
    vectors = load_encoder("mundap-small").encode(["배송비 얼마예요?", "택배비가 얼마인가요?"])
    assert found["cosine"] == pytest.approx(float(vectors[0] @ vectors[1]), abs=1e-4)
    assert 1 < found["score"] < 5
    plain = mundap("sts", "배송비 얼마예요?", "배송비  얼마예요?")
    assert plain == Outcome(0, "5.00  (cosine 1.000)\n", "")


def test_a_file_is_ranked_on_the_terminal(mundap: Mundap, table: Path) -> None:
    shown = mundap("sts-rank", "배송비는 얼마인가요", table)
    assert shown.code == 0
    first, *others = shown.out.splitlines()
    assert first == "5.00  0  배송비는 얼마인가요"
    assert len(others) == 2
    assert shown.err.endswith("3 sentences of column '문장' compared\n")
    found = json.loads(mundap("sts-rank", "배송비는 얼마인가요", table, "--json").out)
    assert (found["column"], found["rows"], found["scores"]["0"]) == ("문장", 3, 5.0)


def test_a_file_is_ranked_into_a_file(mundap: Mundap, table: Path, tmp_path: Path) -> None:
    shown = mundap("sts-rank", "배송비", table, "--column", "문장", "--output", "ranked.csv")
    assert (shown.code, shown.out) == (0, "")
    assert shown.err.endswith("3 sentences of column '문장' compared in ranked.csv\n")
    with (tmp_path / "ranked.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    assert [line[3] for line in lines] == [
        "text",
        "배송비는 얼마인가요",
        "'=1+1",
        "택배비가 궁금해요",
    ]


def test_a_cross_encoder_can_be_configured(
    mundap: Mundap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_cross_encoder(tmp_path / "cross")
    named = json.loads(mundap("sts", "환불", "배송비", "--encoder", "cross", "--json").out)
    monkeypatch.setenv("MUNDAP_API_STS_ENCODER", "cross")
    assert json.loads(mundap("sts", "환불", "배송비", "--json").out) == named
    assert named["cosine"] is None
    assert 0 < named["score"] < 5


def test_the_encoder_that_ships_compares_unless_one_was_trained_for_it(mundap: Mundap) -> None:
    pair = ("배송비 얼마예요?", "택배비가 얼마인가요?", "--json")
    assert mundap("sts", *pair) == mundap("sts", *pair, "--encoder", "mundap-small")
    write_cross_encoder(ChatSettings.load().home / STS_FOLDER)
    assert json.loads(mundap("sts", *pair).out)["cosine"] is None


def test_a_calibration_is_fitted_found_and_reported(mundap: Mundap, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    words = ["배송비", "환불", "쿠폰", "얼마", "언제", "되나요", "교환", "주문", "결제", "취소"]
    rows = []
    for _ in range(200):
        one, other = (set(random.choice(words, 4, replace=False)) for _ in range(2))
        rows.append((" ".join(sorted(one)), " ".join(sorted(other)), float(len(one & other))))
    pairs = pd.DataFrame(rows, columns=["sentence1", "sentence2", "score"])
    write_table(pairs, tmp_path / "pairs.csv")
    before = json.loads(mundap("sts", "배송비 얼마", "배송비 언제", "--json").out)

    shown = mundap("sts-calibrate", "--data", "pairs.csv", "--development", "pairs.csv")

    figures = json.loads(shown.out)
    assert (figures["source"], figures["n"], figures["development"]["n"]) == ("pairs.csv", 200, 200)
    assert figures["development"]["spearman"] > 0.7
    written = list((tmp_path / "home" / "calibration").iterdir())
    assert len(written) == 1
    assert f"Calibration written to {written[0]}" in shown.err
    after = json.loads(mundap("sts", "배송비 얼마", "배송비 언제", "--json").out)
    assert after["cosine"] == before["cosine"]
    assert after["score"] != before["score"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ("sts 환불", "Missing argument 'sentence2'"),
        ("sts 환불 배송 --encoder ./nope", "no such encoder directory"),
        ("sts-rank 환불 nope.csv", "nope.csv: No such file"),
        ("sts-rank 환불 columns.csv --column 문장", "columns.csv: There is no column '문장'"),
        ("sts-rank 환불 damaged.parquet --column x", "damaged.parquet: There is no column 'x'"),
        ("sts-rank 환불 rows.csv", "rows.csv: The file has a heading but no rows"),
        ("sts-rank 환불 empty", "empty: Is a directory"),
        ("sts-calibrate --data faq.csv", "missing column 'sentence1'"),
        ("sts-calibrate --data sts.csv", "2 pairs; wanted at least 20"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(
    arguments: str, reason: str, mundap: Mundap, files: Path
) -> None:
    before = sorted(files.rglob("*"))
    assert_refused(mundap(*arguments.split()), reason)
    assert sorted(files.rglob("*")) == before


def test_a_result_that_cannot_be_written_leaves_nothing(mundap: Mundap, table: Path) -> None:
    before = sorted(table.parent.iterdir())
    refused = mundap("sts-rank", "배송비", table, "--output", f"{table}/ranked.csv")
    assert refused.code == 2
    assert "exists" in refused.err
    assert sorted(table.parent.iterdir()) == before

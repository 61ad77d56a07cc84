from pathlib import Path

import pandas as pd
import pytest

from mundap.evaluation.sts import SentencePair
from mundap.index.tables.table import TableError
from mundap.index.tables.table_writer import write_table
from mundap.training.cross_encoder.pairs import (
    TargetPair,
    pairs_of_questions,
    pairs_of_scores,
    read_labelled,
)
from mundap.training.data.pairs import Pair, PairError

PAIRS = [
    Pair("환불 언제 되나요", "돈 언제 돌려줘", "refund"),
    Pair("배송 언제 오나요", "택배 언제 도착해", "delivery"),
    Pair("쿠폰 등록", "할인권 입력 ㅎㅎ", "coupon"),
]


def test_each_positive_is_met_by_negatives_of_other_answers() -> None:
    found = pairs_of_questions(PAIRS, hard=1, random=1, seed=0)
    assert [(p.one, p.other) for p in found if p.target == 1] == [
        (pair.anchor, pair.positive) for pair in PAIRS
    ]
    groups = {text: pair.group for pair in PAIRS for text in pair.texts}
    negatives = [pair for pair in found if pair.target == 0]
    assert all(groups[pair.one] != groups[pair.other] for pair in negatives)
    assert {pair.one for pair in negatives} == {pair.anchor for pair in PAIRS}


def test_a_hard_negative_is_the_text_that_shares_words() -> None:
    close = Pair("환불 수수료 얼마", "환불 요금", "fee")
    found = pairs_of_questions([*PAIRS, close], hard=1, random=0, seed=0)
    negatives = [pair.other for pair in found if (pair.one, pair.target) == (close.anchor, 0.0)]
    assert negatives == ["환불 언제 되나요"]


def test_negatives_that_were_mined_before_are_taken_as_they_are() -> None:
    mined = [Pair(p.anchor, p.positive, p.group, (f"{p.group} 1", f"{p.group} 2")) for p in PAIRS]
    found = pairs_of_questions(mined, hard=1, random=0, seed=0)
    assert [pair.other for pair in found if pair.target == 0] == [
        "refund 1",
        "delivery 1",
        "coupon 1",
    ]


def test_a_text_that_is_positive_is_never_a_negative_of_the_same_anchor() -> None:
    wrong = [Pair(p.anchor, p.positive, p.group, (p.positive,)) for p in PAIRS]
    found = pairs_of_questions(wrong, hard=1, random=0, seed=0)
    assert [pair.target for pair in found] == [1.0, 1.0, 1.0]


def test_the_seed_decides_what_is_drawn() -> None:
    many = [Pair(f"물음 {n}", f"질문 {n}", str(n)) for n in range(30)]
    drawn = [pairs_of_questions(many, hard=0, random=2, seed=seed) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_one_answer_has_no_negatives() -> None:
    with pytest.raises(PairError, match="1 training pairs of 1 answers; wanted at least 2"):
        pairs_of_questions(PAIRS[:1])


def test_scores_become_shares() -> None:
    assert pairs_of_scores([SentencePair("가", "나", 5.0), SentencePair("다", "라", 1.5)]) == [
        TargetPair("가", "나", 1.0),
        TargetPair("다", "라", 0.3),
    ]


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl", ".xlsx"])
def test_labels_are_read_from_every_kind_of_table(suffix: str, tmp_path: Path) -> None:
    rows = [("환불 돼요?", "  환불\u3000되나  ", 1), ("환불", "배송 ㅠㅠ", 0)]
    path = tmp_path / f"pairs{suffix}"
    write_table(pd.DataFrame(rows, columns=["sentence1", "sentence2", "label"]), path)
    assert read_labelled(path) == [
        TargetPair("환불 돼요?", "환불 되나", 1.0),
        TargetPair("환불", "배송 ㅠㅠ", 0.0),
    ]


@pytest.mark.parametrize(
    ("content", "error", "reason"),
    [
        ("sentence1,sentence2\n가,나\n", TableError, "missing column 'label'; found 'sentence1', "),
        ("sentence1,sentence2,label\n가,,1\n", PairError, r"row 2: a sentence is empty\. Fill it"),
        ("sentence1,sentence2,label\n가,나,1\n가,다,같음\n", PairError, "row 3: label '같음'; wan"),
        ("sentence1,sentence2,label\n", PairError, r"no rows\. Add pairs of both labels"),
    ],
)
def test_bad_rows_are_named(
    content: str, error: type[Exception], reason: str, tmp_path: Path
) -> None:
    (tmp_path / "pairs.csv").write_text(content, encoding="utf-8")
    with pytest.raises(error, match=reason):
        read_labelled(tmp_path / "pairs.csv")

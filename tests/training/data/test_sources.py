import dataclasses
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest

from mundap.index.faq.entry import FaqError, write_faq
from mundap.index.faq.sheets.columns import FaqColumns
from mundap.index.tables.table import TableError
from mundap.index.tables.table_writer import write_table
from mundap.training.data.pairs import PairError, pairs_from_faq
from mundap.training.data.sources import Sources, named_paths
from mundap.training.data.split import Split
from tests.training.sentences import nli_rows, write_nli
from tests.training.small_base import FAQ, PAIRS, configured


def test_one_faq_holds_out_whole_entries(tmp_path: Path) -> None:
    write_faq(FAQ, tmp_path / "faq.csv")
    config = configured(tmp_path, development=0.3)
    split = Sources((tmp_path / "faq.csv",)).questions(config, "both")
    assert split == Split.of_faq(FAQ, config)


@contextmanager
def opened(path: Path) -> Iterator[list[str]]:
    """List how often a file is opened, by whomever."""
    found: list[str] = []
    is_counting = True

    def hook(event: str, arguments: tuple[object, ...]) -> None:  # it stays, so it can be silenced
        if event == "open" and is_counting and str(arguments[0]) == str(path):
            found.append(event)

    sys.addaudithook(hook)
    yield found
    is_counting = False


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_faq_is_opened_for_its_columns_its_kind_and_its_rows_whatever_learns_from_it(
    suffix: str, tmp_path: Path
) -> None:
    faq = tmp_path / f"faq{suffix}"
    write_faq(FAQ, faq)
    config = configured(tmp_path)
    with opened(faq) as times:
        sources = Sources((faq,))
        assert "question" in sources.columns
        assert sources.questions(config, "both") == Split.of_faq(FAQ, config)
        assert sources.questions(config, "answers") == Split.of_faq(FAQ, config, "answers")
    assert len(times) == 3


def test_files_of_all_kinds_come_together(tmp_path: Path) -> None:
    write_faq(FAQ[:2], tmp_path / "faq.csv")
    rows = [("환불 되나요", "돈 돌려받기"), ("배송비", "택배 요금")]
    write_table(pd.DataFrame(rows, columns=["anchor", "positive"]), tmp_path / "pairs.parquet")
    write_nli(tmp_path / "nli.jsonl")
    paths = tuple(tmp_path / name for name in ("faq.csv", "pairs.parquet", "nli.jsonl"))
    split = Sources(paths).questions(configured(tmp_path, development=0.0), "both")
    entailed = [(premise, text) for premise, text, label in nli_rows() if label == "entailment"]
    assert [(pair.anchor, pair.positive) for pair in split.pairs] == [
        *((pair.anchor, pair.positive) for pair in pairs_from_faq(FAQ[:2])),
        *rows,
        *entailed,
    ]


def test_the_columns_of_a_faq_can_be_named(tmp_path: Path) -> None:
    rows = [(entry.question, entry.answer) for entry in FAQ]
    write_table(pd.DataFrame(rows, columns=["문의", "회신"]), tmp_path / "faq.csv")
    sources = Sources((tmp_path / "faq.csv",), FaqColumns("문의", "회신"))
    split = sources.questions(configured(tmp_path, development=0.0), "both")
    assert [(pair.anchor, pair.positive) for pair in split.pairs] == rows
    with pytest.raises((TableError, FaqError), match="column"):
        Sources((tmp_path / "faq.csv",), FaqColumns("물음", "답")).questions(
            configured(tmp_path), "both"
        )


def test_what_of_a_faq_was_left_out_is_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [*((entry.question, entry.answer, 1) for entry in FAQ), ("휴관일은?", "", 2)]
    write_table(pd.DataFrame(rows, columns=["질문", "답변", "번호"]), tmp_path / "faq.csv")
    Sources((tmp_path / "faq.csv",)).questions(configured(tmp_path, development=0.0), "both")
    assert [line.replace(f"{tmp_path}/", "") for line in caplog.messages] == [
        "faq.csv: columns left out: '번호' (numbers).",
        "1 row was not taken:",
        f"- faq.csv, row {len(FAQ) + 2}: the answer is empty. Fill it or drop the row.",
    ]


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"none\.csv: no such file or folder"):
        Sources((tmp_path / "none.csv",)).questions(configured(tmp_path), "both")


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        (["anchor"], "missing column 'positive'; found 'anchor'"),
        (["premise", "hypothesis"], "missing column 'label'; found 'premise', 'hypothesis'"),
        (["question"], "no answer column; found 'question'"),
        (["text"], "no question column; found 'text'"),
    ],
)
def test_the_column_that_is_missing_is_named(
    columns: list[str], reason: str, tmp_path: Path
) -> None:
    write_table(pd.DataFrame([["가"] * len(columns)], columns=columns), tmp_path / "data.csv")
    with pytest.raises(ValueError, match=rf"data\.csv: {reason}"):
        Sources((tmp_path / "data.csv",)).questions(configured(tmp_path), "both")


def test_a_faq_without_alternates_has_no_phrasings_to_pair(tmp_path: Path) -> None:
    faq = [dataclasses.replace(entry, alternates=()) for entry in FAQ]
    write_faq(faq, tmp_path / "faq.csv")
    with pytest.raises(PairError, match=r"faq\.csv: no question has alternates.*Add other"):
        Sources((tmp_path / "faq.csv",)).questions(configured(tmp_path), "alternates")


def test_files_are_sorted_by_the_names_of_the_tasks() -> None:
    a, b, c = Path("a.csv"), Path("b.csv"), Path("x=c.csv")
    assert named_paths(["a.csv", "b.csv"], ["qa"]) == {"qa": (a, b)}
    assert named_paths(["qa=a.csv", "x=c.csv"], ["qa"]) == {"qa": (a, c)}
    named = named_paths(["sts=b.csv", "qa=a.csv", "sts=x=c.csv"], ["qa", "sts"])
    assert named == {"sts": (b, c), "qa": (a,)}


def test_a_file_of_no_task_is_answered_with_the_names() -> None:
    with pytest.raises(
        ValueError, match=r"a\.csv: for which task\? .* qa=a\.csv; wanted qa, sts\."
    ):
        named_paths(["a.csv"], ["qa", "sts"])


def test_pairs_are_as_many_as_before() -> None:
    assert len(PAIRS) == len(pairs_from_faq(FAQ, kinds="answers")) + len(
        pairs_from_faq(FAQ, kinds="alternates")
    )

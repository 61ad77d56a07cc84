import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from rich.console import Console

from mundap.index.tables.table import TableError, read_table
from mundap.training.data.pairs import Pair
from mundap.training.mining.config import MiningConfig
from mundap.training.mining.mined import Mined, Negative
from mundap.training.mining.mining import mine
from tests.training.small_pairs import LetterScorer, pairs, read_pairs

PAIRS = [Pair("환불, 되나요", "네.", "네."), Pair("배송비 👍🏽", "3,000원", "요금")]
MINED = Mined.of(
    "bm25",
    PAIRS,
    [2.0, 1.0],
    [(Negative("교환", 3.0), Negative("쿠폰", 1.0)), (Negative("안녕", 0.0, filler=True),)],
    2,
)


def test_negatives_take_the_place_of_earlier_ones() -> None:
    pair = Pair("가", "나", "g", ("다",))
    mined = Mined.of("bm25", [pair], [1.0], [(Negative("라", 0.5),)], 1)
    assert mined.pairs == [Pair("가", "나", "g", ("라",))]


@pytest.mark.parametrize("suffix", ["parquet", "csv", "jsonl", "xlsx"])
def test_pairs_come_back_as_they_were_written(suffix: str, tmp_path: Path) -> None:
    MINED.write(tmp_path / f"pairs.{suffix}")
    assert read_pairs(tmp_path / f"pairs.{suffix}") == MINED.pairs


def test_pairs_without_any_negative_come_back_too(tmp_path: Path) -> None:
    mined = Mined.of("bm25", PAIRS, [0.0, 0.0], [(), ()], 2)
    mined.write(tmp_path / "pairs.parquet")
    assert read_pairs(tmp_path / "pairs.parquet") == PAIRS


@settings(max_examples=25)  # each writes a file
@given(pairs)
def test_whatever_is_mined_comes_back(
    tmp_path_factory: pytest.TempPathFactory, mined_from: list[Pair]
) -> None:
    path = tmp_path_factory.getbasetemp() / "pairs.parquet"
    clean = [Pair(p.anchor.strip(), p.positive.strip(), p.group) for p in mined_from]
    mined = mine(clean, LetterScorer, MiningConfig(2))
    mined.write(path)
    assert read_pairs(path) == mined.pairs


def test_the_columns_are_those_that_training_reads(tmp_path: Path) -> None:
    MINED.write(tmp_path / "pairs.csv")
    table = read_table(tmp_path / "pairs.csv")
    assert table.columns == ("anchor", "positive", "negatives", "group")
    assert json.loads(table.rows[0]["negatives"]) == ["교환", "쿠폰"]


def test_an_unknown_kind_of_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"pairs.txt: unknown table type '.txt'"):
        MINED.write(tmp_path / "pairs.txt")


def test_the_table_sets_positive_against_negative_scores() -> None:
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(MINED.table())
    shown = [line.split("│") for line in console.export_text().splitlines() if "│" in line]
    cells = {row[1].strip(): [cell.strip() for cell in row[2:-1]] for row in shown}
    assert cells == {
        "positives": ["2", "1.00", "1.05", "1.25", "1.50", "1.75", "1.95", "2.00"],
        "mined": ["2", "1.00", "1.10", "1.50", "2.00", "2.50", "2.90", "3.00"],
        "random": ["1", "0.00", "0.00", "0.00", "0.00", "0.00", "0.00", "0.00"],
    }
    assert MINED.table().title == "Scores by bm25"
    assert MINED.table().caption == "50.0% of the mined negatives score above their positive"


def test_without_a_mined_negative_none_is_above() -> None:
    mined = Mined.of("bm25", PAIRS, [0.0, 0.0], [(), ()], 2)
    assert mined.table().caption == "0.0% of the mined negatives score above their positive"

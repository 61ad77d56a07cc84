import json
import unicodedata
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.faq.entry import FaqEntry
from mundap.index.korean.text import match_key
from mundap.index.tables.table import TableError
from mundap.index.tables.table_writer import write_table
from mundap.training.data.pairs import (
    PHRASING_PAIRS,
    Pair,
    PairError,
    data_digest,
    pairs_from_faq,
)
from tests.training.small_pairs import read_pairs

REFUND = FaqEntry("refund", "환불 되나요?", "네, 됩니다.", ("환불 가능?", "돈 돌려받기"))
GROUP = "네, 됩니다."


def write(folder: Path, name: str, **columns: object) -> Path:
    path = folder / name
    write_table(pd.DataFrame(columns), path)
    return path


def groups_of(pairs: list[Pair]) -> list[set[int]]:
    """Return the rows of each group, in the order of their first row."""
    rows: dict[str, set[int]] = {}
    for row, pair in enumerate(pairs):
        rows.setdefault(pair.group, set()).add(row)
    return list(rows.values())


def test_an_entry_pairs_its_phrasings_with_its_answer_and_with_one_another() -> None:
    assert pairs_from_faq([REFUND]) == [
        Pair("환불 되나요?", "네, 됩니다.", GROUP),
        Pair("환불 가능?", "네, 됩니다.", GROUP),
        Pair("돈 돌려받기", "네, 됩니다.", GROUP),
        Pair("환불 되나요?", "환불 가능?", GROUP),
        Pair("환불 되나요?", "돈 돌려받기", GROUP),
        Pair("환불 가능?", "돈 돌려받기", GROUP),
    ]


def test_an_entry_without_alternates_gives_one_pair() -> None:
    entry = FaqEntry("fee", "배송비는?", "3,000원\n이에요.")
    assert pairs_from_faq([entry]) == [Pair("배송비는?", "3,000원 이에요.", "3,000원 이에요.")]


def test_entries_with_the_same_answer_are_one_group() -> None:
    twins = [FaqEntry("a", "AS 돼요?", "네, OK."), FaqEntry("b", "수리 되나요?", "네,  ok.")]
    assert {pair.group for pair in pairs_from_faq(twins)} == {"네, ok."}


def test_a_phrasing_that_stands_twice_is_used_once() -> None:
    decomposed = unicodedata.normalize("NFD", "환불 되나요?")
    entry = FaqEntry("refund", "환불 되나요?", "네.", (decomposed, "환불  되나요?"))
    assert pairs_from_faq([entry]) == [Pair("환불 되나요?", "네.", "네.")]


@pytest.mark.parametrize("count", [10, 60, 200])
def test_a_large_entry_gives_a_sample_that_the_seed_decides(count: int) -> None:
    entry = FaqEntry("big", "질문", "답", tuple(f"표현 {number}" for number in range(count)))
    pairs = pairs_from_faq([entry], seed=1)
    phrasings = [pair for pair in pairs if pair.positive != "답"]
    assert len(pairs) == count + 1 + PHRASING_PAIRS
    assert len(set(phrasings)) == len(phrasings) == PHRASING_PAIRS
    assert pairs_from_faq([entry], seed=1) == pairs
    assert pairs_from_faq([entry], seed=2) != pairs


@given(
    st.lists(
        st.lists(st.sampled_from("가나다라마바사"), min_size=2, max_size=6), min_size=1, max_size=5
    )
)
def test_both_sides_of_a_pair_are_texts_of_one_entry(entries: list[list[str]]) -> None:
    faq = [
        FaqEntry(f"e{number}", texts[0], f"답 {number}", tuple(texts[1:]))
        for number, texts in enumerate(entries)
    ]
    known = {match_key(entry.answer): {*entry.passages, entry.answer} for entry in faq}
    pairs = pairs_from_faq(faq)
    assert all({pair.anchor, pair.positive} <= known[pair.group] for pair in pairs)
    assert {pair.anchor for pair in pairs} >= {text for texts in entries for text in texts}
    assert all(pair.anchor != pair.positive for pair in pairs)


def test_a_parquet_file_holds_negatives_as_lists(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "pairs.parquet",
        anchor=["환불 되나요", "배송비"],
        positive=["돈 돌려받기", "택배 요금"],
        negatives=[["교환 되나요", " 취소 "], []],
    )
    assert read_pairs(path) == [
        Pair("환불 되나요", "돈 돌려받기", "돈 돌려받기", ("교환 되나요", "취소")),
        Pair("배송비", "택배 요금", "택배 요금"),
    ]


def test_a_csv_file_holds_negatives_as_json(tmp_path: Path) -> None:
    negatives = [json.dumps(["교환, 되나요", "취소"], ensure_ascii=False), "", " []"]
    path = write(
        tmp_path,
        "pairs.csv",
        anchor=["환불", "배송비", "쿠폰"],
        positive=["돈", "요금", "할인권"],
        negatives=negatives,
    )
    found = [pair.negatives for pair in read_pairs(path)]
    assert found == [("교환, 되나요", "취소"), (), ()]


def test_pairs_that_share_a_text_through_others_are_one_group(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "나")
    path = write(
        tmp_path,
        "pairs.jsonl",
        anchor=["가", "다", "A/S", "마", "라"],
        positive=["나", decomposed, "수리", "바", "다"],
    )
    assert groups_of(read_pairs(path)) == [{0, 1, 4}, {2}, {3}]


@given(edges=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=12))
def test_groups_are_the_connected_components(
    edges: list[tuple[int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "pairs.jsonl"
    rows = [json.dumps({"anchor": f"t{a}", "positive": f"t{b}"}) for a, b in edges]
    path.write_text("\n".join(rows), encoding="utf-8")
    # The oracle: grow each component until nothing joins it.
    components = [{a, b} for a, b in edges]
    for _ in edges:
        components = [
            set().union(*(other for other in components if other & own)) for own in components
        ]
    expected: list[set[int]] = []
    for component in components:
        rows_of_it = {row for row, (a, _) in enumerate(edges) if a in component}
        if rows_of_it not in expected:
            expected.append(rows_of_it)
    assert groups_of(read_pairs(path)) == expected


@pytest.mark.parametrize("names", [["x", "x", "y"], [0, 0, 1], [" 0", "0 ", "1"]])
def test_a_group_column_decides_alone(names: list[object], tmp_path: Path) -> None:
    path = write(
        tmp_path, "pairs.parquet", anchor=["가", "나", "가"], positive=["1", "2", "1"], group=names
    )
    assert groups_of(read_pairs(path)) == [{0, 1}, {2}]


def test_an_empty_group_column_is_none(tmp_path: Path) -> None:
    path = write(tmp_path, "pairs.csv", anchor=["가", "가"], positive=["1", "2"], group=["", ""])
    assert groups_of(read_pairs(path)) == [{0, 1}]


def test_a_group_column_with_a_gap_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "pairs.csv", anchor=["가", "나"], positive=["1", "2"], group=["x", ""])
    with pytest.raises(PairError, match=r"pairs.csv, row 3: the group is empty"):
        read_pairs(path)


@pytest.mark.parametrize("cell", ["교환", '"교환"', "[교환]", "5", '{"a": "b"}'])
def test_negatives_that_are_no_list_are_refused(cell: str, tmp_path: Path) -> None:
    path = write(tmp_path, "pairs.csv", anchor=["가"], positive=["나"], negatives=[cell])
    with pytest.raises(PairError, match=r'row 2: negatives are .*JSON such as \["..."'):
        read_pairs(path)


@pytest.mark.parametrize("side", ["anchor", "positive"])
def test_an_empty_text_is_refused_with_its_row(side: str, tmp_path: Path) -> None:
    columns = {"anchor": ["가", "나"], "positive": ["다", "라"]} | {side: ["가", "\u200b "]}
    path = write(tmp_path, "pairs.csv", **columns)
    with pytest.raises(PairError, match="row 3: an anchor or positive is empty"):
        read_pairs(path)


def test_a_file_without_rows_or_without_a_column_is_refused(tmp_path: Path) -> None:
    empty: list[str] = []
    with pytest.raises(PairError, match="no rows"):
        read_pairs(write(tmp_path, "rows.csv", anchor=empty, positive=empty))
    with pytest.raises(TableError, match="missing column 'positive'; found 'anchor'"):
        read_pairs(write(tmp_path, "columns.csv", anchor=["가"]))


def test_the_digest_is_that_of_the_pairs_in_their_order() -> None:
    first, second = Pair("가", "나", "g"), Pair("다", "라", "h", ("마",))
    assert data_digest([first, second]) == data_digest([first, second])
    digests = {
        data_digest(pairs)
        for pairs in ([first, second], [second, first], [first], [first, Pair("다", "라", "h")])
    }
    assert len(digests) == 4

import json
import unicodedata
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.faq.entry import (
    FaqEntry,
    FaqError,
    merge_by_answer,
    read_faq,
    read_with_report,
    write_faq,
)
from mundap.index.faq.sheets.columns import FaqColumns
from mundap.index.korean.text import clean
from mundap.index.tables.table import SUFFIXES, TableError

NFD = unicodedata.normalize("NFD", "교환하고 싶어요")


def save(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "heading", ["Q,A", "Q,answer", "question,answer", "QUESTION,Answer", "질문,답변", "질문,답"]
)
def test_headings_seen_in_the_wild_are_known(tmp_path: Path, heading: str) -> None:
    path = save(tmp_path, "faq.csv", f"{heading}\n배송비는?,무료입니다\n")

    [entry] = read_faq(path)

    assert (entry.question, entry.answer) == ("배송비는?", "무료입니다")
    assert (entry.alternates, entry.category) == ((), "")


def test_columns_can_be_named(tmp_path: Path) -> None:
    path = save(tmp_path, "faq.csv", "question,물음,대답\n안 씀,배송비는?,무료입니다\n")

    [entry] = read_faq(path, FaqColumns("물음", "대답"))

    assert (entry.question, entry.answer) == ("배송비는?", "무료입니다")


def test_a_named_column_that_is_missing_is_refused_with_those_found(tmp_path: Path) -> None:
    path = save(tmp_path, "faq.csv", "Q,A\n배송비는?,무료\n")

    with pytest.raises(TableError, match=r"faq\.csv: missing column '물음'; found 'Q', 'A'"):
        read_faq(path, FaqColumns("물음"))


def test_a_table_without_a_known_heading_says_how_to_name_it(tmp_path: Path) -> None:
    path = save(tmp_path, "faq.csv", "번호,갑,을\n1,배송비,무료\n")

    wanted = r"faq\.csv: no question column; found '번호', '갑', '을'.*--question-column '갑'"
    with pytest.raises(TableError, match=wanted):
        read_faq(path)


def test_parquet_with_two_columns_is_enough(tmp_path: Path) -> None:
    pd.DataFrame({"Q": ["배송비는?"], "A": ["무료"]}).to_parquet(tmp_path / "faq.parquet")

    [entry] = read_faq(tmp_path / "faq.parquet")

    assert (entry.question, entry.answer) == ("배송비는?", "무료")


def test_ids_stay_as_typed(tmp_path: Path) -> None:
    text = "entry_id,question,answer\n001,하나?,1\nN/A,둘?,2\n1e5,셋?,3\n"

    entries = read_faq(save(tmp_path, "faq.csv", text))

    assert [entry.entry_id for entry in entries] == ["001", "N/A", "1e5"]


def test_an_id_with_a_space_is_kept(tmp_path: Path) -> None:
    path = save(tmp_path, "faq.csv", "entry_id,Q,A\nok,q,a\n배송 1,질문,답\n")

    assert [entry.entry_id for entry in read_faq(path)] == ["ok", "배송 1"]


def test_a_derived_id_changes_with_the_question_alone(tmp_path: Path) -> None:
    one = read_faq(save(tmp_path, "a.csv", f"Q,A,category\n{NFD},네,\n"))[0].entry_id
    same = read_faq(save(tmp_path, "b.csv", "A,Q,category\n네 ,교환하고  싶어요,교환\n"))[
        0
    ].entry_id
    edited = read_faq(save(tmp_path, "c.csv", "Q,A\n교환하고 싶어요,아니요\n"))[0].entry_id
    other = read_faq(save(tmp_path, "d.csv", "Q,A\n환불하고 싶어요,네\n"))[0].entry_id

    assert one == same == edited
    assert one != other


def test_exact_copies_of_a_row_are_merged_and_counted(tmp_path: Path) -> None:
    rows = ["entry_id,Q,A,alternates", "a,질문,답,하나", "a,질문,답,둘|하나", "b,다른,답,"]
    text = "\n".join([*rows, ",질문,답,", ",질문,답,"])

    entries, reading = read_with_report(save(tmp_path, "faq.csv", text))

    assert [(entry.question, entry.alternates) for entry in entries] == [
        ("질문", ("하나", "둘")),
        ("다른", ()),
        ("질문", ()),
    ]
    assert reading.copies == 2
    assert "2 rows are copies of others and were merged with them." in reading.notes()


def test_one_id_for_two_questions_is_refused_where_nothing_may_be_changed(tmp_path: Path) -> None:
    text = "entry_id,Q,A\na,질문,답\na-2,질문,답\na,다른 질문,답\n"
    path = save(tmp_path, "faq.csv", text)

    entries, reading = read_with_report(path)

    assert [entry.entry_id for entry in entries] == ["a", "a-2", "a-3"]
    (renamed,) = reading.renamed.shown()
    assert renamed.endswith(
        "row 2 too, with other texts; it is 'a-3' here. Give each entry an id of its own."
    )
    with pytest.raises(FaqError, match=r"faq\.csv, row 4: entry_id 'a' is that of .*, row 2 too"):
        read_faq(path)


@pytest.mark.parametrize(
    ("row", "role"), [(",답", "question"), ("질문,", "answer"), ('"\u200b ","답"', "question")]
)
def test_an_empty_cell_is_refused_by_its_row(tmp_path: Path, row: str, role: str) -> None:
    path = save(tmp_path, "faq.csv", f"Q,A\n질문,답\n{row}\n")

    with pytest.raises(FaqError, match=rf"faq\.csv, row 3: the {role} is empty"):
        read_faq(path)


@pytest.mark.parametrize("empty", [None, float("nan"), pd.NA])
def test_an_empty_cell_of_parquet_is_refused_by_its_row(tmp_path: Path, empty: object) -> None:
    frame = pd.DataFrame({"Q": ["질문", empty], "A": ["답", "답"]}, dtype="string")
    frame.to_parquet(tmp_path / "faq.parquet")

    with pytest.raises(FaqError, match=r"faq\.parquet, row 2: the question is empty"):
        read_faq(tmp_path / "faq.parquet")


def test_empty_optional_cells_of_parquet_are_none(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "entry_id": pd.array([7, 8], dtype="Int64"),
            "Q": ["하나", "둘"],
            "A": ["1", "2"],
            "alternates": [["일", None, " "], None],
            "category": [None, "수"],
        }
    )
    frame.to_parquet(tmp_path / "faq.parquet")

    assert read_faq(tmp_path / "faq.parquet") == [
        FaqEntry("7", "하나", "1", ("일",), ""),
        FaqEntry("8", "둘", "2", (), "수"),
    ]


def test_json_lines_may_leave_out_or_empty_what_is_optional(tmp_path: Path) -> None:
    lines = [
        {"entry_id": 1, "Q": "하나", "A": 1, "alternates": None},
        {"entry_id": "\ud83d2", "Q": "둘", "A": "2\ud83d", "alternates": ["이", None, 2]},
        {"entry_id": "3", "Q": "셋", "A": "3", "alternates": "삼|세엣", "category": None},
        {"entry_id": "4", "Q": "넷", "A": "4", "alternates": 4},
    ]
    path = save(tmp_path, "faq.jsonl", "".join(json.dumps(line) + "\n" for line in lines))

    assert read_faq(path) == [
        FaqEntry("1", "하나", "1"),
        FaqEntry("2", "둘", "2", ("이", "2")),
        FaqEntry("3", "셋", "3", ("삼", "세엣")),
        FaqEntry("4", "넷", "4", ("4",)),
    ]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_faq_without_rows_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"faq{suffix}"
    write_faq([], path)

    with pytest.raises(ValueError, match=rf"faq\{suffix}: (no rows|The file is empty)"):
        read_faq(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_faq_of_no_bytes_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"faq{suffix}"
    path.touch()

    with pytest.raises(TableError, match=rf"faq\{suffix}: (no|The file is empty)"):
        read_faq(path)


def test_a_folder_may_mix_formats_and_headings(tmp_path: Path) -> None:
    save(tmp_path, "1.csv", "Q,A\n하나,1\n")
    save(tmp_path, "2.jsonl", '{"question": "둘", "answer": "2"}\n')
    write_faq([FaqEntry("three", "셋", "3", ("세엣",))], tmp_path / "3.parquet")
    save(tmp_path, "4.csv", "Q,A\n")

    entries = read_faq(tmp_path)

    assert [(entry.question, entry.answer) for entry in entries] == [
        ("하나", "1"),
        ("둘", "2"),
        ("셋", "3"),
    ]
    assert entries[2] == FaqEntry("three", "셋", "3", ("세엣",))


def test_a_bad_row_in_a_folder_is_named_by_its_own_file(tmp_path: Path) -> None:
    save(tmp_path, "1.csv", "Q,A\n하나,1\n둘,2\n")
    save(tmp_path, "2.csv", "Q,A\n셋,\n")

    with pytest.raises(FaqError, match=r"2\.csv, row 2: the answer is empty"):
        read_faq(tmp_path)


def test_rows_with_one_answer_become_one_entry_when_asked(tmp_path: Path) -> None:
    text = (
        "entry_id,question,answer,alternates,category\n"
        "a,배송비는?,무료입니다,배송 요금|택배비,배송\n"
        "b,환불 되나요?,네,,환불\n"
        "c,택배비,무료입니다 ,배송 요금|착불인가요,요금\n"
    )
    path = save(tmp_path, "faq.csv", text)

    assert [entry.entry_id for entry in read_faq(path)] == ["a", "b", "c"]
    alternates = ("배송 요금", "택배비", "착불인가요")
    assert read_faq(path, FaqColumns(merge_answers=True)) == [
        FaqEntry("a", "배송비는?", "무료입니다", alternates, "배송"),
        FaqEntry("b", "환불 되나요?", "네", (), "환불"),
    ]


@given(st.lists(st.tuples(st.sampled_from("가나다라"), st.sampled_from(["1", " 1", "2", "3"]))))
def test_merging_keeps_every_text_once_under_its_answer(rows: list[tuple[str, str]]) -> None:
    entries = [FaqEntry(str(n), question, answer) for n, (question, answer) in enumerate(rows)]

    merged = merge_by_answer(entries)

    kept = [(clean(entry.answer), text) for entry in merged for text in entry.passages]
    assert sorted(kept) == sorted({(clean(answer), question) for question, answer in rows})
    assert len({clean(entry.answer) for entry in merged}) == len(merged)


def test_the_passages_of_an_entry_begin_with_its_question() -> None:
    assert FaqEntry("a", "질문", "답", ("다른 말",)).passages == ("질문", "다른 말")

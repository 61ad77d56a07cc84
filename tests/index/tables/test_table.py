import json
import stat
import subprocess
import sys
import tracemalloc
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mundap.index.tables.table import (
    SUFFIXES,
    Table,
    TableError,
    TableFile,
    read_table,
    require_columns,
)
from mundap.index.tables.table_writer import write_table

HOSTILE = [
    "001",
    "1e5",
    "N/A",
    "NULL",
    "nan",
    "true",
    "=1+1",
    "+82 10",
    "@멘션",
    "#REF!",
    '그는 "네"라고',
    "쉼표, 그리고; 탭\t",
    "두\n줄\n\n넷",
    "  앞뒤 공백  ",
    "\\백\\슬래시|",
    "2026-01-01",
    "_x0041_",
    "배\u2028송",
    "👨\u200d👩\u200d👧",
    "각",
    "",
]
# What XML, and so Excel, can carry.
texts = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="\ufffe\uffff")
    ),
)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return frame.to_dict(orient="records")  # type: ignore[return-value]


@pytest.mark.parametrize("suffix", SUFFIXES)
@given(rows=st.lists(st.tuples(texts, texts), min_size=1, max_size=5))
@settings(max_examples=25)
def test_text_comes_back_as_it_was_written(suffix: str, rows: list[tuple[str, str]]) -> None:
    frame = pd.DataFrame(rows, columns=["질문", "답"], dtype=object)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"표{suffix}"
        write_table(frame, path)

        found = read_table(path)

    assert list(found.columns) == ["질문", "답"]
    # A row of empty cells at the end of a sheet is no row.
    kept = rows if suffix != ".xlsx" else rows[: len(found.rows)]
    assert [tuple(row.values()) for row in found.rows] == kept
    assert not any(cell for row in rows[len(kept) :] for cell in row)


def test_a_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Q,A,Q \n질문,답,질문\n", encoding="utf-8")

    with pytest.raises(TableError, match="column 'Q' stands twice"):
        read_table(tmp_path / "a.csv")


def test_headings_are_stripped(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(" Q ,A\n질문,답\n", encoding="utf-8")

    assert read_table(tmp_path / "a.csv").rows == [{"Q": "질문", "A": "답"}]


def test_empty_cells_are_empty_text_whatever_the_type(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "text": ["가", None],
            "number": [1.5, None],
            "integer": pd.array([1, None], dtype="Int64"),
            "list": [["가"], None],
            "whole": [1, 2],
        }
    )
    frame.to_parquet(tmp_path / "a.parquet")

    found = read_table(tmp_path / "a.parquet")

    assert found.rows[1] == {"text": "", "number": "", "integer": "", "list": "", "whole": 2}
    assert found.rows[0]["number"] == 1.5


def test_null_in_json_lines_is_an_empty_cell(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"Q": "질문", "A": null}\n\n{"Q": "q"}\n', encoding="utf-8")

    expected = [{"Q": "질문", "A": ""}, {"Q": "q", "A": ""}]
    assert read_table(tmp_path / "a.jsonl").rows == expected


@pytest.mark.parametrize(
    ("line", "met"),
    [
        ('{"Q": "질문"', r"Line 2 is not JSON: Expecting"),
        ('["질문"]', r"Line 2 is not an object in braces, but '\[\"질문\"\]'"),
    ],
)
def test_a_bad_line_of_json_lines_is_named(tmp_path: Path, line: str, met: str) -> None:
    (tmp_path / "a.jsonl").write_text(f'{{"Q": "x"}}\n{line}\n', encoding="utf-8")

    with pytest.raises(TableError, match=met):
        read_table(tmp_path / "a.jsonl")


def test_a_folder_is_read_by_name_without_hidden_and_open_files(tmp_path: Path) -> None:
    write_table(pd.DataFrame({"Q": ["둘"], "A": ["2"]}), tmp_path / "b.csv")
    write_table(pd.DataFrame({"Q": ["하나"], "n": [1.5]}), tmp_path / "a.parquet")
    write_table(pd.DataFrame({"Q": ["셋"], "A": ["3"]}), tmp_path / "C.JSONL")
    for name in (".hidden.csv", "~$a.xlsx", "README.md"):
        (tmp_path / name).write_text("no table")
    (tmp_path / "sub").mkdir()

    expected = [
        {"Q": "셋", "A": "3", "n": ""},
        {"Q": "하나", "A": "", "n": 1.5},
        {"Q": "둘", "A": "2", "n": ""},
    ]
    assert read_table(tmp_path).rows == expected


def test_a_folder_without_tables_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")

    with pytest.raises(TableError, match=r"no table in this folder; wanted \.parquet, \.csv"):
        read_table(tmp_path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"faq\.csv: no such file or folder"):
        read_table(tmp_path / "faq.csv")


def test_another_suffix_is_refused_for_reading_and_writing(tmp_path: Path) -> None:
    (tmp_path / "faq.txt").write_text("Q,A\n")

    with pytest.raises(TableError, match=r"unknown table type '\.txt'; use \.parquet, \.csv"):
        read_table(tmp_path / "faq.txt")
    with pytest.raises(TableError, match=r"unknown table type '\.pkl'; use \.parquet, \.csv"):
        write_table(pd.DataFrame(), tmp_path / "faq.pkl")


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".xlsx"])
def test_a_file_of_no_bytes_is_refused(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"faq{suffix}").touch()

    with pytest.raises(TableError, match=rf"faq\{suffix}: (The file is empty|not a readable)"):
        read_table(tmp_path / f"faq{suffix}")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_bytes_of_no_table_are_refused(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"faq{suffix}").write_bytes(b"\xff\xfe\x00\x81" * 64)

    with pytest.raises(TableError, match=rf"faq\{suffix}"):
        read_table(tmp_path / f"faq{suffix}")


def test_a_truncated_parquet_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "faq.parquet"
    write_table(pd.DataFrame({"Q": ["질문"] * 100}), path)
    path.write_bytes(path.read_bytes()[:-20])

    with pytest.raises(TableError, match=r"faq\.parquet: not a readable parquet table"):
        read_table(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_failing_write_leaves_the_file_that_was_there(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"faq{suffix}"
    write_table(pd.DataFrame({"Q": ["옛"]}), path)
    before = path.read_bytes()

    def fail(*args: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_table(pd.DataFrame({"Q": ["새"]}), path)

    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_writing_makes_the_folder_and_a_file_that_others_may_read(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "faq.csv"

    write_table(pd.DataFrame({"Q": ["질문"]}), path)

    assert path.read_text(encoding="utf-8") == "Q\n질문\n"
    plain = tmp_path / "plain"
    plain.touch()
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


def test_json_lines_are_one_object_a_line(tmp_path: Path) -> None:
    write_table(pd.DataFrame({"Q": ["줄\n바꿈 \u2028", "둘"], "n": [1, 2]}), tmp_path / "a.jsonl")

    lines = (tmp_path / "a.jsonl").read_text(encoding="utf-8").split("\n")
    assert [json.loads(line) for line in lines[:-1]] == [
        {"Q": "줄\n바꿈 \u2028", "n": 1},
        {"Q": "둘", "n": 2},
    ]
    assert lines[-1] == ""


def test_a_missing_column_is_named_with_those_found() -> None:
    table = Table(("q", "id"), [])

    with pytest.raises(TableError, match=r"f\.csv: missing column 'query'; found 'q', 'id'"):
        require_columns(table, ["query", "id"], Path("f.csv"))
    with pytest.raises(TableError, match="missing column 'a', 'b'; found none"):
        require_columns(Table((), []), ["a", "b"], Path("f.csv"))
    require_columns(table, ["q"], Path("f.csv"))


@pytest.mark.slow
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_rows_are_read_one_at_a_time_in_bounded_memory(tmp_path: Path, suffix: str) -> None:
    count = 20_000
    frame = pd.DataFrame({"Q": ["환불은 며칠 걸려요? " * 20] * count, "n": range(count)})
    write_table(frame, tmp_path / f"a{suffix}")
    assert sum(map(len, frame["Q"])) > 4_000_000
    table = TableFile.open(tmp_path / f"a{suffix}")
    next(table.rows())  # what a library loads once is not counted

    tracemalloc.start()
    try:
        found = sum(int(row["n"]) for row in table.rows())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found == count * (count - 1) // 2
    assert peak < 6_000_000


def test_nothing_of_the_serving_path_loads_pandas_to_read_a_table(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Q,A\n질문,답\n", encoding="utf-8")
    code = f"""
import sys
from pathlib import Path
from mundap.index.tables.table import read_table
read_table(Path({str(tmp_path / "a.csv")!r}))
print(sorted({{"pandas", "pyarrow", "openpyxl"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"

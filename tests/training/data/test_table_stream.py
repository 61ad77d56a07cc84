"""Tables a piece at a time say what tables read at once say."""

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.tables.table import TableError, read_table
from mundap.index.tables.table_writer import write_table
from mundap.training.data.table_stream import TableStream

ROWS = [
    {"code": "001", "text": "환불 되나요?"},
    {"code": "N/A", "text": '쉼표, "따옴표"\n줄바꿈'},
    {"code": "", "text": "\u1112\u116a\u11ab 😀 mixed 한/영"},
]


def rows_of(stream: TableStream) -> list[dict[str, Any]]:
    return [row for batch in stream.batches() for row in batch.to_pylist()]


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl", ".xlsx"])
@pytest.mark.parametrize("size", [1, 2, 100])
def test_every_kind_of_table_gives_its_rows_in_batches(
    suffix: str, size: int, tmp_path: Path
) -> None:
    path = tmp_path / f"t{suffix}"
    write_table(pd.DataFrame(ROWS, dtype=object), path)
    stream = TableStream.open(path, size)
    assert (stream.schema.names, stream.rows) == (["code", "text"], 3)
    assert rows_of(stream) == ROWS
    assert rows_of(stream) == ROWS  # a second time, from the start
    assert max(batch.num_rows for batch in stream.batches()) == min(size, 3)


_texts = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=8)


@given(cells=st.lists(st.tuples(_texts, _texts), min_size=1, max_size=9), size=st.integers(1, 4))
def test_a_csv_file_reads_as_the_other_reader_reads_it(
    cells: list[tuple[str, str]], size: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    write_table(pd.DataFrame(cells, columns=["가", "b"]), path)
    assert rows_of(TableStream.open(path, size)) == read_table(path).rows


def test_a_file_from_korean_excel_is_read(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("질문,번호\r\n환불 되나요,7\r\n".encode("cp949"))
    assert rows_of(TableStream.open(tmp_path / "t.csv", 10)) == [
        {"질문": "환불 되나요", "번호": "7"}
    ]


def test_types_of_json_that_differ_from_row_to_row_are_made_one(tmp_path: Path) -> None:
    lines = ['{"text": "가", "n": null}', '{"text": "나", "n": 1}', '{"n": 2.5, "new": ["x"]}']
    (tmp_path / "t.jsonl").write_text("\n".join(lines) + "\n\n", encoding="utf-8")
    stream = TableStream.open(tmp_path / "t.jsonl", 1)
    assert stream.schema == pa.schema(
        {"text": pa.string(), "n": pa.float64(), "new": pa.list_(pa.string())}
    )
    assert rows_of(stream) == [
        {"text": "가", "n": None, "new": None},
        {"text": "나", "n": 1.0, "new": None},
        {"text": None, "n": 2.5, "new": ["x"]},
    ]


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    table = pa.table({"d": pa.array(["가", "나"]).dictionary_encode(), "t": [1.5, None]})
    pq.write_table(table, tmp_path / "t.parquet")
    stream = TableStream.open(tmp_path / "t.parquet", 1)
    assert stream.schema.equals(table.schema)
    assert rows_of(stream) == [{"d": "가", "t": 1.5}, {"d": "나", "t": None}]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("t.csv", b"", "t.csv: The file is empty; wanted a heading and rows"),
        ("t.csv", b"a,b\n", r"t.csv: no rows\. Add at least one"),
        ("t.csv", b"a,b\n1,2\n\n3,4,5\n", "t.csv: Line 4 has 3 cells, but the heading has 2"),
        ("t.csv", b"a,a\n1,2\n", "t.csv: column 'a' stands twice"),
        ("t.csv", b'a\n"1\n', "t.csv: Line 2 is not CSV"),
        ("t.csv", b"a\n\xff\xff\n", "t.csv: The file is neither UTF-8 nor CP949 text"),
        ("t.jsonl", b"", r"t.jsonl: no rows\. Add at least one"),
        ("t.jsonl", b'{"a": 1}\n[1]\n', r"t.jsonl: Line 2 is not an object in braces, but '\[1\]'"),
        ("t.jsonl", b'{"a": 1}\n{"a"}\n', "t.jsonl: Line 2 is not JSON"),
        ("t.jsonl", b'{"a": 1}\n{"a": "x"}\n', "t.jsonl: not a readable jsonl table"),
        ("t.jsonl", b"\xff\xfe", "t.jsonl: The file is not UTF-8 text"),
        ("t.parquet", b"PAR1 and nothing", "t.parquet: not a readable parquet table"),
        ("t.xlsx", b"PK and nothing", "t.xlsx: not a readable xlsx table"),
        ("t.txt", b"a", "t.txt: unknown table type '.txt'"),
    ],
)
def test_what_cannot_be_read_is_refused_before_any_row(
    name: str, content: bytes, reason: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TableError, match=reason):
        TableStream.open(tmp_path / name, 1)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"nowhere\.csv: no such file or folder"):
        TableStream.open(tmp_path / "nowhere.csv", 1)
    with pytest.raises(TableError, match="is a folder; wanted one file"):
        TableStream.open(tmp_path, 1)


def test_an_empty_parquet_file_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": pa.array([], pa.string())}), tmp_path / "t.parquet")
    with pytest.raises(TableError, match=r"t.parquet: no rows\. Add at least one"):
        TableStream.open(tmp_path / "t.parquet", 1)

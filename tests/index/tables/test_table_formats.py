import tracemalloc
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import Workbook
from openpyxl.styles import Font

from mundap.index.tables import table_writer
from mundap.index.tables.table import TableError, read_table
from mundap.index.tables.table_writer import write_table


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return frame.to_dict(orient="records")  # type: ignore[return-value]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_csv_is_read_in_the_encodings_that_excel_writes(tmp_path: Path, encoding: str) -> None:
    frame = pd.DataFrame({"질문": ["배송비는?", "뷁"], "답": ["3,000원", '"무료"']})
    write_table(frame, tmp_path / "a.csv", encoding=encoding)

    assert (tmp_path / "a.csv").read_bytes().startswith("질문".encode(encoding))
    assert read_table(tmp_path / "a.csv").rows == records(frame)


def test_a_character_outside_the_encoding_is_named(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": ["좋아요 😀"]})

    with pytest.raises(TableError, match=r"a\.csv: '😀' cannot be written as cp949.*UTF-8"):
        write_table(frame, tmp_path / "a.csv", encoding="cp949")
    assert list(tmp_path.iterdir()) == []


def test_a_carriage_return_becomes_a_line_break_in_csv(tmp_path: Path) -> None:
    write_table(pd.DataFrame({"a": ["첫\r둘\r\n셋", "끝"]}), tmp_path / "a.csv")

    assert read_table(tmp_path / "a.csv").rows == [{"a": "첫\n둘\n셋"}, {"a": "끝"}]


def test_a_row_with_more_cells_than_the_heading_is_refused_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text('Q,A\n"배송비\n얼마?",무료\n배송비는?,3,000원\n', encoding="utf-8")

    wanted = r"prices\.csv: Line 4 has 3 cells, but the heading has 2.*double quotes"
    with pytest.raises(TableError, match=wanted):
        read_table(path)


def test_a_row_with_fewer_cells_is_filled_up(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Q,A,B\n질문,답\n\n질문2,답2,,,\n", encoding="utf-8")

    expected = [{"Q": "질문", "A": "답", "B": ""}, {"Q": "질문2", "A": "답2", "B": ""}]
    assert read_table(tmp_path / "a.csv").rows == expected


def test_a_column_without_a_heading_is_left_out_of_csv(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(",Q, ,A,\n0,질문,x,답,\n", encoding="utf-8")

    assert read_table(tmp_path / "a.csv").rows == [{"Q": "질문", "A": "답"}]


def test_windows_line_ends_are_no_part_of_a_cell(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("Q,A\r\n질문,답\r\n".encode())

    assert read_table(tmp_path / "a.csv").rows == [{"Q": "질문", "A": "답"}]


def test_an_unclosed_quote_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('Q,A\n"질문,답\n질문2,답2\n', encoding="utf-8")

    with pytest.raises(TableError, match=r"a\.csv: Line 3 is not CSV: unexpected end"):
        read_table(tmp_path / "a.csv")


def test_numbers_in_a_sheet_come_back_as_their_digits(tmp_path: Path) -> None:
    pd.DataFrame({"id": [1, 20], "답": ["가", None]}).to_excel(tmp_path / "a.xlsx", index=False)

    expected = [{"id": "1", "답": "가"}, {"id": "20", "답": ""}]
    assert read_table(tmp_path / "a.xlsx").rows == expected


def test_a_formula_in_a_sheet_is_text(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    write_table(pd.DataFrame({"a": ["=1+1"]}), tmp_path / "a.xlsx")

    cell = load_workbook(tmp_path / "a.xlsx").active["A2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_a_cell_longer_than_a_sheet_takes_is_refused(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": ["x" * 32_767, "긴" * 32_768]})

    wanted = r"a\.xlsx: row 3 has a cell of 32768 characters; Excel takes 32767"
    with pytest.raises(TableError, match=wanted):
        write_table(frame, tmp_path / "a.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_more_rows_than_a_sheet_takes_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_writer, "_XLSX_ROWS", 3)
    write_table(pd.DataFrame({"a": ["하나", "둘"]}), tmp_path / "a.xlsx")
    with pytest.raises(TableError, match=r"b\.xlsx: it has more than the 3 rows that Excel takes"):
        write_table(pd.DataFrame({"a": ["하나", "둘", "셋"]}), tmp_path / "b.xlsx")
    assert [path.name for path in tmp_path.iterdir()] == ["a.xlsx"]


def test_characters_that_a_sheet_cannot_hold_are_dropped(tmp_path: Path) -> None:
    write_table(pd.DataFrame({"a": ["벨\x07\uffff소리"]}), tmp_path / "a.xlsx")

    assert read_table(tmp_path / "a.xlsx").rows == [{"a": "벨소리"}]


def test_a_sheet_is_as_wide_as_its_heading_and_ends_with_its_last_row(tmp_path: Path) -> None:
    book = Workbook()
    for row in (["Q", "A"], ["질문", 1.5, "비고"], [], [True, None], ["", ""]):
        book.active.append(row)
    book.active["B7"].font = Font(bold=True)
    book.save(tmp_path / "a.xlsx")

    expected = [{"Q": "질문", "A": "1.5"}, {"Q": "", "A": ""}, {"Q": "True", "A": ""}]
    assert read_table(tmp_path / "a.xlsx").rows == expected


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["XFD1048576", "XFD1", "XFD3"])
def test_a_cell_in_the_last_corner_of_a_sheet_is_refused_by_its_row(
    tmp_path: Path, cell: str
) -> None:
    book = Workbook()
    book.active.append(["Q", "A"])
    book.active[cell] = "x"
    book.save(tmp_path / "a.xlsx")

    tracemalloc.start()
    try:
        wanted = r"a\.xlsx: Row [\d]+ has a cell in column 16,384; at most 1,000 are read"
        with pytest.raises(TableError, match=wanted):
            read_table(tmp_path / "a.xlsx")
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()

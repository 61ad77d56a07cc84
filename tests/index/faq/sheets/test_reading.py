"""What cannot be taken is named, with its place, its reason and its cure; the rest is read."""

import csv
import zipfile
from pathlib import Path
from typing import Any

import pytest

from mundap.index.faq.entry import FaqError, read_faq, read_with_report
from mundap.index.faq.sheets.columns import FaqColumns
from mundap.index.faq.sheets.reading import Reading
from mundap.index.tables.table import TableError
from tests.index.faq.sheets.shapes import ods, ods_rows, text_file, xlsx

HEADED = [("질문", "답변"), ("주차 되나요?", "네, 2시간 무료예요.")]


def read(folder: Path, name: str, text: str, **columns: Any) -> tuple[list[Any], Reading]:
    return read_with_report(text_file(name, text)(folder), FaqColumns(**columns))


def asked(entries: list[Any]) -> list[tuple[str, str]]:
    return [(entry.question, entry.answer) for entry in entries]


def shown(reading: Reading) -> list[str]:
    return [line.replace(f"{reading.path.parent}/", "") for line in reading.notes()]


def test_every_bad_row_is_named_and_the_good_ones_are_read(tmp_path: Path) -> None:
    good = "여는 시간은?,9시", "휴관일은?,월요일"
    lines = ["질문,답변", good[0], "주차는?,", good[1], "연체료는?, ", ",답만", "쉼표?,3,000원"]
    text = "\n".join(lines)
    entries, reading = read(tmp_path, "f.csv", text)
    assert asked(entries) == [("여는 시간은?", "9시"), ("휴관일은?", "월요일")]
    assert shown(reading) == [
        "4 rows were not taken:",
        "- f.csv, row 3: the answer is empty. Fill it or drop the row.",
        "- f.csv, row 5: the answer is empty. Fill it or drop the row.",
        "- f.csv, row 6: the question is empty. Fill it or drop the row.",
        "- f.csv, row 7: it has 3 cells for 2 columns. Put a cell that holds ',' between double "
        "quotes.",
    ]
    with pytest.raises(FaqError, match=r"(?s)f\.csv has rows.*4 rows.*row 3.*row 5.*row 6.*row 7"):
        read_faq(tmp_path / "f.csv")


def test_all_rejected_rows_go_to_a_file_with_their_cells(tmp_path: Path) -> None:
    rows = "".join(f"{n}번은?,\n" for n in range(12))
    _, reading = read(tmp_path, "f.csv", f"질문,답변\n{rows}주차는?,네\n")
    assert shown(reading)[-1] == (
        "- and 2 more; --rejected FILE of `mundap data import` lists all."
    )
    reading.write_rejected(tmp_path / "rejected.csv")
    with (tmp_path / "rejected.csv").open(encoding="utf-8-sig", newline="") as file:
        written = list(csv.reader(file))
    assert written[0] == ["file", "sheet", "row", "reason", "cells"]
    reason = "the answer is empty. Fill it or drop the row."
    assert written[1] == [str(tmp_path / "f.csv"), "", "2", reason, "0번은?", ""]
    assert len(written) == 13


def test_bytes_of_another_encoding_spoil_their_own_row_alone(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(
        "질문,답변\n주차 되나요?,네 됩니다\n".encode() + "휴관일은?,월요일\n".encode("cp949")
    )
    entries, reading = read_with_report(path)
    assert asked(entries) == [("주차 되나요?", "네 됩니다")]
    assert shown(reading)[1] == (
        "- f.csv, row 3: it holds bytes that are not UTF-8; save the file anew as UTF-8."
    )


def test_quotes_that_are_part_of_a_text_are_kept(tmp_path: Path) -> None:
    text = (
        '질문,답변\n"""급함"" 되나요?","""네"" 됩니다"\n"두 줄\n질문",네\n"따옴표" 배송?,"네" 요\n'
    )
    entries, reading = read(tmp_path, "f.csv", text)
    assert asked(entries) == [
        ('"급함" 되나요?', '"네" 됩니다'),
        ("두 줄 질문", "네"),
        ('"따옴표" 배송?', '"네" 요'),
    ]
    assert reading.notes() == []


def test_a_quote_that_does_not_close_spoils_its_own_row_alone(tmp_path: Path) -> None:
    text = '질문,답변\n주차는?,"네 됩니다\n휴관일은?,월요일\n연체료는?,100원\n'
    entries, reading = read(tmp_path, "f.csv", text)
    assert asked(entries) == [("휴관일은?", "월요일"), ("연체료는?", "100원")]
    assert shown(reading)[1] == (
        "- f.csv, row 2: a double quote opens in line 2 and does not close; close it or double it."
    )


def test_a_file_of_open_quotes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"f\.csv: Line 102 opens a double quote.*many before"):
        read(tmp_path, "f.csv", "질문,답변\n" + '"열림,답\n' * 200)


def test_nul_characters_go_and_that_is_said(tmp_path: Path) -> None:
    entries, reading = read(tmp_path, "f.csv", "질문,답변\n주차는?,네\0요\n휴관일은?,월요일\n")
    assert asked(entries) == [("주차는?", "네요"), ("휴관일은?", "월요일")]
    assert len(shown(reading)) == 1
    assert shown(reading)[0].startswith("1 cell: NUL")


def test_a_bad_line_of_json_is_a_bad_row(tmp_path: Path) -> None:
    text = '{"q": "주차는?", "a": "네"}\n{"q": "휴관일은?", "a": null}\n{"q": \n"글"\n'
    entries, reading = read(tmp_path, "f.jsonl", text)
    assert asked(entries) == [("주차는?", "네")]
    assert shown(reading)[1:] == [
        "- f.jsonl, line 2: the answer is empty. Fill it or drop the row.",
        "- f.jsonl, line 3: it is not JSON: Expecting value at character 6.",
        "- f.jsonl, line 4: it is no object in braces, but '\"글\"'.",
    ]


def test_a_formula_without_a_result_is_named(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "f.xlsx", ("FAQ", [*HEADED, ("합계는?", "=SUM(1,2)")]))
    entries, reading = read_with_report(path)
    assert asked(entries) == HEADED[1:]
    assert "f.xlsx, sheet FAQ, row 3: the answer is empty, or a formula whose" in shown(reading)[1]


def test_columns_and_sheets_that_are_left_out_are_named_with_the_reason(tmp_path: Path) -> None:
    heading = ("번호", "질문", "답변", "담당", "등록일", "링크", "제목", "")
    row = ("1", "주차 되나요?", "네.", "시설팀", "2025-03-01", "https://a.kr/1", "주차", "메모")
    path = xlsx(
        tmp_path / "f.xlsx",
        ("표지", [["안내"]]),
        ("FAQ", [heading, row]),
        ("빈 시트", []),
    )
    _, reading = read_with_report(path)
    assert shown(reading) == [
        "f.xlsx, sheet FAQ: columns left out: '번호' (numbers), '담당' (its heading is not known), "
        "'등록일' (dates), '링크' (addresses), '제목' ('질문' was taken for the questions), "
        "column H (it has no heading).",
        "f.xlsx: sheet '표지' was left out: no question column; found '안내' in row 1. "
        "--sheet '표지' with --question-column and --answer-column takes it.",
    ]


def test_one_sheet_can_be_taken_by_name_or_number_hidden_or_not(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    path = xlsx(tmp_path / "f.xlsx", ("하나", HEADED), ("둘", [HEADED[0], ("휴관일은?", "월요일")]))
    for sheet in ("둘", "2"):
        entries, reading = read_with_report(path, FaqColumns(sheet=sheet))
        assert [(e.question, e.category) for e in entries] == [("휴관일은?", "")]
        assert shown(reading) == ["f.xlsx: sheets left out, as --sheet says: '하나'."]
    with pytest.raises(
        TableError, match=r"f\.xlsx: no sheet '셋', named with --sheet; found '하나', '둘'"
    ):
        read_with_report(path, FaqColumns(sheet="셋"))
    book = load_workbook(path)
    book["둘"].sheet_state = "hidden"
    book.save(path)
    entries, reading = read_with_report(path)
    assert asked(entries) == HEADED[1:]
    assert shown(reading) == [
        "f.xlsx: sheet '둘' was left out: it is hidden. --sheet '둘' takes it."
    ]
    assert len(read_with_report(path, FaqColumns(sheet="둘"))[0]) == 1


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"question_column": "을"}, ("주차", "네, 됩니다", "", ())),
        ({"question_column": "B", "answer_column": "d"}, ("주차", "시설", "", ())),
        ({"question_column": "2", "answer_column": "3"}, ("주차", "네, 됩니다", "", ())),
        (
            {"question_column": "을", "answer_column": "병", "category_column": "정"},
            ("주차", "네, 됩니다", "시설", ()),
        ),
        (
            {
                "question_column": "을",
                "answer_column": "병",
                "alternates_column": "정",
                "alternates_separator": "설",
            },
            ("주차", "네, 됩니다", "", ("시",)),
        ),
    ],
)
def test_columns_are_named_by_heading_letter_or_number(
    tmp_path: Path, columns: dict[str, str], expected: tuple[Any, ...]
) -> None:
    (entry,), _ = read(tmp_path, "f.csv", '갑,을,병,정\n1,주차,"네, 됩니다",시설\n', **columns)
    assert (entry.question, entry.answer, entry.category, entry.alternates) == expected


def test_the_heading_row_can_be_named_or_denied(tmp_path: Path) -> None:
    text = "질문,답변\n항목,설명\n주차는?,네\n"
    entries, _ = read(tmp_path, "f.csv", text, header_row=2)
    assert asked(entries) == [("주차는?", "네")]
    entries, reading = read(
        tmp_path, "f.csv", text, header_row=0, question_column="A", answer_column="B"
    )
    assert asked(entries) == [("질문", "답변"), ("항목", "설명"), ("주차는?", "네")]
    assert reading.notes() == []
    with pytest.raises(
        TableError, match=r"f\.csv: row 9, named with --header-row, is empty or not"
    ):
        read(tmp_path, "f.csv", text, header_row=9)
    with pytest.raises(ValueError, match="--header-row is -1; wanted 0 or more"):
        FaqColumns(header_row=-1)
    with pytest.raises(ValueError, match="--alternates-separator is empty"):
        FaqColumns(alternates_separator="")


def test_headings_that_contradict_their_columns_are_doubted(tmp_path: Path) -> None:
    text = "의도,질문\n주차 되나요?,네. 건물 뒤에 2시간 무료로 세우실 수 있습니다.\n"
    entries, reading = read(tmp_path, "f.csv", text)
    assert entries[0].question == "주차 되나요?"
    assert shown(reading) == [
        "f.csv: '질문' is named like the questions, but holds what looks like the answers, and was "
        "taken for them; say otherwise with --answer-column."
    ]


def test_of_two_columns_of_one_name_the_taken_one_is_said(tmp_path: Path) -> None:
    (entry,), reading = read(tmp_path, "f.csv", "질문,답변,답변\n주차는?,네,예\n")
    assert entry.answer == "네"
    assert shown(reading)[0] == (
        "f.csv: '답변' stands in columns B and C; B was taken; say otherwise with "
        "--answer-column C."
    )


def test_of_a_folder_what_is_no_table_is_named(tmp_path: Path) -> None:
    for name in ("a.csv", "notes.md"):
        text_file(name, "질문,답변\n주차는?,네\n")(tmp_path)
    entries, reading = read_with_report(tmp_path)
    assert len(entries) == 1
    assert reading.notes() == [
        f"{tmp_path / 'notes.md'}: left out, as of a folder tables alone are read; name it to read "
        "it."
    ]


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("f.csv", "", r"f\.csv: The file is empty; wanted a heading and rows"),
        ("f.csv", "\n , \n", r"f\.csv: The file is empty"),
        ("f.csv", "질문,답변\n", r"f\.csv: no rows\. Add at least one question"),
        (
            "f.csv",
            "갑,을\n1,2\n",
            r"no question column; found '갑', '을' in row 1\. Name it with --question",
        ),
        ("f.csv", "질문,비고\n주차는?,\n", r"no answer column; .* --answer-column '비고'"),
        ("f.json", "{", r"f\.json: Line 1 is not JSON"),
        ("f.json", "[1, 2]", r"f\.json: no list of questions and answers in it; wanted an array"),
        ("f.json", "[" * 100_000, r"f\.json: the JSON nests too deep"),
        ("f.jsonl", "", r"f\.jsonl: The file is empty"),
        ("f.md", "그냥 글\n", r"f\.md: no heading with text below it, no table"),
        ("f.txt", "그냥 글\n두 줄\n", r"f\.txt: no lines of `Q:` and `A:` in it"),
        ("f.html", "<p>그냥 글</p>", r"f\.html: no questions and answers in it: no FAQPage"),
        ("f.pdf", "", r"f\.pdf: unknown table type '\.pdf'; use \.parquet, \.csv"),
    ],
)
def test_what_holds_no_faq_is_refused_in_one_sentence(
    tmp_path: Path, name: str, text: str, reason: str
) -> None:
    with pytest.raises((TableError, FaqError), match=reason) as refused:
        read(tmp_path, name, text)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("suffix", [".xlsx", ".xls", ".ods", ".parquet"])
@pytest.mark.parametrize(
    "content", [b"PK\x03\x04 and nothing", b"\xd0\xcf\x11\xe0 and nothing", b"x"]
)
def test_a_damaged_workbook_is_refused(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"f{suffix}"
    path.write_bytes(content)
    with pytest.raises(TableError, match=rf"f\{suffix}: not a readable"):
        read_with_report(path)


def test_a_workbook_that_unpacks_to_too_much_is_refused_before_it_does(tmp_path: Path) -> None:
    for suffix, member in ((".xlsx", "xl/worksheets/sheet1.xml"), (".ods", "content.xml")):
        path = tmp_path / f"f{suffix}"
        with (
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
            archive.open(member, "w", force_zip64=True) as file,
        ):
            for _ in range(80):
                file.write(bytes(1 << 20))
        with pytest.raises(TableError, match=r"The file unpacks to 83,886,080 bytes of"):
            read_with_report(path)


def test_entities_in_a_spreadsheet_are_refused(tmp_path: Path) -> None:
    head = '<!DOCTYPE x [<!ENTITY a "질문질문질문"><!ENTITY b "&a;&a;&a;">]>'
    path = ods(tmp_path / "f.ods", ("FAQ", ods_rows(HEADED)), head=head)
    with pytest.raises(TableError, match=r"f\.ods: The file declares XML entities"):
        read_with_report(path)


def test_a_cell_in_the_last_corner_of_a_spreadsheet_is_refused(tmp_path: Path) -> None:
    far = '<table:table-cell table:number-columns-repeated="16000"/>' + ods_rows([["x"]])[0]
    path = ods(tmp_path / "f.ods", ("FAQ", [*ods_rows(HEADED), far]))
    with pytest.raises(TableError, match=r"f\.ods: Row 3 has a cell in column 1,0\d\d or beyond"):
        read_with_report(path)
    cell = '<table:table-cell table:number-columns-repeated="16000"'
    wide = ods_rows([["x"]])[0].replace("<table:table-cell", cell)
    path = ods(tmp_path / "f.ods", ("FAQ", [*ods_rows(HEADED), wide]))
    with pytest.raises(TableError, match="at most 1,000 are read"):
        read_with_report(path)


def test_styled_rows_to_the_end_of_a_spreadsheet_are_no_rows(tmp_path: Path) -> None:
    rest = (
        '<table:table-row table:number-rows-repeated="1048000">'
        '<table:table-cell table:number-columns-repeated="1024"/></table:table-row>'
    )
    path = ods(tmp_path / "f.ods", ("FAQ", [*ods_rows(HEADED), rest]))
    entries, reading = read_with_report(path)
    assert (asked(entries), reading.notes()) == (HEADED[1:], [])


def test_the_table_shows_what_was_taken_for_what_with_three_rows(tmp_path: Path) -> None:
    from rich.console import Console

    rows = "".join(f"{n},주차 {n}층도 되나요?,네 됩니다,시설,2025-01-0{n}\n" for n in range(1, 6))
    _, reading = read(tmp_path, "f.csv", f"연번,문의,답변,구분,등록일\n{rows}")
    console = Console(width=100)
    with console.capture() as capture:
        console.print(reading.table())
    lines = [
        [cell.strip() for cell in line.strip("│").split("│")]
        for line in capture.get().splitlines()
        if line.startswith("│")
    ]
    assert lines == [
        ["f.csv", "UTF-8, commas; headings in row 1", "5 entries"],
        ["'문의'", "question", "주차 1층도 되나요?"],
        ["", "", "주차 2층도 되나요?"],
        ["", "", "주차 3층도 되나요?"],
        ["'답변'", "answer", "네 됩니다"],
        ["", "", "네 됩니다"],
        ["", "", "네 됩니다"],
        ["'구분'", "category", "시설"],
        ["", "", "시설"],
        ["", "", "시설"],
        ["'연번'", "left out", "numbers"],
        ["'등록일'", "left out", "dates"],
    ]


def test_a_file_of_which_no_line_can_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(
        TableError,
        match=r"f\.jsonl: none of the first 2 lines can be read; of line 1, it is not JSON",
    ):
        read(tmp_path, "f.jsonl", '{"q": 주차는?}\n{"q": 휴관은?}\n')


def test_a_row_that_holds_a_note_alone_is_no_title(tmp_path: Path) -> None:
    text = "질문,답변,비고\n주차 되나요?,네.,\n,,개편 예정\n휴관일은?,월요일,\n"
    entries, reading = read(tmp_path, "f.csv", text)
    assert [entry.category for entry in entries] == ["", ""]
    assert shown(reading)[-1] == ("- f.csv, row 3: the question is empty. Fill it or drop the row.")

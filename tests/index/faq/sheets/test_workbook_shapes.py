"""Spreadsheets, as people see their cells: what is shown, and where cells lead."""

import re
import zipfile
from pathlib import Path

import pytest

from mundap.index.faq.entry import read_with_report
from tests.index.faq.sheets.shapes import (
    HEADED,
    PAIRS,
    A,
    Built,
    Q,
    assert_pairs,
    ods,
    ods_cell,
    ods_rows,
    parquet,
    xls,
    xlsx,
)

SAME: dict[str, Built] = {
    "xlsx": lambda folder: xlsx(folder / "f.xlsx", ("FAQ", HEADED)),
    "xlsx with a title above": lambda folder: xlsx(
        folder / "f.xlsx",
        ("FAQ", [["시립도서관 FAQ"], ["(2025년 기준)"], [], *HEADED]),
        merged="A1:B1",
    ),
    "xlsx on the second sheet": lambda folder: xlsx(
        folder / "f.xlsx", ("읽어 주세요", [["두 번째 시트에 있습니다."]]), ("FAQ", HEADED)
    ),
    "xlsx from the third column on": lambda folder: xlsx(
        folder / "f.xlsx", ("FAQ", [["", "", *row] for row in HEADED])
    ),
    "xlsx named .csv": lambda folder: xlsx(folder / "f.xlsx", ("FAQ", HEADED)).rename(
        folder / "f.csv"
    ),
    "xls": lambda folder: xls(folder / "f.xls", HEADED),
    "ods": lambda folder: ods(folder / "f.ods", ("FAQ", ods_rows(HEADED))),
    "parquet": lambda folder: parquet(folder / "f.parquet", {"질문": list(Q), "답변": list(A)}),
    "questions above their answers in a sheet": lambda folder: xlsx(
        folder / "f.xlsx",
        (
            "FAQ",
            [
                ["자주 묻는 질문"],
                *([m, t] for pair in PAIRS for m, t in zip("QA", pair, strict=True)),
            ],
        ),
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_a_spreadsheet_is_read_without_an_option(name: str, tmp_path: Path) -> None:
    assert_pairs(SAME[name](tmp_path))


def test_what_is_in_a_sheet_is_what_its_program_shows(tmp_path: Path) -> None:
    import datetime

    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    values = [
        (16001234, "General"),
        (datetime.datetime(2019, 3, 1), "yyyy-mm-dd"),
        (0.05, "General"),
        (0.05, "0%"),
        (3000, '#,##0"원"'),
        (3967, "00000"),
        ("03967", "@"),
        (12.5, "0.00"),
        (datetime.time(9, 30), "hh:mm"),
        (2.0, "General"),
        (True, "General"),
    ]
    sheet.append(["질문", "답변"])
    for number, (value, form) in enumerate(values, start=2):
        sheet.append([f"질문 {number}번은?", value])
        sheet.cell(number, 2).number_format = form
    book.save(tmp_path / "f.xlsx")
    entries, _ = read_with_report(tmp_path / "f.xlsx")
    assert [entry.answer for entry in entries] == [
        "16001234",
        "2019-03-01",
        "0.05",
        "5%",
        "3,000원",
        "03967",
        "03967",
        "12.50",
        "09:30",
        "2",
        "True",
    ]


def test_an_answer_leads_where_its_cell_does(tmp_path: Path) -> None:
    path = xlsx(
        tmp_path / "f.xlsx",
        (
            "FAQ",
            [
                ("질문", "답변"),
                ("신청서는 어디 있나요?", "신청서 내려받기"),
                ("누리집 주소는요?", "https://lib.example.kr"),
                ("메일 주소는요?", "help@example.kr"),
                ("[안내] 길게요?", "첫 줄\n둘째 줄"),
                ("주차 되나요?", "네."),
            ],
        ),
        links={
            "B2": "https://lib.example.kr/form (1).hwp",
            "B3": "https://lib.example.kr/",
            "B4": "mailto:help@example.kr",
            "B5": "https://lib.example.kr/a?b=1&c=2",
            "A6": "https://lib.example.kr/6",
            "B6": "javascript:alert(1)",
        },
    )
    entries, reading = read_with_report(path)
    assert [entry.answer for entry in entries] == [
        "[신청서 내려받기](https://lib.example.kr/form%20%281%29.hwp)",
        "https://lib.example.kr",
        "help@example.kr",
        "첫 줄\n둘째 줄\nhttps://lib.example.kr/a?b=1&c=2",
        "네.",
    ]
    assert reading.notes() == [
        "2 cells: links of cells, written into the answers.",
        "1 cell: links of questions left out.",
    ]


@pytest.mark.parametrize("quote", ["&quot;", '"'])
def test_an_answer_leads_where_its_formula_does(quote: str, tmp_path: Path) -> None:
    path = xlsx(
        tmp_path / "plain.xlsx",
        ("FAQ", [("질문", "답변"), ("어디서 받나요?", "NAME"), ("끝?", "네.")]),
    )
    formula = (
        f"<f>HYPERLINK({quote}https://lib.example.kr/f?a=1&amp;b=2{quote}, {quote}서식{quote})</f>"
    )
    with zipfile.ZipFile(path) as plain, zipfile.ZipFile(tmp_path / "f.xlsx", "w") as book:
        for name in plain.namelist():
            content = plain.read(name).decode()
            content = re.sub(
                r'(<c r="B2")[^>]*>.*?</c>', rf'\1 t="str">{formula}<v>서식</v></c>', content
            )
            book.writestr(name, content)
    entries, reading = read_with_report(tmp_path / "f.xlsx")
    assert [entry.answer for entry in entries] == [
        "[서식](https://lib.example.kr/f?a=1&b=2)",
        "네.",
    ]
    assert reading.notes() == ["1 cell: links of cells, written into the answers."]


def test_an_answer_leads_where_a_cell_of_open_document_does(tmp_path: Path) -> None:
    linked = '<text:p><text:a xlink:href="https://lib.example.kr/f">신청서</text:a></text:p>'
    rows = [*ods_rows([("질문", "답변")]), f"{ods_cell('어디 있나요?')}<table:table-cell>{linked}"]
    rows[-1] += "</table:table-cell>"
    path = ods(tmp_path / "f.ods", ("FAQ", rows))
    assert read_with_report(path)[0][0].answer == "[신청서](https://lib.example.kr/f)"

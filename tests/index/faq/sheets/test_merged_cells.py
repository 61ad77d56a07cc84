"""Cells that are one with those above them, in every kind of file that has such."""

from pathlib import Path

from mundap.index.faq.entry import read_with_report
from tests.index.faq.sheets.shapes import (
    ods,
    ods_rows,
    text_file,
    xls,
    xlsx,
)


def test_merged_cells_say_in_every_row_what_they_say(tmp_path: Path) -> None:
    rows = [
        ("분류", "질문", "답변"),
        ("이용", "여는 시간은?", "9시부터 6시까지요."),
        ("", "몇 시에 열어요?", ""),
        ("", "주차 되나요?", "네."),
        ("", "", ""),
    ]
    expected = [
        ("여는 시간은?", "9시부터 6시까지요.", "이용"),
        ("몇 시에 열어요?", "9시부터 6시까지요.", "이용"),
        ("주차 되나요?", "네.", "이용"),
    ]
    spanned = ods_rows(rows[2:4])
    spanned.insert(
        0,
        "".join(
            ods_rows([[text]])[0].replace('"string"', f'"string" table:number-rows-spanned="{n}"')
            for text, n in zip(rows[1], (4, 1, 2), strict=True)
        ),
    )
    files = [
        xlsx(
            tmp_path / "f.xlsx",
            ("FAQ", [[c or None for c in row] for row in rows]),
            merged="A2:A5 C2:C3",
        ),
        xls(tmp_path / "f.xls", rows, [(1, 4, 0, 0), (1, 2, 2, 2)]),
        ods(tmp_path / "f.ods", ("FAQ", [*ods_rows(rows[:1]), *spanned])),
        text_file(
            "f.html",
            "<table><tr><td>분류</td><td>질문</td><td>답변</td></tr>"
            "<tr><td rowspan=3>이용</td><td>여는 시간은?</td>"
            "<td rowspan=2>9시부터 6시까지요.</td></tr>"
            "<tr><td>몇 시에 열어요?</td></tr><tr><td>주차 되나요?</td><td>네.</td></tr></table>",
        )(tmp_path),
    ]
    for file in files:
        entries, reading = read_with_report(file)
        assert [(e.question, e.answer, e.category) for e in entries] == expected, file
        assert list(reading.rejected) == []


def test_answers_beside_one_merged_question_are_one_answer_in_their_order(tmp_path: Path) -> None:
    rows = [
        ("질문", "답변", "유사질문"),
        ("회원증은 어떻게 만드나요?", "신분증을 가지고 오세요.", "가입 방법"),
        ("", "사진은 여기서 찍어 드려요.", "회원 가입"),
        ("주차 되나요?", "네.", ""),
        ("무료인가요?", "", ""),
    ]
    first = "".join(
        ods_rows([[text]])[0].replace('"string"', f'"string" table:number-rows-spanned="{n}"')
        for text, n in zip(rows[1], (2, 1, 1), strict=True)
    )
    files = [
        xlsx(
            tmp_path / "f.xlsx",
            ("FAQ", [[c or None for c in row] for row in rows]),
            merged="A2:A3 B4:B5",
        ),
        xls(tmp_path / "f.xls", rows, [(1, 2, 0, 0), (3, 4, 1, 1)]),
        ods(
            tmp_path / "f.ods",
            (
                "FAQ",
                [*ods_rows(rows[:1]), first, *ods_rows([*rows[2:4], ("무료인가요?", "네.", "")])],
            ),
        ),
        text_file(
            "f.html",
            "<table><tr><td>질문</td><td>답변</td><td>유사질문</td></tr>"
            "<tr><td rowspan=2>회원증은 어떻게 만드나요?</td><td>신분증을 가지고 오세요.</td>"
            "<td>가입 방법</td></tr><tr><td>사진은 여기서 찍어 드려요.</td><td>회원 가입</td></tr>"
            "<tr><td>주차 되나요?</td><td rowspan=2>네.</td></tr>"
            "<tr><td>무료인가요?</td></tr></table>",
        )(tmp_path),
    ]
    for file in files:
        entries, reading = read_with_report(file)
        assert [(e.question, e.answer, e.alternates) for e in entries] == [
            (
                "회원증은 어떻게 만드나요?",
                "신분증을 가지고 오세요.\n\n사진은 여기서 찍어 드려요.",
                ("가입 방법", "회원 가입"),
            ),
            ("주차 되나요?", "네.", ()),
            ("무료인가요?", "네.", ()),
        ], file
        assert reading.notes() == [
            "1 cell: answers beside one merged question, joined to its first as paragraphs."
        ]

"""Categories, wherever a person sees them."""

from pathlib import Path

import pytest
from rich.text import Text

from mundap.index.faq.entry import read_with_report
from mundap.index.faq.sheets.reading import Reading
from tests.index.faq.sheets.shapes import (
    HEADED,
    PAIRS,
    Built,
    Q,
    Read,
    delimited,
    json_file,
    objects,
    page,
    text_file,
    xlsx,
)


@pytest.mark.parametrize("heading", ["분류", "카테고리", "구분", "문의 유형", "Category", "대분류"])
def test_a_category_is_read_by_its_heading(heading: str, read: Read) -> None:
    (entry,), reading = read("f.csv", f"{heading},질문,답변\n이용,여는 시간은?,9시요\n")
    assert entry.category == "이용"
    assert reading.notes() == []


def test_without_headings_a_column_that_repeats_is_the_category(read: Read) -> None:
    rows = [
        ("대출", *PAIRS[0]),
        ("대출", *PAIRS[1]),
        ("시설", "주차 되나요?", "네, 2시간 무료예요."),
        ("시설", "와이파이 되나요?", "네, 비밀번호는 안내대에 있어요."),
    ]
    entries, reading = read(
        "f.csv", delimited([(str(n), *row) for n, row in enumerate(rows, start=1)])
    )
    assert [entry.category for entry in entries] == ["대출", "대출", "시설", "시설"]
    assert reading.notes()[0].endswith("questions in column C, answers in column D.")
    assert reading.notes()[1].endswith("columns left out: column A (numbers).")


def test_sheets_that_part_the_faq_are_its_categories_and_one_can_be_taken(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "f.xlsx", ("대출", HEADED[:3]), ("회원", [HEADED[0], HEADED[3]]))
    entries, _ = read_with_report(path)
    assert [(e.question, e.category) for e in entries] == list(
        zip(Q, ["대출", "대출", "회원"], strict=True)
    )


CATEGORIES: dict[str, Built] = {
    "objects with a name and a list": json_file(
        "f.json",
        {
            "categories": [
                {"name": "대출", "items": objects()[:2]},
                {"name": "회원", "items": objects()[2:]},
            ]
        },
    ),
    "folds in folds": text_file(
        "f.html",
        "".join(
            f"<details><summary>{name}</summary>"
            + "".join(f"<details><summary>{q}</summary>{a}</details>" for q, a in pairs)
            + "</details>"
            for name, pairs in (("대출", PAIRS[:2]), ("회원", PAIRS[2:]))
        ),
    ),
    "lists below headings": text_file(
        "f.html",
        page(
            "".join(
                f"<h3>{name}</h3><dl>" + "".join(f"<dt>{q}<dd>{a}" for q, a in pairs) + "</dl>"
                for name, pairs in (("대출", PAIRS[:2]), ("회원", PAIRS[2:]))
            )
        ),
    ),
    "titles between the rows": lambda folder: xlsx(
        folder / "f.xlsx",
        (
            "FAQ",
            [
                ["번호", "질문", "답변"],
                ["대출"],
                [1, *PAIRS[0]],
                [2, *PAIRS[1]],
                ["회원"],
                [3, *PAIRS[2]],
            ],
        ),
        merged="A2:C2 A5:C5",
    ),
    "marked titles between the rows": text_file(
        "f.csv",
        delimited([("질문", "답변"), ("■ 대출", ""), *PAIRS[:2], ("■ 회원", ""), PAIRS[2]]),
    ),
    "a heading that ends in a word for it": lambda folder: xlsx(
        folder / "f.xlsx",
        (
            "민원",
            [
                ["업무분야", "질의", "회신"],
                *([n, *pair] for n, pair in zip(["대출", None, "회원"], PAIRS, strict=True)),
            ],
        ),
        merged="A2:A3",
    ),
}


@pytest.mark.parametrize("name", CATEGORIES)
def test_categories_are_found_where_a_person_sees_them(name: str, tmp_path: Path) -> None:
    entries, _ = read_with_report(CATEGORIES[name](tmp_path))

    assert [(e.question, e.answer, e.category) for e in entries] == [
        (*pair, category) for pair, category in zip(PAIRS, ["대출", "대출", "회원"], strict=True)
    ]


def test_a_category_on_a_line_of_its_own_is_parted_from_the_question(read: Read) -> None:
    cells = [
        "대출\n몇 권까지 되나요?",
        "몇 일 빌리나요?\n대출",
        "시설\n주차 되나요?",
        "두 줄인\n질문이요?",
    ]
    rows = [("질문", "답변"), *((cell, "네, 안내대에 물어보세요.") for cell in cells)]
    entries, reading = read("f.csv", delimited(rows))
    assert [(entry.question, entry.category) for entry in entries] == [
        ("몇 권까지 되나요?", "대출"),
        ("몇 일 빌리나요?", "대출"),
        ("시설 주차 되나요?", ""),
        ("두 줄인 질문이요?", ""),
    ]
    assert reading.notes() == [
        "2 cells: categories parted from the questions that they stood with."
    ]


def asked_of(questions: list[str], read: Read) -> tuple[list[tuple[str, str]], Reading]:
    rows = [("질문", "답변"), *((question, f"{question} 네, 됩니다.") for question in questions)]
    entries, reading = read("f.csv", delimited(rows))
    return [(entry.question, entry.category) for entry in entries], reading


def test_a_category_in_brackets_before_most_questions_is_taken_and_stays_in_them(
    read: Read,
) -> None:
    questions = [
        "[여권] 갱신하려면?",
        "Q2. [여권] 사진 규격은?",
        "【비자】 갱신하려면?",
        "[비자]기간은요?",
        "[국제 운전면허] 발급되나요?",
        "주차 되나요?",
    ]
    found, reading = asked_of([*questions, "[국제 운전면허] 유효 기간은?"], read)
    assert found == [
        ("[여권] 갱신하려면?", "여권"),
        ("[여권] 사진 규격은?", "여권"),
        ("【비자】 갱신하려면?", "비자"),
        ("[비자]기간은요?", "비자"),
        ("[국제 운전면허] 발급되나요?", "국제 운전면허"),
        ("주차 되나요?", ""),
        ("[국제 운전면허] 유효 기간은?", "국제 운전면허"),
    ]
    assert reading.notes()[0] == (
        "6 cells: names in brackets before the questions, taken for categories, and left there."
    )
    table = reading.table()
    assert list(table.columns[1].cells)[1:4] == [Text("question"), Text("answer"), Text("category")]


@pytest.mark.parametrize(
    "questions",
    [
        pytest.param(["[필독] 환불은?", "배송은?", "주차는?", "휴무일은?"], id="one of many"),
        pytest.param([f"[하나몰] {n}층은?" for n in "1234"], id="one name for all"),
        pytest.param(["[갤럭시] 값은?", "[아이폰] 값은?", "[맥북] 값은?"], id="each its own"),
        pytest.param(["[1] 값은?", "[1] 색은?", "[2] 값은?", "[2] 색은?"], id="numbers"),
    ],
)
def test_other_brackets_before_questions_are_no_category(questions: list[str], read: Read) -> None:
    found, reading = asked_of(questions, read)
    assert found == [(question, "") for question in questions]
    assert reading.notes() == []


def test_a_column_of_categories_comes_before_brackets(read: Read) -> None:
    rows = [("질문", "답변", "분류")]
    rows += [(f"[{name}] {n}층은?", f"{name} {n}", "층") for name in ("가관", "나관") for n in "12"]
    entries, _ = read("f.csv", delimited(rows))
    assert {entry.category for entry in entries} == {"층"}
    assert entries[0].question == "[가관] 1층은?"

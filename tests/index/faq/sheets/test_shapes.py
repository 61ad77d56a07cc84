"""Every kind of file that people keep a FAQ in is read without an option."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.text import Text

from mundap.index.faq.entry import read_with_report
from mundap.index.faq.sheets.reading import Reading
from tests.index.faq.sheets.shapes import (
    FLAT,
    PAIRS,
    Built,
    delimited,
    json_file,
    lines_of,
    objects,
    ods,
    ods_cell,
    ods_rows,
    parquet,
    table,
    text_file,
    xls,
    xlsx,
)

HEADED = [("질문", "답변"), *PAIRS]
Q, A = zip(*PAIRS, strict=True)
JSON_LD = """<script type="application/ld+json">{"@context": "https://schema.org",
"@type": "FAQPage", "mainEntity": [%s]}</script>"""


def question_of(question: str, answer: str) -> str:
    answer = answer.replace("\n", "\\n")
    return (
        f'{{"@type": "Question", "name": "{question}", '
        f'"acceptedAnswer": {{"@type": "Answer", "text": "{answer}"}}}}'
    )


def page(body: str) -> str:
    menu = "<nav><ul><li>홈</li><li>이용 안내</li></ul></nav>"
    return f"<!doctype html><html><body>{menu}{body}<footer>(우) 04524</footer></body></html>"


def each(form: str) -> str:
    return "".join(form.format(q=q, a=a) for q, a in PAIRS)


def flat(form: str) -> str:
    return "".join(form.format(q=q, a=a) for q, a in FLAT)


def below(depth: int) -> str:
    return each("#" * depth + " {q}\n\n{a}\n\n")


# The three pairs as they are, by name.
SAME: dict[str, Built] = {
    # Separators and types
    "semicolons": text_file("f.csv", delimited(HEADED, ";")),
    "tabs": text_file("f.csv", delimited(HEADED, "\t")),
    "bars": text_file("f.csv", delimited(HEADED, "|")),
    "tsv": text_file("f.tsv", delimited(HEADED, "\t")),
    "text of tabs": text_file("f.txt", delimited(HEADED, "\t")),
    "text of semicolons": text_file("f.txt", delimited(HEADED, ";")),
    "every cell in quotes": text_file("f.csv", delimited(HEADED, quoted=True)),
    "semicolons and quotes": text_file("f.csv", delimited(HEADED, ";", quoted=True)),
    # Encodings
    "utf-8-sig": text_file("f.csv", delimited(HEADED), "utf-8-sig"),
    "utf-16 with a mark": text_file("f.csv", delimited(HEADED), "utf-16"),
    "utf-16-le": text_file("f.csv", delimited(HEADED), "utf-16-le"),
    "utf-16-be": text_file("f.csv", delimited(HEADED), "utf-16-be"),
    "utf-16 of tabs": text_file("f.txt", delimited(HEADED, "\t"), "utf-16"),
    "cp949": text_file("f.csv", delimited(HEADED), "cp949"),
    "euc-kr": text_file("f.csv", delimited(HEADED, ";"), "euc-kr"),
    "johab": text_file("f.csv", delimited(HEADED), "johab"),
    "JSON in cp949": text_file("f.json", lines_of([objects()]), "cp949"),
    "JSON Lines in utf-16": text_file("f.jsonl", lines_of(objects()), "utf-16"),
    # Headings
    **{
        f"headings {question}/{answer}": text_file("f.csv", table(question, answer))
        for question, answer in (
            ("제목", "내용"),
            ("문의", "답변"),
            ("질의", "응답"),
            ("문의 내용", "답변 내용"),
            ("Title", "Content"),
            ("Q.", "A."),
            ("질문(Q)", "답변(A)"),
            ("Question", "Response"),
            ("prompt", "completion"),
            ("instruction", "output"),
            ("고객문의", "담당자 답변"),
            ("자주 하는 질문", "답"),
            ("intent", "response"),
            (" 질문 *", "답변 (필수)"),
            ("Ｑｕｅｓｔｉｏｎ", "Ａｎｓｗｅｒ"),
            ("물음", "대답"),
            ("FAQ 제목", "FAQ 내용"),
        )
    },
    "the answer before the question": text_file(
        "f.csv", delimited([("답변", "질문"), *((a, q) for q, a in PAIRS)])
    ),
    "no heading": text_file("f.csv", delimited(PAIRS)),
    "headings that say nothing": text_file("f.csv", table("갑", "을")),
    "rows before the heading": text_file(
        "f.csv", f"\r\n,\r\n○○도서관 FAQ,\r\n{table('질문', '답변')}"
    ),
    "blank rows between": text_file(
        "f.csv", delimited([*HEADED[:2], ("", ""), *HEADED[2:], ("", "")])
    ),
    "the heading again in the middle": text_file(
        "f.csv", delimited([*HEADED[:3], *HEADED[:1], *HEADED[3:]])
    ),
    "carriage returns": text_file("f.csv", delimited(HEADED, end="\r").replace("\n", "\r")),
    "columns that count and date": text_file(
        "f.csv",
        delimited(
            [("연번", "질문", "답변", "조회수", "등록일")]
            + [
                (str(n), q, a, str(n * 7), f"2025-03-0{n}")
                for n, (q, a) in enumerate(PAIRS, start=1)
            ]
        ),
    ),
    # JSON
    "an array": json_file("f.json", objects()),
    "an array under a name": json_file("f.json", {"version": 2, "faqs": objects("q", "a")}),
    "an array deep inside": json_file("f.json", {"data": {"result": {"list": objects()}}}),
    "pairs": json_file("f.json", [list(pair) for pair in PAIRS]),
    "an object of question: answer": json_file("f.json", dict(PAIRS)),
    "lines in a .json": text_file("f.json", lines_of(objects())),
    "an array on one line of a .jsonl": text_file("f.jsonl", lines_of([objects()])),
    "an array over all lines of a .jsonl": json_file("f.jsonl", objects()),
    "messages": text_file(
        "f.jsonl",
        lines_of(
            [
                {
                    "messages": [{"role": "system", "content": "도서관 안내원"}]
                    + [
                        {"role": role, "content": text}
                        for role, text in zip(("user", "assistant"), pair, strict=True)
                    ]
                }
                for pair in PAIRS
            ]
        ),
    ),
    "conversations": json_file(
        "f.json",
        [
            {"conversations": [{"from": "human", "value": q}, {"from": "gpt", "value": a}]}
            for q, a in PAIRS
        ],
    ),
    "answers in a list": text_file(
        "f.jsonl", lines_of([{"question": q, "answers": [a]} for q, a in PAIRS])
    ),
    "SQuAD": json_file(
        "f.json",
        {
            "data": [
                {
                    "title": "도서관",
                    "paragraphs": [
                        {
                            "context": "…",
                            "qas": [
                                {
                                    "id": str(n),
                                    "question": q,
                                    "answers": [{"text": a, "answer_start": 0}],
                                }
                                for n, (q, a) in enumerate(PAIRS)
                            ],
                        }
                    ],
                }
            ]
        },
    ),
    "SQuAD a row": text_file(
        "f.jsonl",
        lines_of(
            [{"question": q, "answers": {"text": [a], "answer_start": [0]}} for q, a in PAIRS]
        ),
    ),
    "a list for each column": json_file("f.json", {"question": list(Q), "answer": list(A)}),
    "objects by number": json_file("f.json", {str(n): row for n, row in enumerate(objects())}),
    "schema.org in a graph": text_file(
        "f.json",
        '{"@graph": [{"@type": "WebPage", "name": "x"}, {"@type": ["FAQPage"], "mainEntity": ['
        + ",".join(question_of(*pair) for pair in PAIRS)
        + "]}]}",
    ),
    "schema.org in a page, hidden from old browsers": text_file(
        "f.html",
        page(
            (JSON_LD % ",".join(question_of(*pair) for pair in PAIRS))
            .replace('json">', 'json">\n//<![CDATA[\n')
            .replace("</script>", "\n//]]>\n</script>")
            + "<h2>안녕하세요</h2><p>환영합니다</p>"
        ),
    ),
    "schema.org as JSON": text_file(
        "f.json",
        f'{{"@type": "FAQPage", "mainEntity": [{",".join(question_of(*pair) for pair in PAIRS)}]}}',
    ),
    # Spreadsheets
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
    "xls that is a page": text_file(
        "f.xls",
        "<html><meta charset=utf-8><table><tr><th>질문</th><th>답변</th></tr>"
        + each("<tr><td>{q}</td><td>{a}</td></tr>")
        + "</table></html>",
    ),
    "ods": lambda folder: ods(folder / "f.ods", ("FAQ", ods_rows(HEADED))),
    "parquet": lambda folder: parquet(folder / "f.parquet", {"질문": list(Q), "답변": list(A)}),
    # Running text
    "Markdown headings": text_file("f.md", "# 도서관 FAQ\n\n" + below(2)),
    "Markdown headings alone": text_file("f.md", below(1)),
    "Markdown underlined": text_file("f.md", each("{q}\n----\n\n{a}\n\n")),
    "Markdown in bold with Q and A": text_file("f.md", each("**Q. {q}**\n\nA. {a}\n\n")),
    "lines of Q: and A:": text_file("f.txt", each("Q: {q}\nA: {a}\n\n")),
    "lines of 질문 and 답변": text_file("f.txt", each("질문) {q}\n답변) {a}\n\n")),
    "Markdown questions in bold": text_file("f.md", "# 안내\n\n" + each("**{q}**\n\n{a}\n\n")),
    "Markdown headings with lines between": text_file("f.md", each("## {q}\n\n{a}\n\n---\n\n")),
    "Markdown folds": text_file(
        "f.md", each("<details>\n<summary>{q}</summary>\n\n{a}\n\n</details>\n")
    ),
    "numbers and arrows": text_file("f.txt", each("1. {q}\n  ☞ {a}\n\n")),
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
    "questions above their answers in one column": text_file(
        "f.csv",
        delimited([[f"{m}. {t}"] for pair in PAIRS for m, t in zip("QA", pair, strict=True)]),
    ),
    "marks above their texts": text_file("f.txt", each("[질문 1]\n{q}\n\n[답변 1]\n{a}\n\n")),
    "letters above their texts": text_file("f.txt", each("Q\n{q}\nA\n{a}\n\n")),
    "Markdown answers in quotations": text_file(
        "f.md", each("### {q}\n\n> {a}\n\n").replace(".\n신", ".\n> 신")
    ),
    "Markdown questions in a list": text_file("f.md", "# FAQ\n\n" + each("- **{q}**\n{a}\n\n")),
    "questions below bullets": text_file("f.txt", each("● {q}\n{a}\n\n")),
    "JSON Lines with commas at their ends": text_file(
        "f.jsonl", lines_of(objects()).replace("}\n", "},\n")
    ),
    "names as programs join them": json_file(
        "f.json",
        {"list": [{"faqNo": n, "faqTitle": q, "faqContent": a} for n, (q, a) in enumerate(PAIRS)]},
    ),
    "names of government software": json_file(
        "f.json", [{"faqId": "F1", "qestnSj": q, "answerCn": a} for q, a in PAIRS]
    ),
    # Pages
    "cells of Q and A by turns": text_file(
        "f.html",
        page(
            "<table><tr><td colspan=2><font size=4>자주 묻는 질문</font>"
            + each("<tr><td>Q<td><font color=blue>{q}</font><tr><td>A<td>{a}")
            + "</table>"
        ),
    ),
    "cells of Korean marks by turns": text_file(
        "f.html",
        page(
            "<table>"
            + each("<tr><th>질문</th><td>{q}</td></tr><tr><th>답변</th><td>{a}</td></tr>")
            + "</table>"
        ),
    ),
    "one cell for a question with its answer": text_file(
        "f.html",
        page(
            "<table>"
            + each("<tr><td><b>Q. {q}</b><br>A. {a}</td></tr>").replace(".\n신", ".<br>신")
            + "</table>"
        ),
    ),
    "paragraphs of Q and A": text_file(
        "f.html",
        page(each("<p><strong>Q. {q}</strong></p><p>A. {a}</p>").replace(".\n신", ".<br>신")),
    ),
    "buttons that open their answers": text_file(
        "f.html",
        page(
            "<h1>도움말</h1><button aria-controls=m>메뉴</button><ul id=m><li>홈</li></ul>"
            + "".join(
                f"<div><button class=b aria-expanded=false aria-controls=p{n}>{q}</button>"
                f"<div id=p{n}>{a}</div></div>"
                for n, (q, a) in enumerate(PAIRS)
            )
        ),
    ),
    "classes of questions and answers": text_file(
        "f.html",
        page(
            "<h2>자주 묻는 질문</h2><ul class=faq-list>"
            + each(
                "<li class=faqItem><a href='#' class=q><i>Q</i> {q}</a><div class=a>{a}</div></li>"
            )
            + "</ul>"
        ),
    ),
    "classes in words joined": text_file(
        "f.html", page(each("<p class=faqQuestion>{q}</p><div class='faqAnswer on'>{a}</div>"))
    ),
    "rows of a table by turns": text_file(
        "f.html",
        page(
            "<table><tr><th>번호</th><th>제목</th></tr>"
            + each("<tr class=q><td>1</td><td>{q}</td></tr><tr class=a><td></td><td>{a}</td></tr>")
            + "</table>"
        ),
    ),
    "a list of terms": text_file("f.html", page(f"<dl>{each('<dt>{q}</dt><dd>{a}</dd>')}</dl>")),
    "folds": text_file("f.html", page(each("<details><summary>{q}</summary>{a}</details>"))),
    "a table that closes no cell and no row": text_file(
        "f.html",
        page("<table><tr><th>질문<th>답변" + each("<tr><td>{q}<td>{a}") + "</table>"),
    ),
    "a list that closes no term": text_file(
        "f.html", page("<dl>" + each("<dt>{q}<dd>{a}") + "</dl>")
    ),
    "a page in one form": text_file(
        "f.html", page(f"<form method=post><dl>{each('<dt>{q}</dt><dd>{a}</dd>')}</dl></form>")
    ),
    "headings in headers of their own": text_file(
        "f.html",
        page(each("<article><header><h3>{q}</h3></header>{a}</article>")),
    ),
    "schema.org in a page": text_file(
        "f.html",
        page(JSON_LD % ",".join(question_of(*pair) for pair in PAIRS) + "<p>문의 환영</p>"),
    ),
    "schema.org in attributes": text_file(
        "f.htm",
        page(
            each(
                '<div itemscope itemtype="https://schema.org/Question"><h3 itemprop="name">{q}</h3>'
                '<div itemprop="acceptedAnswer"><div itemprop="text">{a}</div></div></div>'
            )
        ),
    ),
    "a page in cp949": text_file(
        "f.html", page(f"<dl>{each('<dt>{q}</dt><dd>{a}</dd>')}</dl>"), "cp949"
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_it_is_read_without_an_option(name: str, tmp_path: Path) -> None:
    entries, reading = read_with_report(SAME[name](tmp_path))

    assert [(entry.question, entry.answer) for entry in entries] == PAIRS
    assert [(entry.alternates, entry.category) for entry in entries] == [((), "")] * 3
    assert list(reading.rejected) == []


def test_a_markdown_table_is_read(tmp_path: Path) -> None:
    text = "# FAQ\n\n| 질문 | 답변 |\n|---|---|\n" + flat("| {q} | {a} |\n")
    entries, _ = read_with_report(text_file("f.md", text)(tmp_path))
    assert [(entry.question, entry.answer) for entry in entries] == FLAT


def test_headings_above_the_questions_are_categories_and_those_below_part_of_answers(
    tmp_path: Path,
) -> None:
    text = (
        "# 자주 묻는 질문\n\n궁금한 것을 찾아보세요.\n\n"
        "## 대출\n\n### 몇 권까지 되나요?\n\n5권이요.\n\n#### 방학에는\n\n10권이요.\n\n"
        "## 시설\n\n### 주차 되나요?\n\n- 2시간 무료\n- 그 뒤 10분에 500원\n"
    )
    entries, reading = read_with_report(text_file("f.md", text)(tmp_path))
    assert [(e.question, e.answer, e.category) for e in entries] == [
        ("몇 권까지 되나요?", "5권이요.\n\n**방학에는**\n10권이요.", "대출"),
        ("주차 되나요?", "- 2시간 무료\n- 그 뒤 10분에 500원", "시설"),
    ]
    assert reading.notes() == [
        f"{tmp_path / 'f.md'}: line 1: text below the heading '자주 묻는 질문' is no answer, and "
        "was left out."
    ]


Read = Callable[[str, str], tuple[list[Any], Reading]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read_text(name: str, text: str) -> tuple[list[Any], Reading]:
        return read_with_report(text_file(name, text)(tmp_path))

    return read_text


@pytest.mark.parametrize(
    "heading", ["유사질문", "유사 질문", "동의 질문", "다른 표현", "alternates"]
)
@pytest.mark.parametrize(
    "cell",
    [
        "몇 시에 열어요?|언제 닫아요?",
        "몇 시에 열어요?;언제 닫아요?",
        '"몇 시에 열어요?\n언제 닫아요?"',
        "몇 시에 열어요? / 언제 닫아요?",
        "몇 시에 열어요?/언제 닫아요?",
    ],
)
def test_other_phrasings_are_parted(heading: str, cell: str, read: Read) -> None:
    (entry,), _ = read("f.csv", f"질문,답변,{heading}\n여는 시간은?,9시요,{cell}\n")
    assert entry.alternates == ("몇 시에 열어요?", "언제 닫아요?")


def test_questions_in_numbered_columns_are_phrasings(read: Read) -> None:
    (entry,), _ = read("f.csv", "질문1,질문2,질문3,답변\n여는 시간은?,몇 시에 열어요?,,9시요\n")
    assert (entry.question, entry.alternates) == ("여는 시간은?", ("몇 시에 열어요?",))


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


def test_bullets_before_phrasings_on_lines_of_their_own_are_no_part_of_them(read: Read) -> None:
    text = delimited(
        [("질문", "답변", "유사질문"), ("주차 되나요?", "네.", "- 차 대도 돼?\n• 주차장 있어?")]
    )
    (entry,), _ = read("f.csv", text)
    assert entry.alternates == ("차 대도 돼?", "주차장 있어?")


def test_a_list_of_answers_is_joined_and_said(read: Read) -> None:
    (entry,), reading = read(
        "f.jsonl", lines_of([{"q": "주차 되나요?", "a": ["네.", "2시간 무료예요.", "네."]}])
    )
    assert entry.answer == "네.\n\n2시간 무료예요."
    assert reading.notes() == ["1 cell: lists of answers, joined as paragraphs."]


def test_arrays_under_the_names_of_categories_keep_them(tmp_path: Path) -> None:
    value = {"대출": objects()[:2], "회원": objects()[2:]}
    entries, _ = read_with_report(json_file("f.json", value)(tmp_path))
    assert [entry.category for entry in entries] == ["대출", "대출", "회원"]


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

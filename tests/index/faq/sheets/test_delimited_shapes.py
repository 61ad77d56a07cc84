"""Text whose cells are parted by a character, in every encoding and under every heading."""

from pathlib import Path

import pytest

from tests.index.faq.sheets.shapes import (
    HEADED,
    PAIRS,
    Built,
    assert_pairs,
    delimited,
    table,
    text_file,
)

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
    "questions above their answers in one column": text_file(
        "f.csv",
        delimited([[f"{m}. {t}"] for pair in PAIRS for m, t in zip("QA", pair, strict=True)]),
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_parted_text_is_read_without_an_option(name: str, tmp_path: Path) -> None:
    assert_pairs(SAME[name](tmp_path))

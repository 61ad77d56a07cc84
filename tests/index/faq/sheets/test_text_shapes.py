"""Running text, of Markdown or without marks."""

from pathlib import Path

import pytest

from mundap.index.faq.entry import read_with_report
from tests.index.faq.sheets.shapes import (
    FLAT,
    Built,
    assert_pairs,
    each,
    text_file,
)


def below(depth: int) -> str:
    return each("#" * depth + " {q}\n\n{a}\n\n")


SAME: dict[str, Built] = {
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
    "marks above their texts": text_file("f.txt", each("[질문 1]\n{q}\n\n[답변 1]\n{a}\n\n")),
    "letters above their texts": text_file("f.txt", each("Q\n{q}\nA\n{a}\n\n")),
    "Markdown answers in quotations": text_file(
        "f.md", each("### {q}\n\n> {a}\n\n").replace(".\n신", ".\n> 신")
    ),
    "Markdown questions in a list": text_file("f.md", "# FAQ\n\n" + each("- **{q}**\n{a}\n\n")),
    "questions below bullets": text_file("f.txt", each("● {q}\n{a}\n\n")),
}


@pytest.mark.parametrize("name", SAME)
def test_running_text_is_read_without_an_option(name: str, tmp_path: Path) -> None:
    assert_pairs(SAME[name](tmp_path))


def test_a_markdown_table_is_read(tmp_path: Path) -> None:
    text = "# FAQ\n\n| 질문 | 답변 |\n|---|---|\n" + "".join(f"| {q} | {a} |\n" for q, a in FLAT)
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

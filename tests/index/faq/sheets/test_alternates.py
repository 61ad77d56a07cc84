"""Other phrasings of a question, beside it in a sheet."""

import pytest

from tests.index.faq.sheets.shapes import (
    Read,
    delimited,
)


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


def test_bullets_before_phrasings_on_lines_of_their_own_are_no_part_of_them(read: Read) -> None:
    text = delimited(
        [("질문", "답변", "유사질문"), ("주차 되나요?", "네.", "- 차 대도 돼?\n• 주차장 있어?")]
    )
    (entry,), _ = read("f.csv", text)
    assert entry.alternates == ("차 대도 돼?", "주차장 있어?")

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.encoders.encoder import Vectors
from mundap.index.korean.text import clean
from mundap.training.mining.edits.negation import change_negation
from mundap.training.mining.edits.predicate import change_predicate
from mundap.training.mining.edits.sentence import Sentence
from mundap.training.mining.edits.subject import Subjects
from mundap.training.mining.edits.tense import change_tense
from mundap.training.mining.korean_edits import EDIT_KINDS, KoreanEdits
from tests.tiny_encoder import TinyEncoder

TENSE = [
    ("먹었어", "먹을 거야"),
    ("어제 왔어요", None),
    ("먹을 거야", "먹었어"),
    ("환불은 며칠 걸려요?", "환불은 며칠 걸렸어요?"),
    ("취소할 수 있나요?", "취소할 수 있었나요?"),
    ("필요한가요", "필요했나요"),
    ("포장이 예쁜가요", "포장이 예뻤나요"),
    ("알려 주세요", "알려 주셨어요"),
    ("몇 시까지예요", "몇 시까지였어요"),
    ("언제 도착했는지 알고 싶어요", "언제 도착할지 알고 싶어요"),
    ("결제가 완료됐습니다.", "결제가 완료될 겁니다."),
    ("결제가 완료되었습니다.", "결제가 완료될 겁니다."),
    ("등록이 안 돼요 ㅠㅠ", "등록이 안 됐어요 ㅠㅠ"),
    ("guest로 주문 돼요? 😀", "guest로 주문 됐어요? 😀"),
    ("하면 돼요?", None),
    ("내일 와요?", None),
    ("눌렀더니 꺼졌어요", None),
    ("배송비 조회", None),
    ("취소하자", None),
    ("", None),
]
NEGATION = [
    ("먹었어", "안 먹었어"),
    ("취소할 수 있나요?", "취소할 수 없나요?"),
    ("재고가 없어요", "재고가 있어요"),
    ("하나도 없어요", None),
    ("회원가입하나요", "회원가입 안 하나요"),
    ("비싸요", "비싸지 않아요"),
    ("무료예요?", "무료가 아니에요?"),
    ("등록이 안 돼요", "등록이 돼요"),
    ("받지 못했어요", "받았어요"),
    ("왜 안 들어오죠", "왜 들어오죠"),
    ("알려 주세요", "알려 주지 마세요"),
    ("도로 가져가시오", "도로 가져가지 마시오"),
    ("포장해 줘?", "포장해 주지 않아?"),
    ("사용하고 있어요", "사용하고 있지 않아요"),
    ("받을 수 있는지 궁금해", "받을 수 없는지 궁금해"),
    ("해야 하나요?", None),
    ("환불은 며칠 걸려요?", None),
    ("안녕히 주무세요", None),
    ("배송비 조회", None),
]
PREDICATE = [
    ("취소하고 싶어요", "확정하고 싶어요"),
    ("회원가입하나요", "회원탈퇴하나요"),
    ("너무 비싸요", "너무 싸요"),
    ("앱을 켜면 느려요", "앱을 켜면 빨라요"),
    ("문을 닫아요", "문을 열어요"),
    ("문을 열어요", "문을 닫아요"),
    ("세탁기에 넣어요", None),
    ("주문번호", None),
    ("환불이나 교환", None),
    ("안녕하세요", None),
]


def edited(change: Callable[[Sentence], str | None], text: str) -> str | None:
    return change(Sentence.of(text))


@pytest.mark.parametrize(("text", "expected"), TENSE)
def test_the_tense_is_another_one(text: str, expected: str | None) -> None:
    assert edited(change_tense, text) == expected


@pytest.mark.parametrize(("text", "expected"), NEGATION)
def test_what_was_said_is_denied_or_affirmed(text: str, expected: str | None) -> None:
    assert edited(change_negation, text) == expected


@pytest.mark.parametrize(("text", "expected"), PREDICATE)
def test_the_predicate_is_another_one(text: str, expected: str | None) -> None:
    assert edited(change_predicate, text) == expected


ANGLES = {"환불": 0.0, "교환": 1.25, "배송": 1.4, "반송": 1.45}


PIECES = ["환불은", "제가", "안", "왜", "언제", "취소했어요", "되나요?", "ㅠㅠ", "Refund", "없어"]


class NounEncoder(TinyEncoder):
    """Finds 환불 and 교환 akin, 배송 less so, 반송 the same as 배송."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        angles = np.array([ANGLES.get(text, 3.0) for text in texts], dtype=np.float32)
        return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def subjects(*texts: str) -> Subjects:
    return Subjects.of([Sentence.of(text) for text in texts * 2], NounEncoder())


def test_the_subject_is_the_most_akin_one_of_the_same_predicate() -> None:
    known = subjects("환불은 며칠 걸려요", "교환이 오래 걸려요", "배송은 얼마나 걸려요")
    sentence = Sentence.of("환불은 언제까지 걸려요?")
    assert known.change(sentence) == "교환은 언제까지 걸려요?"


def test_a_subject_that_means_the_same_is_not_taken() -> None:
    known = subjects("배송은 며칠 걸려요", "반송은 오래 걸려요")
    assert known.change(Sentence.of("배송은 며칠 걸려요")) is None


def test_a_subject_of_another_predicate_or_seen_once_is_not_taken() -> None:
    once = Subjects.of([Sentence.of("교환이 오래 걸려요")], NounEncoder())
    assert once.change(Sentence.of("환불은 며칠 걸려요")) is None
    other = subjects("환불은 며칠 걸려요", "교환이 되나요")
    assert other.change(Sentence.of("환불은 며칠 걸려요")) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("제가 물어봐도 되나요", "친구가 물어봐도 되나요"),
        ("나는 안 샀어", "친구는 안 샀어"),
        ("제가 할게요", None),
        ("저는 사고 싶어요", None),
        ("친구가 적은 주소를 제가 볼 수 있나요", None),
        ("누가 보냈어요", None),
    ],
)
def test_a_first_person_becomes_a_third(text: str, expected: str | None) -> None:
    assert subjects().change(Sentence.of(text)) == expected


def test_a_typo_that_the_analysis_mends_is_left_alone() -> None:
    assert edited(change_tense, "환불 됬나여") is None


def test_edits_come_one_of_a_kind_in_order() -> None:
    edits = KoreanEdits.of(["환불은 며칠 걸려요"] * 2 + ["교환은 오래 걸려요"], NounEncoder())
    found = edits.edit("제가 취소했어요")
    assert [(edit.kind, edit.text) for edit in found] == [
        ("tense", "제가 취소할 거예요"),
        ("subject", "친구가 취소했어요"),
        ("predicate", "제가 확정했어요"),
        ("negation", "제가 취소 안 했어요"),
    ]
    assert tuple(edit.kind for edit in found) == EDIT_KINDS


@given(
    st.lists(
        st.sampled_from(
            [
                "환불은",
                "제가",
                "안",
                "왜",
                "언제",
                "취소했어요",
                "되나요?",
                "ㅠㅠ",
                "😀",
                "Refund",
                "[주문]",
                "알려줘",
                "없어",
            ]
        ),
        max_size=6,
    ).map(" ".join)
    | st.text(max_size=12)
)
def test_an_edit_is_a_clean_text_other_than_the_first(text: str) -> None:
    edits = KoreanEdits.of([], NounEncoder()).edit(text)
    assert [kind for kind in EDIT_KINDS if kind in {e.kind for e in edits}] == [
        edit.kind for edit in edits
    ]
    for edit in edits:
        assert edit.text
        assert edit.text == clean(edit.text) != clean(text)


PAGE = (Path(__file__).parents[3] / "docs" / "negatives.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("kind", "change"),
    [("tense", change_tense), ("predicate", change_predicate), ("negation", change_negation)],
)
def test_the_edits_that_people_have_read_are_those_of_the_rules(
    kind: str, change: Callable[[Sentence], str | None]
) -> None:
    section = PAGE.partition(f"### {kind}\n")[2].partition("### ")[0]
    read = re.findall(r"^\| \d+ \| (.+) \| (.+) \|$", section, re.MULTILINE)
    assert len(read) == 50
    assert [(text, edited(change, text)) for text, _ in read] == read

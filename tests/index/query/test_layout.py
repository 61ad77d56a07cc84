import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.korean.keyboard import flipped
from mundap.index.query.english import COMMON
from mundap.index.query.layout import relaid
from tests.index.shop_faq import ENTRIES, vocabulary

QUESTIONS = [text for entry in ENTRIES for text in entry.passages]


@pytest.mark.parametrize("question", [q for q in QUESTIONS if q not in ("ㅎㅇ", "vip 쿠폰")])
def test_every_question_of_the_faq_is_restored(question: str) -> None:
    assert relaid(flipped(question), vocabulary()) == question


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_question_of_the_faq_is_changed(question: str) -> None:
    assert relaid(question, vocabulary()) == question


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("dkssud", "안녕"),
        ("ghksqnf djEjgrp gody", "환불 어떻게 해요"),
        ("환불 djEjgrp gody", "환불 어떻게 해요"),
        ("vip znvhs", "vip 쿠폰"),
        ("ㅍㅑㅔ znvhs", "vip 쿠폰"),
        ("메ㅔ djEjgrp gody", "app 어떻게 해요"),
        ("znvhsbb", "쿠폰ㅠㅠ"),
        ("ㅋㅋ znvhs djEjgrp", "ㅋㅋ 쿠폰 어떻게"),
        ("ㅗㅑ", "hi"),
        ("ㅗㅐㅈ 새 ㄱㄷ려ㅜㅇ", "how to refund"),
        ("퍄ㅔ 쿠폰", "vip 쿠폰"),
    ],
)
def test_the_layout_that_was_meant(typed: str, meant: str) -> None:
    assert relaid(typed, vocabulary()) == meant


@pytest.mark.parametrize(
    "text",
    [
        "how to get a refund",
        "work",
        "sms 안 와요",
        "iPhone 13 pro",
        "vip",
        "go",
        "ㅋㅋㅋ",
        "ㅠㅠ",
        "ㅎㅇ",
        "ㅡㅡ",
        "ㄱㄴ?",
        "배송비ㅠㅠ 얼마",
        "https://example.com",
        "asdf qwer",
        "GPS 허용",
        "😀",
        "",
    ],
)
def test_what_is_no_slip_stays(text: str) -> None:
    assert relaid(text, vocabulary()) == text


@given(st.lists(st.sampled_from(sorted(COMMON)), min_size=1, max_size=6).map(" ".join))
def test_common_english_stays(text: str) -> None:
    assert relaid(text, vocabulary()) == text


@given(st.text(st.characters(min_codepoint=ord("가"), max_codepoint=ord("힣")) | st.just(" ")))
def test_whole_syllables_stay(text: str) -> None:
    assert relaid(text, vocabulary()) == text

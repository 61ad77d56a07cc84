import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.query.loan_words import LOAN_WORDS, in_hangul
from mundap.index.query.vocabulary import Vocabulary
from tests.index.shop_faq import vocabulary


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("coupon 등록", "쿠폰 등록"),
        ("Coupon은 어디", "쿠폰은 어디"),
        ("app이 안 열려요", "앱이 안 열려요"),
        ("kakaopay 결제", "카카오페이 결제"),
        # The FAQ says none of these in Hangul.
        ("wifi 안 돼요", "wifi 안 돼요"),
        ("couponing", "couponing"),
        ("vip", "vip"),
        ("", ""),
    ],
)
def test_a_loan_word_takes_the_spelling_of_the_faq(query: str, meant: str) -> None:
    assert in_hangul(query, vocabulary()) == meant


def test_the_spelling_that_the_faq_uses_more_often_wins() -> None:
    assert in_hangul("wi-fi", Vocabulary({"와이파이": 2, "wifi": 1}, {}, {})) == "와이파이"
    assert in_hangul("wifi", Vocabulary({"와이파이": 2, "wifi": 2}, {}, {})) == "wifi"


def test_the_table_is_in_lower_case_and_hangul_each_word_once() -> None:
    assert all(word == word.lower() and word.isascii() for word in LOAN_WORDS)
    assert all("가" <= char <= "힣" for word in LOAN_WORDS.values() for char in word)
    assert len(set(LOAN_WORDS.values())) == len(LOAN_WORDS)


SAID = "|".join(sorted(filter(vocabulary().count, LOAN_WORDS.values()), key=len, reverse=True))


@given(st.lists(st.sampled_from([*LOAN_WORDS, "wi-fi", "쿠폰", "은", " ", "?"])).map("".join))
def test_latin_words_alone_change_and_only_to_what_the_faq_says(text: str) -> None:
    read = in_hangul(text, vocabulary())
    assert in_hangul(read, vocabulary()) == read
    assert re.sub(f"[a-z-]+|{SAID}", "", read) == re.sub(f"[a-z-]+|{SAID}", "", text)

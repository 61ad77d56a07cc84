import math
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mundap.evaluation.perturbations import neighbouring_key
from mundap.index.faq.passages.passages import Passages
from mundap.index.korean.keyboard import to_keys
from mundap.index.query.near_words import one_key_apart
from mundap.index.query.spelling import Speller
from mundap.index.query.vocabulary import Vocabulary
from tests.index.shop_faq import ENTRIES, passages, vocabulary

SPELLER = Speller.of(vocabulary(), passages())
QUESTIONS = [text for entry in ENTRIES for text in entry.passages]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("배솟비 얼마예요", "배송비 얼마예요"),
        ("횐불은 언제 되나요", "환불은 언제 되나요"),
        ("카카ㅗ페이 결제", "카카오페이 결제"),
        ("적립긍은 언제 들어오나요", "적립금은 언제 들어오나요"),
        ("카카오패이 결제", "카카오페이 결제"),
        ("횐불 언제 되나요ㅠㅠ", "환불 언제 되나요ㅠㅠ"),
        ("배솟비 쿠퐁 등록", "배송비 쿠폰 등록"),
    ],
)
def test_one_wrong_key_of_a_word_is_repaired(typed: str, meant: str) -> None:
    assert SPELLER.read(typed) == meant


@pytest.mark.parametrize(
    "text",
    [
        *QUESTIONS,
        "화분은 언제 오나요",
        "교훈이 뭐예요",
        "오늘 날씨 어때요ㅠㅠ",
        "너무 좋아요 ㅋㅋ",
        "강남역 근처 맛집 추천해 주세요",
        "how to refund",
        "ㅋㅋㅋ",
        "😀 1234",
        "",
    ],
)
def test_a_clean_text_stays(text: str) -> None:
    assert SPELLER.read(text) == text


@settings(max_examples=50, deadline=None)
@given(st.text(st.sampled_from("환불배송비 ㅋㅏㅛa1?"), max_size=12))
def test_what_is_not_hangul_is_never_touched(text: str) -> None:
    def other(letters: str) -> str:
        return "".join(char for char in letters if char in " a1?")

    assert other(SPELLER.read(text)) == other(text)


def test_a_faq_without_words_repairs_nothing() -> None:
    empty = Speller.of(Vocabulary({}, {}, {}), Passages.of([]))
    assert empty.read("배솟비 얼마예요") == "배솟비 얼마예요"


def test_only_the_three_strangest_words_are_looked_at() -> None:
    assert SPELLER.read("횐불은 " * 3) == "환불은 " * 3
    assert SPELLER.read("횐불은 " * 9).split().count("환불은") == 3


def test_a_word_that_was_pasted_is_not_looked_at() -> None:
    assert SPELLER.suspects("횐불" + "가" * 14) == []


def test_clues_say_what_speaks_for_a_word() -> None:
    (suspect,) = SPELLER.suspects("매송비 얼마예요")
    weighed = SPELLER.weighed("매송비 얼마예요", suspect)
    assert list(weighed) == ["배송비"]
    clues = weighed["배송비"]
    assert clues.gain > 5
    assert clues.affinity > 1
    assert (clues.is_beside, clues.is_swapped, clues.is_known, clues.loose) == (
        True,
        False,
        True,
        0,
    )
    assert clues.count == math.log(vocabulary().count("배송비"))


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(QUESTIONS), st.integers())
def test_a_repair_is_one_key_of_each_word(question: str, seed: int) -> None:
    typed = neighbouring_key(question, Random(seed))
    words, read = typed.split(" "), SPELLER.read(typed).split(" ")
    assert len(words) == len(read)
    for one, other in zip(words, read, strict=True):
        assert one == other or one_key_apart(to_keys(one), to_keys(other))

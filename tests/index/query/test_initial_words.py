import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.korean.hangul import initials
from mundap.index.query.initial_words import InitialWords
from mundap.index.query.vocabulary import Vocabulary
from tests.index.shop_faq import vocabulary

WORDS = InitialWords.of(vocabulary())


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("ㅎㅂ", "환불"),
        ("ㅎㅂ?", "환불?"),
        ("ㅂㅅㅂ", "배송비"),
        ("ㅋㅍ ㄷㄹ", "쿠폰 등록"),
        # What a chat, or the FAQ itself, says with consonants.
        ("ㅎㅇ", "ㅎㅇ"),
        ("ㅇㅋ", "ㅇㅋ"),
        ("ㅋㅋ", "ㅋㅋ"),
        ("ㅎㅂ ㅌㅌㅌ", "ㅎㅂ ㅌㅌㅌ"),
        ("ㅎㅂ 언제 되나요", "ㅎㅂ 언제 되나요"),
        ("환불", "환불"),
        ("", ""),
    ],
)
def test_a_query_of_initial_consonants_alone_is_looked_up(query: str, meant: str) -> None:
    assert WORDS.read(query, vocabulary()) == meant


def test_of_two_words_the_one_twice_as_usual_is_meant_and_else_none() -> None:
    found = InitialWords.of(Vocabulary({}, {"환불": 4, "화분": 2, "교환": 3, "기회": 2}, {}))
    assert found.words == {"ㅎㅂ": "환불"}


@given(
    st.dictionaries(st.sampled_from(["환불", "화분", "호박", "교환", "기한"]), st.integers(1, 9))
)
def test_a_word_found_has_the_initials_and_no_rival(stems: dict[str, int]) -> None:
    for key, word in InitialWords.of(Vocabulary({}, stems, {})).words.items():
        rivals = [n for other, n in stems.items() if initials(other) == key and other != word]
        assert initials(word) == key
        assert stems[word] >= 2 * max(rivals, default=0)

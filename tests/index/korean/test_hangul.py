import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.korean.hangul import (
    FINALS,
    INITIALS,
    MEDIALS,
    compose,
    initials,
    instrumental,
    letters,
    with_letters_joined,
)

syllables = st.text(st.characters(min_codepoint=ord("가"), max_codepoint=ord("힣")))
any_text = st.text(st.characters())


def test_every_syllable_composes_from_its_letters() -> None:
    every = [chr(code) for code in range(ord("가"), ord("힣") + 1)]
    assert [compose(letters(char)) for char in every] == every


@given(syllables)
def test_syllables_in_a_row_keep_their_borders(text: str) -> None:
    assert compose(letters(text)) == text


@pytest.mark.parametrize(
    ("text", "particle"),
    [
        ("배송비", "로"),
        ("환불", "로"),
        ("쿠폰", "으로"),
        ("환불 어떻게 해요?", "로"),
        ("쿠폰 사용 방법!", "으로"),
        ("값", "으로"),
        ("여덟", "으로"),
        ("app", "(으)로"),
        ("포인트 3", "(으)로"),
        ("", "(으)로"),
    ],
)
def test_the_particle_follows_the_last_syllable(text: str, particle: str) -> None:
    assert instrumental(text) == particle


@given(syllables)
def test_initials_are_those_of_unicode(text: str) -> None:
    decomposed = unicodedata.normalize("NFD", text)
    firsts = [ord(char) - 0x1100 for char in decomposed if 0x1100 <= ord(char) <= 0x1112]
    assert initials(text) == "".join(INITIALS[first] for first in firsts)


@given(any_text)
def test_letters_leave_no_syllable_and_change_nothing_twice(text: str) -> None:
    assert letters(letters(text)) == letters(text)
    assert not any("가" <= char <= "힣" for char in letters(text))


def test_the_alphabet_has_the_size_that_the_block_of_syllables_asks_for() -> None:
    assert len(INITIALS) * len(MEDIALS) * len(FINALS) == ord("힣") - ord("가") + 1


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("환불", "ㅎㅗㅏㄴㅂㅜㄹ"),
        ("값이", "ㄱㅏㅂㅅㅇㅣ"),
        ("의뢰", "ㅇㅡㅣㄹㅗㅣ"),
        ("까", "ㄲㅏ"),
        ("a1 ㅋㅋ", "a1 ㅋㅋ"),
    ],
)
def test_letters_are_those_that_keys_make(text: str, typed: str) -> None:
    assert letters(text) == typed
    assert compose(typed) == text


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("ㅈㅜ문 취소", "주문 취소"),
        ("ㅎㅗㅏㄴㅂㅜㄹ", "환불"),
        ("ㅎㅘㄴ불", "환불"),
        ("너무해ㅋㅋㅠㅠ", "너무해ㅋㅋㅠㅠ"),
        ("ㅎㅜㅎ ㅠㅠ", "ㅎㅜㅎ ㅠㅠ"),
        ("ㄱㄴ? ㅇㅋ", "ㄱㄴ? ㅇㅋ"),
        ("해ㅛ", "해요"),
        ("안녕하세ㅛ?", "안녕하세요?"),
    ],
)
def test_letters_typed_one_by_one_join_but_faces_stay(text: str, joined: str) -> None:
    assert with_letters_joined(text) == joined


@given(any_text)
def test_joining_letters_twice_changes_nothing_more(text: str) -> None:
    assert with_letters_joined(with_letters_joined(text)) == with_letters_joined(text)

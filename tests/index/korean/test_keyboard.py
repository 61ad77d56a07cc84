import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.korean.keyboard import NEIGHBOURS, flipped, from_keys, to_keys

korean = st.text(st.characters(min_codepoint=ord("가"), max_codepoint=ord("힣")) | st.just(" "))
english = st.text(string.ascii_lowercase + " ")


@given(korean)
def test_korean_typed_as_keys_and_back_is_itself(text: str) -> None:
    assert from_keys(to_keys(text)) == text
    assert flipped(flipped(text)) == text


@given(english)
def test_small_latin_letters_flipped_twice_are_themselves(text: str) -> None:
    assert flipped(flipped(text)) == text


@given(korean)
def test_keys_of_korean_are_latin_letters_alone(text: str) -> None:
    assert set(to_keys(text)) <= {*string.ascii_letters, " "}


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("dkssud", "안녕"),
        ("ghksqnf djEjgrp gody", "환불 어떻게 해요"),
        ("app 어떻게 깔아요?", "메ㅔ djEjgrp Rkfdkdy?"),
        ("ㅗㅑ", "hi"),
        ("DKSSUD", "안녕"),
        ("1 + 2 😀", "1 + 2 😀"),
    ],
)
def test_the_other_layout(text: str, other: str) -> None:
    assert flipped(text) == other


def test_neighbours_are_mutual_and_touch() -> None:
    assert set(NEIGHBOURS) == set(string.ascii_lowercase)
    assert {
        key for key in NEIGHBOURS for other in NEIGHBOURS[key] if key not in NEIGHBOURS[other]
    } == set()
    assert set(NEIGHBOURS["g"]) == set("tyfhvb")
    assert set(NEIGHBOURS["q"]) == set("wa")

"""The two-set (두벌식) layout, on the keys of QWERTY, and which keys lie side by side."""

import re
from functools import lru_cache
from math import dist

from mundap.index.korean.hangul import compose, letters

_KEYS = "qwertyuiopasdfghjklzxcvbnmQWERTOP"
_LETTERS = "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ"
_LETTER_OF = dict(zip(_KEYS, _LETTERS, strict=True))
# Shift changes nothing on the other keys: a capital A makes ㅁ as well.
_TO_LETTERS = str.maketrans({key.upper(): _LETTER_OF[key] for key in _KEYS} | _LETTER_OF)
_TO_KEYS = str.maketrans(dict(zip(_LETTERS, _KEYS, strict=True)))
# Letters of one script, as they stand together.
TYPED = re.compile("[A-Za-z]+|[가-힣ㄱ-ㅎㅏ-ㅣ]+")

# Each row of keys, and how far its left edge stands in, in keys.
_ROWS = (("qwertyuiop", 0.0), ("asdfghjkl", 0.25), ("zxcvbnm", 0.75))
# Keys that touch: the six around each.
_REACH = 1.3


# A word of a query is met with many words of the FAQ, and the same words by many queries.
@lru_cache(maxsize=4096)
def to_keys(text: str) -> str:
    """Return the keys that type `text`, Hangul as Latin letters: 안녕 as dkssud."""
    return letters(text).translate(_TO_KEYS)


def from_keys(keys: str) -> str:
    """Return what `keys` make in the Korean layout: dkssud as 안녕; the undoing of `to_keys`."""
    return compose(keys.translate(_TO_LETTERS))


def flipped(text: str) -> str:
    """Return what the same keys type in the other layout: Latin letters as Hangul, and back."""
    return TYPED.sub(lambda run: _flip(run[0]), text)


def _flip(run: str) -> str:
    return from_keys(run) if run.isascii() else to_keys(run)


def _neighbours() -> dict[str, str]:
    place = {
        key: (left + column, row)
        for row, (keys, left) in enumerate(_ROWS)
        for column, key in enumerate(keys)
    }
    return {
        key: "".join(other for other in place if 0 < dist(place[key], place[other]) <= _REACH)
        for key in place
    }


# Key -> the keys that a finger may meet instead.
NEIGHBOURS = _neighbours()

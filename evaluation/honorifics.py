"""The other level of politeness: 존댓말 <-> 반말, on the last word of a question."""

import re
from collections.abc import Sequence

from mundap.index.korean.hangul import compose, letters

# Endings as the letters they are typed with; the first that fits is replaced.
# 주세요 -> 줘, 합니까 -> 하냐, 합니다 -> 한다, 인가요 -> 인가.
_PLAIN = (
    ("ㅈㅜㅅㅔㅇㅛ", "ㅈㅜㅓ"),
    ("ㅅㅡㅂㄴㅣㄲㅏ", "ㄴㅑ"),
    ("ㅂㄴㅣㄲㅏ", "ㄴㅑ"),
    ("ㅅㅡㅂㄴㅣㄷㅏ", "ㄷㅏ"),
    ("ㅇㅣㅂㄴㅣㄷㅏ", "ㅇㅣㄷㅏ"),
    ("ㅂㄴㅣㄷㅏ", "ㄴㄷㅏ"),
    ("ㅇㅣㅇㅔㅇㅛ", "ㅇㅣㅇㅑ"),
    ("ㅇㅖㅇㅛ", "ㅇㅑ"),
    ("ㅎㅏㅅㅔㅇㅛ", "ㅎㅐ"),
    ("ㅅㅣㄴㅏㅇㅛ", "ㄴㅏ"),
    ("ㅅㅔㅇㅛ", "ㄴㅣ"),
    ("ㅈㅛ", "ㅈㅣ"),
    ("(?<=[ㅏ-ㅣ])ㅇㅛ", ""),
)
_POLITE = (
    ("ㅈㅜㅓ", "ㅈㅜㅅㅔㅇㅛ"),
    ("ㅇㅣㅇㅑ", "ㅇㅣㅇㅔㅇㅛ"),
    ("(?<=[ㅏ-ㅣ])ㅇㅑ", "ㅇㅖㅇㅛ"),
    ("ㄴㅑ|ㄴㅣ", "ㄴㅏㅇㅛ"),
    ("ㅇㅣㅁ", "ㅇㅣㅇㅔㅇㅛ"),
    ("ㄷㅗㅣㅁ", "ㄷㅗㅐㅇㅛ"),
    ("((?:ㅆㅇㅓ|ㅎㅐ|ㄷㅗㅐ|ㅇㅗㅏ|ㅇㅓ|ㅇㅏ|ㄲㅏ|ㄴㅏ|ㄹㅐ|ㄷㅔ|ㅈㅣ|ㄹㅕ|ㅈㅕ))", r"\1ㅇㅛ"),
)
# The last word in Hangul, and the marks and laughter after it.
_LAST = re.compile(r"([가-힣]+)([^가-힣]*)$")


def swapped(text: str) -> str:
    """Return `text` with a polite last word made plain, or a plain one polite, if it is either."""
    return _LAST.sub(lambda last: _swapped_word(last[1]) + last[2], text)


def _swapped_word(word: str) -> str:
    typed = letters(word)
    plain = _first(_PLAIN, typed)
    return compose(plain if plain != typed else _first(_POLITE, typed))


def _first(rules: Sequence[tuple[str, str]], typed: str) -> str:
    for ending, other in rules:
        replaced, count = re.subn(f"(?:{ending})$", other, typed)
        if count:
            return replaced
    return typed

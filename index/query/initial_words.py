"""Words typed as their initial consonants: ㅎㅂ for 환불."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mundap.index.korean.hangul import initials
from mundap.index.query.vocabulary import Vocabulary

_QUERY = re.compile(r"[ㄱ-ㅎ]{2,6}( [ㄱ-ㅎ]{2,6}){0,2}[ ?!.~]*")
_RUN = re.compile("[ㄱ-ㅎ]+")
# What a chat says with consonants: ok, thanks, hi, bye, yes, no, ...
_CHAT = frozenset(
    [
        "ㅇㅋ",
        "ㄱㅅ",
        "ㅎㅇ",
        "ㅂㅂ",
        "ㅂㅇ",
        "ㅇㅇ",
        "ㄴㄴ",
        "ㅊㅋ",
        "ㅈㅅ",
        "ㄱㄱ",
        "ㄷㄷ",
        "ㅇㅈ",
        "ㄹㅇ",
        "ㅁㄹ",
        "ㅅㄱ",
        "ㄱㄴ",
        "ㄱㅊ",
        "ㅇㄷ",
        "ㅇㄴ",
        "ㅈㅈ",
        "ㅅㅂ",
        "ㅂㅅ",
        "ㄴㅇㅅ",
        "ㅇㅎ",
    ]
)
# The most usual word must stand in so many times as many passages as the next.
_CLEAR = 2


@dataclass(frozen=True, slots=True)
class InitialWords:
    """The one word of a FAQ that some initial consonants can only mean."""

    words: Mapping[str, str]

    @classmethod
    def of(cls, vocabulary: Vocabulary) -> "InitialWords":
        """Look up every stem; consonants of two about equally usual ones are left out."""
        best: dict[str, tuple[int, str]] = {}
        second: dict[str, int] = {}
        for word, count in vocabulary.stems.items():
            key = initials(word)
            before = best.get(key, (0, ""))
            best[key] = max(before, (count, word))
            second[key] = max(second.get(key, 0), min(before, (count, word))[0])
        clear = {k: word for k, (count, word) in best.items() if count >= _CLEAR * second[k]}
        return cls(clear)

    def read(self, text: str, vocabulary: Vocabulary) -> str:
        """Return a query of nothing but initial consonants as words, if all are known."""
        if not _QUERY.fullmatch(text):
            return text
        runs = _RUN.findall(text)
        if any(run not in self.words or run in _CHAT or run in vocabulary.forms for run in runs):
            return text
        return _RUN.sub(lambda run: self.words[run[0]], text)

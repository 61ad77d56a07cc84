"""What visitors do to a question: each a small pure function of a clean text and a seed."""

import re
import unicodedata
from collections.abc import Callable
from random import Random

from mundap.evaluation.honorifics import swapped
from mundap.index.korean.hangul import is_syllable
from mundap.index.korean.keyboard import NEIGHBOURS, flipped, from_keys, to_keys
from mundap.index.korean.morphemes import Span, spans
from mundap.index.query.loan_words import LOAN_WORDS

Perturbation = Callable[[str, Random], str]

_HANGUL = re.compile("[가-힣]+")
_LATIN = {hangul: latin for latin, hangul in LOAN_WORDS.items()}
# 카카오페이 before 카카오.
_LOAN_WORD = re.compile(f"(?<![가-힣])(?:{'|'.join(sorted(_LATIN, key=len, reverse=True))})")
_CONSONANTS, _VOWELS = "qwertasdfgzxcvQWERT", "yuiophjklbnmOP"


def without_spaces(text: str, random: Random) -> str:
    """배송비 얼마예요 -> 배송비얼마예요."""
    return text.replace(" ", "")


def without_particles(text: str, random: Random) -> str:
    """환불은 언제 되나요 -> 환불 언제 되나요."""
    found = spans(text)
    particles = {place for span in found if span.tag[0] == "J" for place in _places(span)}
    # 난 is 나 and ㄴ in one syllable: what another morpheme is part of stays.
    others = {place for span in found if span.tag[0] != "J" for place in _places(span)}
    return "".join(c for place, c in enumerate(text) if place not in particles - others).strip()


def wrong_letter(text: str, random: Random) -> str:
    """배송비 -> 배송기: one letter is another one, missing, doubled or swapped with the next."""
    return _retyped(text, random, _slip)


def neighbouring_key(text: str, random: Random) -> str:
    """배송비 -> 매송비: one key is the one beside it."""
    return _retyped(text, random, _miss)


def other_layout(text: str, random: Random) -> str:
    """환불 어떻게 해요 -> ghksqnf djEjgrp gody, app -> 메ㅔ."""
    return flipped(text)


def other_politeness(text: str, random: Random) -> str:
    """언제 되나요? -> 언제 되나?, 알려줘 -> 알려주세요."""
    return swapped(text)


def repeated_letters(text: str, random: Random) -> str:
    """배송비 -> 배배송비비비: half of the letters stand two or three times."""
    places = [place for place, char in enumerate(text) if is_syllable(char)]
    times = {place: random.choice((2, 3)) for place in random.sample(places, len(places) // 2)}
    return "".join(char * times.get(place, 1) for place, char in enumerate(text))


def latin_loan_words(text: str, random: Random) -> str:
    """쿠폰 어디 -> coupon 어디."""
    return _LOAN_WORD.sub(lambda word: _LATIN[word[0]], text)


def decomposed(text: str, random: Random) -> str:
    """Unicode's NFD, in which macOS names files: 각 as three characters."""
    return unicodedata.normalize("NFD", text)


PERTURBATIONS: dict[str, Perturbation] = {
    "spacing removed": without_spaces,
    "particles dropped": without_particles,
    "wrong letter": wrong_letter,
    "neighbouring key": neighbouring_key,
    "wrong keyboard": other_layout,
    "honorific swapped": other_politeness,
    "letters repeated": repeated_letters,
    "Latin loan word": latin_loan_words,
    "NFD": decomposed,
}


def perturbed(text: str, kind: str, seed: int) -> str:
    """Return `text` as the perturbation `kind` leaves it; the same for the same seed."""
    return PERTURBATIONS[kind](text, Random(f"{seed} {kind} {text}"))


def _places(span: Span) -> range:
    return range(span.start, span.end)


def _retyped(text: str, random: Random, change: Callable[[str, int, Random], str]) -> str:
    """Type one word in Hangul again, with `change` at one of its keys; no word, no change."""
    words = list(_HANGUL.finditer(text))
    if not words:
        return text
    # Every syllable is as likely to be hit.
    word = random.choices(words, [len(word[0]) for word in words])[0]
    keys = to_keys(word[0])
    typed = from_keys(change(keys, random.randrange(len(keys)), random))
    return text[: word.start()] + typed + text[word.end() :]


def _slip(keys: str, at: int, random: Random) -> str:
    others = _CONSONANTS if keys[at] in _CONSONANTS else _VOWELS
    return random.choice(
        (
            keys[:at] + random.choice(others.replace(keys[at], "")) + keys[at + 1 :],
            keys[:at] + keys[at + 1 :],
            keys[:at] + keys[at] + keys[at:],
            keys[:at] + keys[at : at + 2][::-1] + keys[at + 2 :],
        )
    )


def _miss(keys: str, at: int, random: Random) -> str:
    return keys[:at] + random.choice(NEIGHBOURS[keys[at].lower()]) + keys[at + 1 :]

"""Texts typed while the keyboard was in the other layout: dkssud for 안녕, ㅗㅑ for hi."""

import re

from mundap.index.korean.keyboard import TYPED, flipped
from mundap.index.korean.morphemes import likelihood
from mundap.index.query.english import COMMON
from mundap.index.query.loan_words import LOAN_WORDS
from mundap.index.query.vocabulary import Vocabulary

_HANGUL = re.compile("[가-힣ㄱ-ㅎㅏ-ㅣ]+")
_LATIN = re.compile("[A-Za-z]+")
_LETTER = re.compile("[ㄱ-ㅎㅏ-ㅣ]")
_SYLLABLE = re.compile("[가-힣]")
# Vowels alone are a slip of the layout; ㅠㅠ, ㅜㅜ and ㅡㅡ are faces.
_LONE_VOWEL = re.compile("[ㅏ-ㅟㅢㅣ]")
_FACE = re.compile("[ㅋㅎㅠㅜㅡ]+")

# Natural logarithm for each syllable: of several words or one that the FAQ knows, of another
# word alone. Of 22,000 Latin words 13 reach the second (work is 재가), the usual ones of
# which are in COMMON.
_LIKELY, _LIKELY_ALONE = -10.0, -7.0
# Share of letters that must form syllables: how to refund (ㅗㅐㅈ 새 ㄱㄷ려ㅜㅇ) has fewer.
_FORMED = 0.75
# Share of words that must be English.
_ENGLISH = 0.6


def relaid(text: str, vocabulary: Vocabulary) -> str:
    """Return `text` as the other layout has it, where only that is Korean, or English.

    Latin words that the FAQ or everybody uses stay (app, hi), and so does Korean.
    """
    return _as_korean(text, vocabulary) or _as_english(text, vocabulary) or text


def _as_korean(text: str, vocabulary: Vocabulary) -> str | None:
    strange = [run for run in _LATIN.findall(text) if not _is_latin_word(run, vocabulary)]
    if not strange or not _is_korean(_flipped(" ".join(strange), vocabulary), vocabulary):
        return None
    # 메ㅔ djEjgrp: the whole was typed in the wrong layout. 환불 djEjgrp: a part.
    if not any(vocabulary.knows(run) for run in _HANGUL.findall(text)):
        return _flipped(text, vocabulary)
    return _LATIN.sub(
        lambda run: run[0] if _is_latin_word(run[0], vocabulary) else _flipped(run[0], vocabulary),
        text,
    )


def _as_english(text: str, vocabulary: Vocabulary) -> str | None:
    if not _holds_slip(text):
        return None
    runs = TYPED.findall(text)
    known = [run for run in runs if _is_latin_word(flipped(run), vocabulary)]
    if len(known) >= _ENGLISH * len(runs) and not any(run.isascii() for run in runs):
        return flipped(text)
    slips = {run for run in known if _holds_slip(run)}
    return TYPED.sub(lambda run: flipped(run[0]) if run[0] in slips else run[0], text)


def _is_latin_word(run: str, vocabulary: Vocabulary) -> bool:
    lower = run.lower()
    return lower.isascii() and (lower in vocabulary.forms or lower in COMMON or lower in LOAN_WORDS)


def _flipped(text: str, vocabulary: Vocabulary) -> str:
    """Flip all of `text` that is no Latin word and nothing else."""
    return TYPED.sub(lambda run: _flipped_run(run[0], vocabulary), text)


def _flipped_run(run: str, vocabulary: Vocabulary) -> str:
    if _FACE.fullmatch(run):
        return run  # ㅋㅋ is laughter among words that were not
    if _is_latin_word(run, vocabulary) and _holds_slip(flipped(run)):
        return run  # vip stays among words that were meant in Korean; go is 해
    # Tears after a word (음ㅠ) take a letter of it (으뮤).
    word = run.rstrip("bn") if run.isascii() else run
    if vocabulary.knows(flipped(run)) or not vocabulary.knows(flipped(word)):
        return flipped(run)
    return flipped(word) + flipped(run[len(word) :])


def _is_korean(text: str, vocabulary: Vocabulary) -> bool:
    text = _FACE.sub("", text)
    syllables, loose = _SYLLABLE.findall(text), _LETTER.findall(text)
    if not syllables or len(syllables) < _FORMED * (len(syllables) + len(loose) / 2):
        return False
    if len(syllables) == 1:
        return vocabulary.knows(syllables[0]) and not loose
    alone = " " not in text and not vocabulary.knows(text)
    return likelihood(text) > (_LIKELY_ALONE if alone else _LIKELY) * (len(syllables) + 1)


def _holds_slip(text: str) -> bool:
    return _LONE_VOWEL.search(_FACE.sub("", text)) is not None

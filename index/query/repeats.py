"""Letters that were held down: ㅋㅋㅋㅋ, 진짜아아아, 환환불."""

import re
from itertools import product

from mundap.index.query.replacement import gains
from mundap.index.query.vocabulary import Vocabulary

_LAUGHTER = re.compile(r"([ㄱ-ㅎㅏ-ㅣ])\1{2,}")
_RUN = re.compile(r"([가-힣])\1+")
_WORD = re.compile(r"[가-힣]*([가-힣])\1[가-힣]*")
# Words of a text that are looked at: each is weighed by an analysis of the whole text.
_MOST_WORDS = 5
# Choices of one or two letters for each run double with every run.
_MOST_RUNS = 5

# By how much (natural logarithm, for each letter less) the language model must prefer a word
# without its double letters: a word that the FAQ knows, any other word. Of 17,915 clean
# public questions 18 hold a word that passes the second, most of them slips.
_MARGIN_KNOWN, _MARGIN = 3.0, 6.5


def without_long_laughter(text: str) -> str:
    """Return `text` with three and more equal letters as two: ㅋㅋㅋㅋ as ㅋㅋ."""
    return _LAUGHTER.sub(r"\1\1", text)


def without_repeats(text: str, vocabulary: Vocabulary) -> str:
    """Return `text` with 환환불 and 진짜아아아 as 환불 and 진짜아, where that is far likelier.

    Three equal syllables in a row are never meant; two are, as in 환불불가.
    """
    words = [word for word in _WORD.finditer(text) if not vocabulary.knows(word[0])]
    for word in reversed(words[:_MOST_WORDS]):
        text = _with_best(text, word.start(), word[0], vocabulary)
    return text


def _with_best(text: str, start: int, word: str, vocabulary: Vocabulary) -> str:
    end = start + len(word)
    kept = _RUN.sub(lambda run: run[1] * min(len(run[0]), 2), word)
    known = [other for other in _shorter(word) if vocabulary.has_stem(other)]
    if known:
        best, margin = max(known, key=lambda other: (vocabulary.count(other), other)), _MARGIN_KNOWN
    else:
        best, margin = _RUN.sub(r"\1", word), _MARGIN
    if len(kept) < len(word):  # three in a row: something has to go
        return text[:start] + best + text[end:]
    gain = gains(text, start, end, [best])[0]
    return text[:start] + best + text[end:] if gain > margin * (len(word) - len(best)) else text


def _shorter(word: str) -> list[str]:
    """Return `word` with each run of equal syllables as one or, where it has two, as two."""
    runs = list(_RUN.finditer(word))
    if len(runs) > _MOST_RUNS:
        return [_RUN.sub(r"\1", word)]
    parts = _RUN.split(word)[::2]
    choices = product(*((run[1], run[1] * 2) for run in runs))
    joined = (
        "".join(part + run for part, run in zip(parts, (*choice, ""), strict=True))
        for choice in choices
    )
    return [other for other in joined if other != word]

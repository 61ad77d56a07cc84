"""What a text is made of to the embedded encoder: rows of its table and their weights.

Words that the dictionary lacks (names, typos, other scripts, numbers) are the sum of their
hashed character n-grams.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from mundap.index.korean.morphemes import (
    FIRST_MORPHEME_ID,
    MORPHEME_COUNT,
    Morpheme,
    analyse,
)

# Latin letters, numbers and Chinese characters are words.
_WORD_SYMBOLS = frozenset({"SL", "SN", "SH"})
# ㅋㅋㅋ, ㅠㅠ, ㅇㅋ: symbols to the analyser, words to a chat.
_JAMO = frozenset(map(chr, range(0x3131, 0x3164)))
# Letters of old Hangul, of which ㆍ is typed as a dot between words.
_OLD_JAMO = frozenset(map(chr, range(0x3164, 0x318F)))
_NGRAM_SIZES = (1, 2, 3, 4)
# What words outside the dictionary are: names and numbers, but common particles and endings too.
OUTSIDE_TAGS = (
    *("NNG", "NNP", "NNB", "NR", "NP", "VV", "VA", "VX", "VCP", "VCN", "MM", "MAG", "MAJ", "IC"),
    *("JKS", "JKC", "JKG", "JKO", "JKB", "JKV", "JKQ", "JX", "JC", "EP", "EF", "EC", "ETN", "ETM"),
    *("XPN", "XSN", "XSV", "XSA", "XSM", "XR", "Z_CODA", "SL", "SN", "SH", "SW"),
)
_TAG_PLACES = {tag: place for place, tag in enumerate(OUTSIDE_TAGS)}


@dataclass(frozen=True, slots=True)
class Features:
    """The rows of the table that make up one text, and the weight of each."""

    rows: NDArray[np.int64]
    weights: NDArray[np.float32]
    # Of n-grams the place of their word's tag in OUTSIDE_TAGS; -1 for morphemes and other tags.
    tags: NDArray[np.int64]


def features(
    text: str, ngram_rows: int, outside: Mapping[str, float] = MappingProxyType({})
) -> Features:
    """Return the table rows of `text` in reading order; empty for a text without words."""
    rows: list[int] = []
    weights: list[float] = []
    tags: list[int] = []
    for morpheme in analyse(text):
        if not _is_word(morpheme):
            continue
        if FIRST_MORPHEME_ID <= morpheme.id < MORPHEME_COUNT:
            rows.append(morpheme.id)
            weights.append(1.0)
            tags.append(-1)
        else:
            hashed = _ngram_rows(morpheme.form, ngram_rows)
            rows.extend(hashed)
            # n random directions add up to a length of sqrt(n): this undoes it.
            weight = len(hashed) ** -0.5 * outside.get(morpheme.tag, 1.0)
            weights.extend([weight] * len(hashed))
            tags.extend([_TAG_PLACES.get(morpheme.tag, -1)] * len(hashed))
    return Features(
        np.array(rows, dtype=np.int64),
        np.array(weights, dtype=np.float32),
        np.array(tags, dtype=np.int64),
    )


def _is_word(morpheme: Morpheme) -> bool:
    if morpheme.tag == "SW":  # Cyrillic, kana, Thai, ... too are symbols to the analyser
        return any(char.isalnum() and char not in _OLD_JAMO for char in morpheme.form)
    return not morpheme.tag.startswith(("S", "W", "U")) or morpheme.tag in _WORD_SYMBOLS


def _ngram_rows(form: str, ngram_rows: int) -> list[int]:
    """Hash the distinct character n-grams of `<form>` and the whole; the marks tell the ends."""
    # A laugh is a laugh however long: ㅋㅋㅋㅋㅋ is ㅋㅋ.
    form = form[:2] if set(form) <= _JAMO and len(set(form)) == 1 else form
    marked = f"<{form}>"
    grams = {
        marked[start : start + size]
        for size in _NGRAM_SIZES
        for start in range(len(marked) - size + 1)
    } - {"<", ">"}
    grams.add(marked)
    return [MORPHEME_COUNT + zlib.crc32(gram.encode()) % ngram_rows for gram in sorted(grams)]

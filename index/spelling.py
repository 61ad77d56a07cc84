"""Words that one wrong key spoiled: 배솟비 for 배송비."""

import re
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from index.hangul import is_syllable
from index.keyboard import NEIGHBOURS, from_keys, to_keys
from index.morphemes import Span, spans
from index.near_words import NearWords
from index.replacement import gains
from index.vocabulary import Vocabulary

# A word with its single letters, without the laughter and tears after it.
_WORD = re.compile("[가-힣ㄱ-ㅎㅏ-ㅣ]*[가-힣](?:[ㄱ-ㅎㅏ-ㅣ]*(?<![ㅋㅎㅠㅜㅡ]))?")

# By how much (natural logarithm) the language model must prefer another word: to one that the
# dictionary lacks, and to one that it has. Chosen on every second test query, seeds 1 and 2.
_MARGIN_UNKNOWN, _MARGIN_KNOWN = 8.0, 14.0
# ... and to one with a letter that fits in no syllable, which is a slip for certain.
_MARGIN_LOOSE = 4.0
# A word of the dictionary that is likelier than this (sum of logarithms) leaves too little to gain.
_PLAUSIBLE = -15.0
# A finger meets one of the five or so keys around another far sooner than one of 26.
_BESIDE = 2.0
# Candidates that are weighed, the closest and most usual first; each takes 0.1 ms.
_WEIGHED = 5
# No word costs the model less: what a suspect can gain is bounded before it is weighed.
_LEAST = 5.0
# A form that stands in one passage alone may be a slip of the FAQ itself.
_USUAL = 2


@dataclass(frozen=True, slots=True)
class _Suspect:
    """A word that the FAQ does not know, what it is made of, and where it stands."""

    word: str
    start: int
    spans: tuple[Span, ...]

    @property
    def is_known(self) -> bool:
        """Whether the dictionary has all its morphemes."""
        return all(span.is_known for span in self.spans)

    @property
    def margin(self) -> float:
        """Return by how much a word must be likelier to take its place."""
        if _loose(self.word):
            return _MARGIN_LOOSE
        return _MARGIN_KNOWN if self.is_known else _MARGIN_UNKNOWN

    @property
    def starts(self) -> list[int]:
        """Return the places in the word where a word of the FAQ may begin."""
        if self.is_known:
            return sorted({span.start - self.start for span in self.spans})
        return list(range(len(self.word)))

    @property
    def score(self) -> float:
        """How likely it is where it stands."""
        return sum(span.score for span in self.spans)


class Speller:
    """Repairs one wrong key in a word, where the word of the FAQ is far likelier."""

    def __init__(self, near_words: NearWords) -> None:
        self._near_words = near_words

    @classmethod
    def of(cls, vocabulary: Vocabulary) -> "Speller":
        """Index the words of a FAQ."""
        return cls(NearWords.of(_listed(vocabulary)))

    @classmethod
    def load(
        cls, vocabulary: Vocabulary, hashes: NDArray[np.uint32], owners: NDArray[np.uint32]
    ) -> "Speller":
        """Take over the `arrays` of a speller of the same vocabulary."""
        return cls(NearWords(_listed(vocabulary), hashes, owners))

    @property
    def arrays(self) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """Return what `load` takes."""
        return self._near_words.hashes, self._near_words.owners

    def read(self, text: str, vocabulary: Vocabulary) -> str:
        """Return `text` with at most one key of each word changed."""
        suspects = _suspects(text, vocabulary)
        for suspect in reversed(suspects):  # from the end: places before it stay
            text = self._repaired(text, suspect, vocabulary)
        return text

    def _repaired(self, text: str, suspect: _Suspect, vocabulary: Vocabulary) -> str:
        candidates = self._candidates(suspect, vocabulary)
        if not candidates:
            return text
        end = suspect.start + len(suspect.word)
        found = gains(text, suspect.start, end, list(candidates))
        gain, best = max(
            (gain + prior, word)
            for gain, (word, prior) in zip(found, candidates.items(), strict=True)
        )
        return text[: suspect.start] + best + text[end:] if gain > suspect.margin else text

    def _candidates(self, suspect: _Suspect, vocabulary: Vocabulary) -> dict[str, float]:
        """Return the words to weigh, each with how likely it is before the text is looked at."""
        keys = to_keys(suspect.word)
        priors: dict[str, tuple[float, float]] = {}
        for place in suspect.starts:
            kept = to_keys(suspect.word[:place])
            for word, rest in self._near_words.beginning(keys[len(kept) :]):
                typed = kept + to_keys(word) + rest
                # What the FAQ says a hundred times is likelier here than anywhere else.
                prior = _closeness(keys, typed) + log(vocabulary.count(word))
                if prior - suspect.score < suspect.margin + _LEAST:
                    continue
                # A long word is hardly ever met by chance: weighed before short ones.
                rank = (prior + len(to_keys(word)), prior)
                other = from_keys(typed)
                if _loose(other) < _loose(suspect.word) or not _loose(other):
                    priors[other] = max(rank, priors.get(other, rank))
        priors.pop(suspect.word, None)
        best = sorted(priors, key=lambda word: (priors[word], word), reverse=True)[:_WEIGHED]
        return {word: priors[word][1] for word in best}


def _listed(vocabulary: Vocabulary) -> list[str]:
    usual = (form for form, count in vocabulary.forms.items() if count >= _USUAL)
    return list(dict.fromkeys([*vocabulary.stems, *usual]))


def _suspects(text: str, vocabulary: Vocabulary) -> list[_Suspect]:
    words = [word for word in _WORD.finditer(text) if not vocabulary.knows(word[0])]
    if not words:
        return []
    found = spans(text)
    suspects = [
        _Suspect(w[0], w.start(), tuple(s for s in found if w.start() <= s.start < w.end()))
        for w in words
    ]
    return [s for s in suspects if not s.is_known or s.score < _PLAUSIBLE]


def _loose(word: str) -> int:
    """Return how many letters fit in no syllable; the model hardly minds them."""
    return sum(not is_syllable(char) for char in word)


def _closeness(typed: str, meant: str) -> float:
    """Return the logarithm of how much likelier this slip is than any one other key."""
    pairs = [(a, b) for a, b in zip(typed, meant, strict=False) if a != b]
    if len(typed) == len(meant) and len(pairs) == 1:
        return _BESIDE if pairs[0][1].lower() in NEIGHBOURS[pairs[0][0].lower()] else 0.0
    return _BESIDE

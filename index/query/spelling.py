"""Words that one wrong key spoiled: 배솟비 for 배송비."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import inf, log
from typing import Any

from numpy.typing import NDArray

from mundap.index.faq.passages.passages import Passages
from mundap.index.korean.hangul import loose_letters
from mundap.index.korean.keyboard import from_keys, to_keys
from mundap.index.korean.morphemes import Span, spans
from mundap.index.query.companions import Companions
from mundap.index.query.near_words import NearWords
from mundap.index.query.replacement import changes_content, gains
from mundap.index.query.slip import Clues, kind_of_slip, log_odds, most_to_gain
from mundap.index.query.vocabulary import Vocabulary

# A word with its single letters, without the laughter and tears after it.
_WORD = re.compile("[가-힣ㄱ-ㅎㅏ-ㅣ]*[가-힣](?:[ㄱ-ㅎㅏ-ㅣ]*(?<![ㅋㅎㅠㅜㅡ]))?")
# Syllables; a longer word was not typed but pasted.
_LONGEST = 15
# Suspects of a text that are looked at, the strangest first, and words weighed in place of each,
# the likeliest first: each takes 0.1 ms.
_SUSPECTS, _WEIGHED = 3, 4
# Logarithm of the odds that it takes to repair an ending, which search hardly looks at.
_MARGIN_ENDING = 1.5
# A form that stands in one passage alone may be a slip of the FAQ itself.
_USUAL = 2


@dataclass(frozen=True, slots=True)
class Suspect:
    """A word that the FAQ does not know, what it is made of, and where it stands."""

    word: str
    start: int
    spans: tuple[Span, ...]

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + len(self.word)

    @property
    def starts(self) -> list[int]:
        """Return the places in the word where a word of the FAQ may begin."""
        if all(span.is_known for span in self.spans):
            return sorted({span.start - self.start for span in self.spans})
        return list(range(len(self.word)))

    @property
    def score(self) -> float:
        """How likely it is where it stands."""
        return sum(span.score for span in self.spans)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """What a suspect may have been, and the word of the FAQ in it."""

    word: str
    meant: str


class Speller:
    """Repairs one wrong key in a word, where the word of the FAQ is far likelier."""

    def __init__(
        self, vocabulary: Vocabulary, words: NearWords, tails: NearWords, companions: Companions
    ) -> None:
        self._vocabulary = vocabulary
        self._words = words
        self._tails = tails
        self._companions = companions

    @classmethod
    def of(cls, vocabulary: Vocabulary, passages: Passages) -> "Speller":
        """Index the words of a FAQ."""
        words, tails = NearWords.of(_usual(vocabulary)), NearWords.of(list(vocabulary.tails))
        return cls(vocabulary, words, tails, Companions.of(vocabulary, passages))

    @classmethod
    def load(cls, vocabulary: Vocabulary, arrays: Mapping[str, NDArray[Any]]) -> "Speller":
        """Take over the `arrays` of a speller of the same vocabulary."""
        words = NearWords(_usual(vocabulary), arrays["word_hashes"], arrays["word_owners"])
        tails = NearWords(list(vocabulary.tails), arrays["tail_hashes"], arrays["tail_owners"])
        companions = Companions(vocabulary, arrays["bounds"], arrays["rows"])
        return cls(vocabulary, words, tails, companions)

    def knowing(self, vocabulary: Vocabulary) -> "Speller":
        """Return a speller to which the words of `vocabulary` are no slips."""
        return Speller(vocabulary, self._words, self._tails, self._companions)

    @property
    def arrays(self) -> dict[str, Any]:
        """Return what `load` takes."""
        return {
            "word_hashes": self._words.hashes,
            "word_owners": self._words.owners,
            "tail_hashes": self._tails.hashes,
            "tail_owners": self._tails.owners,
            "bounds": self._companions.bounds,
            "rows": self._companions.rows,
        }

    def read(self, text: str) -> str:
        """Return `text` with at most one key of each word changed."""
        strangest = sorted(self.suspects(text), key=lambda suspect: suspect.score)[:_SUSPECTS]
        # From the end: places before a repair stay.
        for suspect in sorted(strangest, key=lambda suspect: suspect.start, reverse=True):
            word, odds = self._best(text, suspect)
            start, end = suspect.start, suspect.end
            if odds > _MARGIN_ENDING or (odds > 0 and changes_content(text, start, end, word)):
                text = text[:start] + word + text[end:]
        return text

    def _best(self, text: str, suspect: Suspect) -> tuple[str, float]:
        """Return the word most likely to be meant and the logarithm of its odds."""
        weighed = self.weighed(text, suspect)
        odds = log_odds(list(weighed.values())).tolist()
        found = zip(odds, weighed, strict=True)
        best, word = max(found, default=(-inf, suspect.word))
        return word, best

    def suspects(self, text: str) -> list[Suspect]:
        """Return the words of `text` that the FAQ does not know, in order."""
        found = (word for word in _WORD.finditer(text) if len(word[0]) <= _LONGEST)
        words = [word for word in found if not self._vocabulary.knows(word[0])]
        morphemes = spans(text) if words else []
        return [
            Suspect(w[0], w.start(), tuple(s for s in morphemes if w.start() <= s.start < w.end()))
            for w in words
        ]

    def weighed(self, text: str, suspect: Suspect, count: int = _WEIGHED) -> dict[str, Clues]:
        """Return the likeliest words in place of a suspect of `text`, with what speaks for each."""
        clues = self._clues(text, suspect)
        if not clues:
            return {}
        odds = dict(zip(clues, log_odds(list(clues.values())).tolist(), strict=True))
        hopeful = [word for word in clues if odds[word] + most_to_gain(suspect.score) > 0]
        hopeful = sorted(hopeful, key=lambda word: (odds[word], word), reverse=True)[:count]
        if not hopeful:
            return {}
        found = gains(text, suspect.start, suspect.end, hopeful)
        return {
            word: replace(clues[word], gain=gain) for word, gain in zip(hopeful, found, strict=True)
        }

    def _clues(self, text: str, suspect: Suspect) -> dict[str, Clues]:
        """Return what speaks for each candidate but what the language model says."""
        candidates = list(self._candidates(suspect))
        rest = f"{text[: suspect.start]} {text[suspect.end :]}"
        meant = [candidate.meant for candidate in candidates]
        affinities = self._companions.affinities(meant, rest)
        return {
            candidate.word: self._clues_of(suspect, candidate, affinity)
            for candidate, affinity in zip(candidates, affinities, strict=True)
        }

    def _clues_of(self, suspect: Suspect, candidate: _Candidate, affinity: float) -> Clues:
        return Clues(
            gain=0.0,
            **kind_of_slip(to_keys(suspect.word), to_keys(candidate.word)),
            loose=loose_letters(suspect.word),
            count=log(self._vocabulary.count(candidate.meant)),
            affinity=affinity,
            is_known=self._vocabulary.knows(candidate.word),
        )

    def _candidates(self, suspect: Suspect) -> Iterator[_Candidate]:
        """Yield each word that a suspect may have been once, with its most usual word in it."""
        found: dict[str, _Candidate] = {}
        for candidate in (*self._with_word(suspect), *self._with_tail(suspect)):
            rival = found.get(candidate.word)
            usual = self._vocabulary.count(candidate.meant)
            if rival is None or usual > self._vocabulary.count(rival.meant):
                found[candidate.word] = candidate
        # The language model hardly minds letters that fit in no syllable.
        typed = loose_letters(suspect.word)
        for word, candidate in found.items():
            loose = loose_letters(word)
            if word != suspect.word and (not loose or loose < typed):
                yield candidate

    def _with_word(self, suspect: Suspect) -> Iterator[_Candidate]:
        keys = to_keys(suspect.word)
        for place in suspect.starts:
            kept = to_keys(suspect.word[:place])
            for word, rest in self._words.beginning(keys[len(kept) :]):
                yield _Candidate(from_keys(kept + to_keys(word) + rest), word)

    def _with_tail(self, suspect: Suspect) -> Iterator[_Candidate]:
        for cut in range(1, len(suspect.word)):
            stem = suspect.word[:cut]
            if self._vocabulary.count(stem):
                for tail in self._tails.whole(to_keys(suspect.word[cut:])):
                    yield _Candidate(stem + tail, stem)


def _usual(vocabulary: Vocabulary) -> list[str]:
    usual = (form for form, count in vocabulary.forms.items() if count >= _USUAL)
    return list(dict.fromkeys([*vocabulary.stems, *usual]))

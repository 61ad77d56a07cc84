"""The words that a FAQ itself is written with."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from mundap.index.faq.passages.passage_words import PassageWords
from mundap.index.faq.passages.passages import Passages
from mundap.index.korean.names import NO_NAMES, Names

# Hangul syllables, single letters (ㅎㅇ), Latin letters.
_FORM = re.compile("[가-힣]+|[ㄱ-ㅎㅏ-ㅣ]+|[a-z]+")
# A shorter stem begins too many other words.
_SHORTEST = 2
# Words that are counted at once.
_HELD = 2_000_000


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words and in how many passages each stands."""

    # As written between spaces and marks, in lower case.
    forms: dict[str, int]
    # What Hangul words begin with, up to the first particle, ending or verb after it: 환불.
    stems: dict[str, int]
    # What follows a stem: 은, 되나요.
    tails: dict[str, int]
    # Names, which its answers may hold alone.
    names: Names = NO_NAMES

    @classmethod
    def of(
        cls,
        passages: Passages,
        words: Sequence[PassageWords] | None = None,
        names: Names = NO_NAMES,
    ) -> "Vocabulary":
        """Count the words of every passage; `words` are theirs where they are known already."""
        analysed = words or [PassageWords.of(text, names) for text in passages.texts]
        counts = WordCounts()
        counts.add(passages.texts, analysed)
        return cls(dict(counts.forms), dict(counts.stems), dict(counts.tails), names.in_hangul())

    def knows(self, word: str) -> bool:
        """Whether the FAQ writes `word`, or its stem with a tail of another word, or names it."""
        if word in self.forms or word in self.stems:
            return True
        one_letter = word[:1] in self.forms and word[1:] in self.tails
        return one_letter or self.has_stem(word) or self.names.begin(word)

    def has_stem(self, word: str) -> bool:
        """Whether `word` is a stem of two syllables or more, alone or with a tail."""
        return next(self._stems(word), None) is not None

    def parts(self, word: str) -> set[str]:
        """Return `word` if it is a form, and all stems that it may be made of."""
        return {*self._stems(word), *([word] if word in self.forms else [])}

    def count(self, word: str) -> int:
        """Return in how many passages `word` stands, as a form or a stem."""
        return max(self.forms.get(word, 0), self.stems.get(word, 0))

    def _stems(self, word: str) -> Iterator[str]:
        if word in self.stems:
            yield word
        for cut in range(_SHORTEST, len(word)):
            if word[:cut] in self.stems and word[cut:] in self.tails:
                yield word[:cut]

    def joined(self, other: "Vocabulary") -> "Vocabulary":
        """Return the words of both; those of this one keep their counts."""
        return Vocabulary(
            {**other.forms, **self.forms},
            {**other.stems, **self.stems},
            {**other.tails, **self.tails},
            self.names,
        )

    def dump(self) -> bytes:
        """Return the UTF-8 JSON that `load` reads."""
        return json.dumps([self.forms, self.stems, self.tails], ensure_ascii=False).encode()

    @classmethod
    def load(cls, raw: bytes, names: Names = NO_NAMES) -> "Vocabulary":
        """Undo `dump`; `names` are those that the words were counted with."""
        forms, stems, tails = json.loads(raw)
        return cls(forms, stems, tails, names.in_hangul())


@dataclass(frozen=True, slots=True)
class WordCounts:
    """In how many passages each word stands, see `Vocabulary`, while they are counted."""

    forms: Counter[str] = field(default_factory=Counter)
    stems: Counter[str] = field(default_factory=Counter)
    tails: Counter[str] = field(default_factory=Counter)

    def add(self, texts: Sequence[str], words: Sequence[PassageWords]) -> None:
        """Count passages, whose words are `words`."""
        parts = [[part for part in each.parts if len(part[0]) >= _SHORTEST] for each in words]
        # At once: a call for each text takes longer than the words of it.
        self.forms.update(word for text in texts for word in _once(words_of(text)))
        self.stems.update(stem for each in parts for stem in _once(stem for stem, _ in each))
        self.tails.update(t for each in parts for t in _once(tail for _, tail in each if tail))

    def dump(self) -> bytes:
        """Return the UTF-8 JSON that `merge` reads."""
        return json.dumps([self.forms, self.stems, self.tails], ensure_ascii=False).encode()

    def merge(self, raw: bytes) -> None:
        """Add what another has counted.

        Of millions of words those that stood once are forgotten now and then: a count may be too
        low by as often as that.
        """
        for own, other in zip((self.forms, self.stems, self.tails), json.loads(raw), strict=True):
            for word, count in other.items():
                own[word] += count
            if len(own) > _HELD:
                for word in [word for word, count in own.items() if count == 1]:
                    del own[word]

    def usual(self, most: int) -> Vocabulary:
        """Return a vocabulary of the `most` most usual of each kind."""
        forms, stems, tails = (
            dict(kind.most_common(most)) for kind in (self.forms, self.stems, self.tails)
        )
        return Vocabulary(forms, stems, tails)


def _once(words: Iterable[str]) -> list[str]:
    """Return each word once, in order: a set has another one in every process."""
    return list(dict.fromkeys(words))


def words_of(text: str) -> list[str]:
    """Return what stands between spaces and marks, in lower case: Hangul apart from Latin."""
    return _FORM.findall(text.lower())

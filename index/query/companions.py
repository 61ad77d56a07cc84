"""Which words of a FAQ keep company: 캐시 stands where 앱 does, 매시 nowhere."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mundap.index.faq.passages.passages import Passages
from mundap.index.query.vocabulary import Vocabulary, words_of

Rows = NDArray[np.int32]


class Companions:
    """In which entries each word of a FAQ stands.

    `bounds` and `rows` list them word by word, in the order of the forms of the vocabulary and
    of the stems that are no form.
    """

    def __init__(self, vocabulary: Vocabulary, bounds: Rows, rows: Rows) -> None:
        self._vocabulary = vocabulary
        self._numbers = {word: number for number, word in enumerate(_words(vocabulary))}
        self._entries = int(rows.max(initial=-1)) + 1
        self.bounds = bounds
        self.rows = rows

    @classmethod
    def of(cls, vocabulary: Vocabulary, passages: Passages) -> "Companions":
        """Note where the words of `vocabulary`, which is that of `passages`, stand."""
        entries: Mapping[str, set[int]] = defaultdict(set)
        for text, owner in zip(passages.texts, passages.owners.tolist(), strict=True):
            for word in words_of(text):
                for part in vocabulary.parts(word):
                    entries[part].add(owner)
        held = [sorted(entries[word]) for word in _words(vocabulary)]
        bounds = np.cumsum([0, *map(len, held)], dtype=np.int32)
        return cls(vocabulary, bounds, np.array([e for es in held for e in es], dtype=np.int32))

    def affinities(self, words: Sequence[str], text: str) -> list[float]:
        """Return how much likelier each of `words` is in an entry with a word of `text`.

        The mean over the words of `text` that the FAQ uses, natural logarithm; 0 without one.
        """
        others = {part for word in words_of(text) for part in self._vocabulary.parts(word)}
        if not others or not words:
            return [0.0] * len(words)
        held = [self._rows(other) for other in others]
        beside = np.zeros((len(held), self._entries), dtype=bool)
        for row, entries in zip(beside, held, strict=True):
            row[entries] = True
        sizes = np.array([len(entries) for entries in held])
        return [self._affinity(self._rows(word), beside, sizes) for word in words]

    def _affinity(
        self, entries: Rows, beside: NDArray[np.bool_], sizes: NDArray[np.int64]
    ) -> float:
        if not len(entries):  # of a large FAQ some entries alone are looked at
            return 0.0
        share = len(entries) / self._entries
        # One more entry, in which every word is as likely as anywhere: no share is 0.
        shared = (beside[:, entries].sum(axis=1) + share) / (sizes + 1)
        return float(np.log(shared / share).mean())

    def _rows(self, word: str) -> Rows:
        number = self._numbers[word]
        return self.rows[self.bounds[number] : self.bounds[number + 1]]


def _words(vocabulary: Vocabulary) -> Collection[str]:
    return dict.fromkeys([*vocabulary.forms, *vocabulary.stems])

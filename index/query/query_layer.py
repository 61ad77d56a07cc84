"""What a visitor meant to type: repairs a query before it is searched for."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mundap.index.faq.passages.passage_words import PassageWords
from mundap.index.faq.passages.passages import Passages
from mundap.index.korean.hangul import with_letters_joined
from mundap.index.korean.names import NO_NAMES, Names
from mundap.index.korean.text import clean
from mundap.index.query.initial_words import InitialWords
from mundap.index.query.layout import relaid
from mundap.index.query.loan_words import in_hangul
from mundap.index.query.repeats import without_long_laughter, without_repeats
from mundap.index.query.spelling import Speller
from mundap.index.query.vocabulary import Vocabulary

# Characters. A longer text has words enough that one slip does not matter, and would take long.
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Step:
    """One repair and the text before and after it."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What is searched for instead of a query, and what was changed; nothing in a clean one."""

    text: str
    steps: tuple[Step, ...]


class QueryLayer:
    """Reads queries with the words of one FAQ in mind; a clean query stays as it is."""

    def __init__(self, vocabulary: Vocabulary, speller: Speller, words: InitialWords) -> None:
        self._vocabulary = vocabulary
        self._speller = speller
        self._words = words
        self._repairs: tuple[tuple[str, Callable[[str], str]], ...] = (
            ("laughter", without_long_laughter),
            ("keyboard layout", lambda text: relaid(text, vocabulary)),
            ("loose letters", with_letters_joined),
            ("initial consonants", lambda text: words.read(text, vocabulary)),
            ("loan words", lambda text: in_hangul(text, vocabulary)),
            ("repeated letters", lambda text: without_repeats(text, vocabulary)),
            ("spelling", speller.read),
        )

    @classmethod
    def of(
        cls,
        passages: Passages,
        words: Sequence[PassageWords] | None = None,
        names: Names = NO_NAMES,
    ) -> "QueryLayer":
        """Learn the words of a FAQ; `words` are its passages' where they are known already."""
        return cls.of_vocabulary(Vocabulary.of(passages, words, names), passages)

    @classmethod
    def of_vocabulary(cls, vocabulary: Vocabulary, passages: Passages) -> "QueryLayer":
        """Do what `of` does with words that are counted, and passages that they stand in."""
        return cls(vocabulary, Speller.of(vocabulary, passages), InitialWords.of(vocabulary))

    def knowing(self, more: Vocabulary) -> "QueryLayer":
        """Return a layer that leaves these words as they are, too; slips are repaired as before."""
        vocabulary = self._vocabulary.joined(more)
        return QueryLayer(vocabulary, self._speller.knowing(vocabulary), self._words)

    def read(self, query: str) -> Reading:
        """Return `query`, clean and repaired, and each repair."""
        text = clean(query)
        steps = []
        if len(text) > _LONGEST:
            return Reading(text, ())
        for name, repair in self._repairs:
            after = repair(text)
            if after != text:
                steps.append(Step(name, text, after))
            text = after
        return Reading(text, tuple(steps))

    def dump(self) -> bytes:
        """Return what `load` reads: arrays and JSON, the same bytes for the same FAQ."""
        raw = io.BytesIO()
        vocabulary = np.frombuffer(self._vocabulary.dump(), dtype=np.uint8)
        np.savez(raw, vocabulary=vocabulary, **self._speller.arrays)
        return raw.getvalue()

    @classmethod
    def load(cls, raw: bytes, names: Names = NO_NAMES) -> "QueryLayer":
        """Undo `dump` in milliseconds; `names` are those it was made with."""
        with np.load(io.BytesIO(raw), allow_pickle=False) as stored:
            vocabulary = Vocabulary.load(stored["vocabulary"].tobytes(), names)
            speller = Speller.load(vocabulary, stored)
        return cls(vocabulary, speller, InitialWords.of(vocabulary))

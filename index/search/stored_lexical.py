"""BM25 over so many entries that a query may not look at all: the threshold algorithm on files."""

import json
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mundap.index.faq.passages.categories import Categories
from mundap.index.faq.passages.passages import Passages
from mundap.index.korean.morphemes import content_morphemes
from mundap.index.korean.names import NO_NAMES, Names
from mundap.index.mapped_array import mapped
from mundap.index.search.hit import Hit, in_order
from mundap.index.search.lexical import (
    VOCABULARY_FILE,
    LexicalIndex,
    QueryWords,
    Tokens,
)
from mundap.index.search.threshold import Threshold
from mundap.index.search.word_arrays import ARRAYS, save_words, word_arrays

STORED_LEXICAL_FILES = (VOCABULARY_FILE, *(f"bm25.{name}.npy" for name in ARRAYS))

_Array = NDArray[Any]


class StoredLexicalIndex(LexicalIndex):
    """The scores of a `LexicalIndex` from mapped arrays, of which a query reads some.

    `best` takes entries from the lists of the query's words, most gain first, and looks the rest
    of each up; it ends where nothing that it has not seen can be better (Fagin's threshold
    algorithm). So it finds the same as a look at all, ties aside. `bm25` and `coverage` still give
    what every entry has.
    """

    def __init__(
        self,
        vocabulary: dict[str, int],
        arrays: dict[str, _Array],
        passages: Passages,
    ) -> None:
        self.names: Names = NO_NAMES
        self.passages = passages
        self._vocabulary = vocabulary
        self._arrays = arrays
        self._weigh(np.diff(arrays["word_bounds"]))

    @classmethod
    def of_tokens(cls, passages: Passages, tokens: Tokens) -> "StoredLexicalIndex":
        """Index `passages` by the content morphemes of each, in memory."""
        vocabulary: dict[str, int] = {}
        terms = [vocabulary.setdefault(form, len(vocabulary)) for each in tokens for form in each]
        sizes = np.array([len(each) for each in tokens], dtype=np.int64)
        arrays = word_arrays(np.array(terms, np.int32), sizes, passages.owners, len(vocabulary))
        return cls(vocabulary, arrays, passages)

    @classmethod
    def open(cls, directory: Path, passages: Passages) -> "StoredLexicalIndex":
        """Map what `save_words` wrote; raises ValueError or OSError where it is damaged."""
        vocabulary = json.loads((directory / VOCABULARY_FILE).read_text(encoding="utf-8"))
        arrays = {name: mapped(directory / f"bm25.{name}.npy") for name in ARRAYS}
        return cls(vocabulary, arrays, passages)

    def save(self, directory: Path) -> None:
        """Write `STORED_LEXICAL_FILES`; the caller makes the write durable."""
        save_words(directory, self._vocabulary, self._arrays)

    def scores(self, words: QueryWords) -> "Threshold":
        """See `LexicalIndex`."""
        return Threshold(self, words, self._lookup(words.by_term()))

    def bm25(self, words: QueryWords) -> NDArray[np.float32]:
        """See `LexicalIndex`; looks at all entries."""
        every = np.arange(len(self.passages.entries))
        return self.bm25_of(words, every, self._lookup(words.by_term()))

    def bm25_of(self, words: QueryWords, owners: _Array, lookup: _Array) -> NDArray[np.float32]:
        """Return the scores of entries; `lookup` has the weight of each word."""
        return self._summed("entry", owners, lookup, words.mass)

    def coverage(self, words: QueryWords) -> NDArray[np.float32]:
        """See `LexicalIndex`; looks at all passages."""
        return self.coverage_of(words, np.arange(len(self.passages)))

    def coverage_of(self, words: QueryWords, rows: _Array) -> NDArray[np.float32]:
        """See `LexicalIndex`."""
        weights = {term: self._idf[term] * w for term, w in words.by_term().items()}
        return self._summed("passage", rows, self._lookup(weights), words.mass)

    def shared(self, query: str, row: int) -> tuple[str, ...]:
        """See `LexicalIndex`."""
        first, end = self._arrays["passage_bounds"][row : row + 2].tolist()
        held = set(self._arrays["passage_words"][first:end].tolist())
        found = content_morphemes(query, self.names)
        shared = (m.headword for m in found if self._vocabulary.get(m.form) in held)
        return tuple(dict.fromkeys(shared))

    def _search_one(self, words: QueryWords, k: int) -> list[Hit]:
        """See `LexicalIndex.search`; entries that share no word are none here."""
        scores = self.scores(words)
        owners = np.array(scores.best(k), np.int64)
        hits = []
        for owner, score in zip(owners.tolist(), scores.of(owners).tolist(), strict=True):
            rows = np.arange(*self.passages.bounds[owner : owner + 2].tolist())
            row = int(rows[self.coverage_of(words, rows).argmax()])
            hits.append(Hit(self.passages.entries[owner], self.passages.texts[row], score))
        return in_order(hits)

    @cached_property
    def categories(self) -> Categories:
        """The category of each passage."""
        return Categories.of(self.passages.categories)

    @property
    def mean_length(self) -> float:
        """How many content morphemes an entry has on average."""
        return float(self._arrays["mean_length"][0])

    def idf_of(self, words: int) -> NDArray[np.float64]:
        """Return the idf of so many words; those after the last of its own stand nowhere."""
        more = np.full(words - len(self._idf), self._rarest)
        return np.concatenate([self._idf, more])

    def entries_of(self, category: str) -> _Array:
        """Return the places of the entries of a category, ascending."""
        return np.unique(self.passages.owners[self.categories.rows_of(category)])

    def wanted(self, owners: _Array, category: str | None) -> _Array:
        """Return those of `owners` that may be found, of a category where one is given."""
        if category is None:
            return owners
        codes = self.categories.codes[self.passages.bounds[owners]]
        kept: _Array = owners[codes == self.categories.code_of(category)]
        return kept

    @property
    def unlisted(self) -> _Array:
        """The places of entries that stand in no list."""
        return np.empty(0, np.int64)

    def list_of(self, term: int) -> tuple[_Array, _Array]:
        """Return the entries that use a word, and what it adds to each, least first."""
        first, end = self._arrays["word_bounds"][term : term + 2].tolist()
        return self._arrays["word_entries"][first:end], self._arrays["word_gains"][first:end]

    def _lookup(self, weights: dict[int, float]) -> _Array:
        """Return the weight of each word of the FAQ, 0 of most."""
        lookup = np.zeros(len(self._vocabulary))
        lookup[[*weights]] = [*weights.values()]
        return lookup

    def _summed(self, of: str, places: _Array, lookup: _Array, mass: float) -> NDArray[np.float32]:
        """Return what the words of each place weigh, over `mass`."""
        bounds, held = self._arrays[f"{of}_bounds"], self._arrays[f"{of}_words"]
        firsts = bounds[places]
        sizes = bounds[places + 1] - firsts
        ends = np.cumsum(sizes)
        at = np.repeat(firsts - (ends - sizes), sizes) + np.arange(
            int(ends[-1]) if len(ends) else 0
        )
        found = lookup[held[at]]
        (kept,) = found.nonzero()
        added = found[kept]
        if of == "entry":
            added *= self._arrays["entry_gains"][at[kept]]
        owners = np.searchsorted(ends, kept, "right")
        summed: Any = np.bincount(owners, added, minlength=len(places))
        return np.asarray(summed / (mass or 1.0), dtype=np.float32)

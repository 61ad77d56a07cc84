"""The words of a large FAQ with some entries more, and some less, than were indexed."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mundap.index.faq.passages.passages import Passages
from mundap.index.korean.morphemes import content_morphemes
from mundap.index.search.lexical import Tokens
from mundap.index.search.stored_lexical import StoredLexicalIndex
from mundap.index.search.word_arrays import word_arrays

_Array = NDArray[Any]


class AmendedLexicalIndex(StoredLexicalIndex):
    """A `StoredLexicalIndex` and the words of some entries after its own.

    How rare a word is, and how long entries are, is as it was before; a new word is as rare as
    can be.
    """

    def __init__(
        self, sealed: StoredLexicalIndex, tokens: Tokens, passages: Passages, removed: _Array
    ) -> None:
        """`tokens` are the content morphemes of the passages after the sealed ones.

        `passages` are all; the entries at the places `removed`, ascending, are never found.
        """
        before = sealed.passages
        self.names = sealed.names
        self.passages = passages
        self._sealed = sealed
        self._removed = removed
        self._vocabulary = {**sealed._vocabulary}
        known = self._vocabulary
        terms = [known.setdefault(form, len(known)) for each in tokens for form in each]
        self._idf = sealed.idf_of(len(known))
        self._rarest, self.language = sealed._rarest, sealed.language
        self._entries, self._rows = len(before.entries), len(before)
        self._arrays = word_arrays(
            np.array(terms, np.int32),
            np.array([len(each) for each in tokens], np.int64),
            np.asarray(passages.owners[self._rows :]) - self._entries,
            len(known),
            (self._idf, sealed.mean_length),
        )

    def list_of(self, term: int) -> tuple[_Array, _Array]:
        """See `StoredLexicalIndex`: those of the sealed entries."""
        if term < len(self._sealed._vocabulary):
            return self._sealed.list_of(term)
        return np.empty(0, np.int32), np.empty(0, np.float32)

    @property
    def unlisted(self) -> _Array:
        """See `StoredLexicalIndex`: the entries after them."""
        return np.arange(self._entries, len(self.passages.entries))

    def wanted(self, owners: _Array, category: str | None) -> _Array:
        """See `StoredLexicalIndex`."""
        at = self._removed.searchsorted(owners).clip(max=len(self._removed) - 1)
        live = owners if not len(self._removed) else owners[self._removed[at] != owners]
        return super().wanted(live, category)

    def shared(self, query: str, row: int) -> tuple[str, ...]:
        """See `LexicalIndex`."""
        if row < self._rows:
            return self._sealed.shared(query, row)
        first, end = self._arrays["passage_bounds"][row - self._rows :][:2].tolist()
        held = set(self._arrays["passage_words"][first:end].tolist())
        found = content_morphemes(query, self.names)
        shared = (m.headword for m in found if self._vocabulary.get(m.form) in held)
        return tuple(dict.fromkeys(shared))

    def _summed(self, of: str, places: _Array, lookup: _Array, mass: float) -> NDArray[np.float32]:
        count = self._entries if of == "entry" else self._rows
        sealed = places < count
        found = np.empty(len(places), np.float32)
        found[sealed] = self._sealed._summed(of, places[sealed], lookup, mass)
        found[~sealed] = super()._summed(of, places[~sealed] - count, lookup, mass)
        return found

"""BM25 over content morphemes: search by the words that a query and an entry share."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mundap.index.faq.passages.passages import Passages
from mundap.index.korean.morphemes import content_forms, content_morphemes
from mundap.index.korean.names import NO_NAMES, Names
from mundap.index.korean.rarity import rarity
from mundap.index.search.entry_scores import EntryScores, WholeScores
from mundap.index.search.hit import Hit, in_order

K1, B = 1.5, 0.75
# Phrasings of an entry from which on its own words say enough of how usual each is.
_MANY = 16
VOCABULARY_FILE = "bm25.vocabulary.json"
_ARRAYS = ("entry_bounds", "entry_rows", "gains", "passage_bounds", "passage_rows")
LEXICAL_FILES = (VOCABULARY_FILE, *(f"bm25.{name}.npy" for name in _ARRAYS))

Tokens = Sequence[Sequence[str]]
_Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class QueryWords:
    """The content morphemes of a query that the FAQ uses, and what all of them weigh.

    `weights` are their rarities in the language: in a FAQ of fifty questions 수 and 것 may stand
    as seldom as 외국인. `mass` is the sum of the inverse document frequencies of all words, each
    times its rarity; a word that the FAQ never uses counts as the rarest of the FAQ.
    """

    terms: tuple[int, ...]
    weights: tuple[float, ...]
    mass: float

    def by_term(self) -> dict[int, float]:
        """Return the weight of each word, of one that is said twice both."""
        found: dict[int, float] = {}
        for term, weight in zip(self.terms, self.weights, strict=True):
            found[term] = found.get(term, 0.0) + weight
        return found


class LexicalIndex:
    """An immutable BM25 index (k1 1.5, b 0.75, Lucene's idf) whose documents are entries.

    An entry's document is all its phrasings: a query may share one word with one alternate and
    another word with the next. Every entry can be found. `names` are one word each, in passages
    and queries. `language` says how far the rarity of a word in the language counts beside that
    in the FAQ: 1 with one phrasing an entry, 0 with 16, in which words of grammar tell how a
    visitor asks.
    """

    def __init__(
        self,
        vocabulary: dict[str, int],
        arrays: dict[str, _Array],
        passages: Passages,
        names: Names = NO_NAMES,
    ) -> None:
        self.names = names
        self._vocabulary = vocabulary
        self._arrays = arrays
        self.passages = passages
        self._weigh(np.diff(arrays["entry_bounds"]))

    def _weigh(self, frequencies: NDArray[np.number]) -> None:
        """Note how rare each word is, of which so many entries use each."""
        count = len(self.passages.entries)
        self._idf = idf(frequencies, count)
        self._rarest = float(idf(np.zeros(1), count)[0])
        self.language = _language(self.passages.phrasings)

    @classmethod
    def build(
        cls, passages: Passages, tokens: Tokens | None = None, names: Names = NO_NAMES
    ) -> "LexicalIndex":
        """Index `passages`; `tokens` are their content morphemes where they are known already."""
        if tokens is None:
            tokens = [content_forms(text, names) for text in passages.texts]
        documents: list[list[str]] = [[] for _ in passages.entries]
        for owner, forms in zip(passages.owners.tolist(), tokens, strict=True):
            documents[owner].extend(forms)
        vocabulary = {form: term for term, form in enumerate(sorted(set().union(*documents)))}
        arrays = _gains(documents, vocabulary) | _presence(tokens, vocabulary)
        built = cls(vocabulary, arrays, passages, names)
        built.tokens = tokens
        return built

    @classmethod
    def load(cls, directory: Path, passages: Passages, names: Names = NO_NAMES) -> "LexicalIndex":
        """Read what `save` wrote; `names` are those it was built with.

        Not mapped: a file that is cut in place, as by a copy over it, ends whoever maps it.
        """
        vocabulary = json.loads((directory / VOCABULARY_FILE).read_text(encoding="utf-8"))
        arrays = {
            name: np.load(directory / f"bm25.{name}.npy", allow_pickle=False) for name in _ARRAYS
        }
        return cls(vocabulary, arrays, passages, names)

    def save(self, directory: Path) -> None:
        """Write `LEXICAL_FILES` into `directory`; the caller makes the write durable."""
        text = json.dumps(self._vocabulary, ensure_ascii=False)
        (directory / VOCABULARY_FILE).write_text(text, encoding="utf-8")
        for name in _ARRAYS:
            np.save(directory / f"bm25.{name}.npy", self._arrays[name], allow_pickle=False)

    @cached_property
    def tokens(self) -> Tokens:
        """Content morphemes of every passage; an index that was loaded analyses them again."""
        return [content_forms(text, self.names) for text in self.passages.texts]

    def words(self, query: str) -> QueryWords:
        """Analyse `query` and look its content morphemes up."""
        terms, weights, mass = [], [], 0.0
        for morpheme in content_morphemes(query, self.names):
            term = self._vocabulary.get(morpheme.form)
            weight = rarity(morpheme) ** self.language
            mass += weight * (self._rarest if term is None else self._idf[term])
            if term is not None:
                terms.append(term)
                weights.append(weight)
        return QueryWords(tuple(terms), tuple(weights), float(mass))

    def scores(self, words: QueryWords) -> EntryScores:
        """Return what `bm25` says, for those who ask for some entries."""
        return WholeScores(self.bm25(words), self.passages)

    def coverage_of(self, words: QueryWords, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return `coverage` of these passages, shape (rows,)."""
        return self.coverage(words)[rows]

    def bm25(self, words: QueryWords) -> NDArray[np.float32]:
        """Return the score of every entry, shape (entries,), in [0, 1).

        It is BM25's divided by `words.mass`, the least upper bound of what a document can have.
        """
        bounds, rows, gains = (self._arrays[name] for name in _ARRAYS[:3])
        parts = [slice(bounds[term], bounds[term + 1]) for term in words.terms]
        size = len(self.passages.entries)
        weighed = [w * gains[part] for w, part in zip(words.weights, parts, strict=True)]
        scores = _summed([rows[part] for part in parts], weighed, size)
        return (scores / (words.mass or 1.0)).astype(np.float32)

    def coverage(self, words: QueryWords) -> NDArray[np.float32]:
        """Return the share of `words.mass` that each passage holds, shape (passages,)."""
        bounds, rows = self._arrays["passage_bounds"], self._arrays["passage_rows"]
        held = [rows[bounds[term] : bounds[term + 1]] for term in words.terms]
        weights = self._idf[list(words.terms)] * words.weights
        weighed = [np.full(len(rows), weight) for rows, weight in zip(held, weights, strict=True)]
        shares = _summed(held, weighed, len(self.passages))
        return (shares / (words.mass or 1.0)).astype(np.float32)

    def shared(self, query: str, row: int) -> tuple[str, ...]:
        """Return the content words of `query` that one passage holds, each once, in order.

        As a dictionary lists them: people are to read them.
        """
        bounds, rows = self._arrays["passage_bounds"], self._arrays["passage_rows"]
        found = dict[str, None]()
        for morpheme in content_morphemes(query, self.names):
            term = self._vocabulary.get(morpheme.form)
            if term is None:
                continue
            held = rows[bounds[term] : bounds[term + 1]]  # ascending
            place = held.searchsorted(row)
            if place < len(held) and held[place] == row:
                found[morpheme.headword] = None
        return tuple(found)

    def search(self, queries: Sequence[str], k: int) -> list[list[Hit]]:
        """Return up to k hits for each query, `in_order`; entries that share no word score 0.

        A hit shows the passage that covers most of the query.
        """
        if k < 1:
            raise ValueError(f"k is {k}; wanted at least 1.")
        return [self._search_one(self.words(query), k) for query in queries]

    def _search_one(self, words: QueryWords, k: int) -> list[Hit]:
        scores, coverage = self.bm25(words), self.coverage(words)
        kept = np.flatnonzero(scores >= _kth_best(scores, k))
        hits = []
        for owner in kept.tolist():
            row = self.passages.best_row(owner, coverage)
            hit = Hit(self.passages.entries[owner], self.passages.texts[row], float(scores[owner]))
            hits.append(hit)
        return in_order(hits)[:k]


def _summed(rows: list[_Array], weights: list[_Array], size: int) -> NDArray[np.float64]:
    """Return what the weights of each row, of all terms, add up to, shape (size,)."""
    if not rows:
        return np.zeros(size)
    summed: Any = np.bincount(np.concatenate(rows), np.concatenate(weights), minlength=size)
    found: NDArray[np.float64] = summed
    return found


def _kth_best(scores: NDArray[np.float32], k: int) -> float:
    if len(scores) <= k:
        return 0.0
    return float(np.partition(scores, len(scores) - k)[len(scores) - k])


def _language(phrasings: float) -> float:
    return 1.0 - min(math.log2(phrasings) / math.log2(_MANY), 1.0)


def idf(frequencies: NDArray[np.number], documents: int) -> NDArray[np.float64]:
    """Lucene's inverse document frequency: unlike Robertson's never below 0."""
    found: NDArray[np.float64] = np.log1p((documents - frequencies + 0.5) / (frequencies + 0.5))
    return found


def gain_of(often: _Array, length: _Array) -> NDArray[np.float64]:
    """Return the share of its idf that a word adds to an entry that has it `often`.

    `length` is how long the entry is, over the mean of all.
    """
    gained: NDArray[np.float64] = often / (often + K1 * (1 - B + B * length))
    return gained


def _gains(documents: list[list[str]], vocabulary: dict[str, int]) -> dict[str, _Array]:
    """Return, term by term, the entries that use it and what it adds to the score of each."""
    if not vocabulary:
        empty = np.zeros(0, dtype=np.int32)
        return {"entry_bounds": np.zeros(1, np.int32), "entry_rows": empty, "gains": empty}
    import bm25s  # takes scipy with it: a serving process needs neither

    scores = bm25s.BM25(k1=K1, b=B, method="lucene").build_index_from_ids(
        unique_token_ids=list(vocabulary.values()),
        corpus_token_ids=[[vocabulary[form] for form in document] for document in documents],
        show_progress=False,
    )
    return {
        "entry_bounds": scores["indptr"].astype(np.int32),
        "entry_rows": scores["indices"].astype(np.int32),
        "gains": scores["data"].astype(np.float32),
    }


def _presence(tokens: Tokens, vocabulary: dict[str, int]) -> dict[str, _Array]:
    """Return, term by term, the passages that hold it, ascending."""
    different = [sorted({vocabulary[form] for form in forms}) for forms in tokens]
    terms = np.fromiter((term for held in different for term in held), dtype=np.int32)
    rows = np.repeat(np.arange(len(different), dtype=np.int32), [len(held) for held in different])
    counts = np.bincount(terms, minlength=len(vocabulary))
    return {
        "passage_bounds": np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
        "passage_rows": rows[np.argsort(terms, kind="stable")],
    }

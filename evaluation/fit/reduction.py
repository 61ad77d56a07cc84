"""A retriever without parts of its FAQ, asked what was left out: so a FAQ supplies its queries.

In scope: each phrasing of an entry that has others, asked while it is left out. Out of scope:
phrasings asked while their whole answer is left out, which are the hardest there are, in words of
the FAQ's own subject. Questions in English are not asked: they stand for no visitor of the others.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mundap.evaluation.fit.judged import Judged
from mundap.index.faq.passages.passages import Passages
from mundap.index.korean.text import match_key
from mundap.index.query.query_layer import Reading
from mundap.index.search.dense import DenseRetriever
from mundap.index.search.evidence import SHOWN
from mundap.index.search.lexical import LexicalIndex, Tokens
from mundap.index.search.ranking import EncodedQuery
from mundap.index.search.retriever import Retriever

# More say little more: a share is then known within .03.
MOST = 1_000
# Parts that a FAQ is left out in, one after the other.
_PHRASING_PARTS, _ANSWER_PARTS = 10, 5
# With as many entries of several phrasings, only those are asked out of scope too: entries of
# one phrasing may be of another kind, which the calibration would learn instead.
_ENOUGH = 20

_Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Reduction:
    """Takes passages out of a retriever; what they cost to encode and analyse is kept."""

    retriever: Retriever
    vectors: NDArray[np.float32]
    tokens: Tokens
    answers: list[str]

    @classmethod
    def of(cls, retriever: Retriever) -> "Reduction":
        """Take over the vectors of `retriever` and the words of its passages."""
        passages, tokens = retriever.passages, retriever.lexical_index.tokens
        answers = [match_key(entry.answer) for entry in passages.entries]
        return cls(retriever, retriever.dense.engine.vectors(), tokens, answers)

    def phrasing_parts(self, rng: np.random.Generator) -> Iterator[_Rows]:
        """Yield rows to leave out together: never all of an entry."""
        passages = self.retriever.passages
        part = np.full(len(passages), -1)
        for first, count in zip(passages.bounds[:-1], self._phrasings(), strict=True):
            if count > 1:
                offset = rng.integers(_PHRASING_PARTS)
                # The English question is the last of an entry.
                part[rng.permutation(np.arange(first, first + count))] = (
                    np.arange(count) + offset
                ) % _PHRASING_PARTS
        return _parts(part, _PHRASING_PARTS)

    def answer_parts(self, rng: np.random.Generator) -> Iterator[_Rows]:
        """Yield rows to leave out together: all of every entry with some answers."""
        passages = self.retriever.passages
        several = self._phrasings() > 1
        keys = np.unique(np.array(self.answers, dtype=object), return_inverse=True)[1]
        # All entries with an answer go, or it would still be found.
        enough = several.sum() >= _ENOUGH
        asked = np.isin(keys, keys[several]) if enough else np.ones_like(several)
        drawn = rng.permutation(keys.max() + 1) % _ANSWER_PARTS
        part = np.where(asked, drawn[keys], -1)
        return _parts(part[passages.owners], _ANSWER_PARTS)

    def without(self, kept: NDArray[np.bool_]) -> Retriever:
        """Return a retriever of the passages that `kept`, shape (passages,), names, and no others.

        Its weights are those of the whole.
        """
        passages: Passages = self.retriever.passages.kept(kept)
        tokens = [forms for forms, keep in zip(self.tokens, kept, strict=True) if keep]
        dense = DenseRetriever.of_vectors(self.retriever.encoder, passages, self.vectors[kept])
        lexical_index = LexicalIndex.build(passages, tokens, self.retriever.lexical_index.names)
        content = self.retriever.content and self.retriever.content.without(kept)
        whole = self.retriever
        return Retriever(dense, lexical_index, whole.query_layer, whole.fusion, content)

    def asked_without(self, left_out: _Rows, asked: _Rows, in_scope: bool) -> Judged:
        """Ask the passages `asked` while the passages `left_out` are not there."""
        passages = self.retriever.passages
        kept = np.ones(len(passages), dtype=bool)
        kept[left_out] = False
        if not kept.any() or not len(asked):
            return Judged.none()
        readings = [Reading(passages.texts[row], ()) for row in asked]
        rankings = self.without(kept).rank_encoded(readings, self._encoded(asked), SHOWN)
        owners = passages.owners[asked]
        return Judged.of(rankings, [{self.answers[o]} if in_scope else set() for o in owners])

    def phrasings(self, rows: _Rows) -> _Rows:
        """Return those of `rows` that are no English question."""
        english = self.retriever.passages.english
        return rows if english is None else rows[~english[rows]]

    def _phrasings(self) -> _Rows:
        """Return how many phrasings each entry has."""
        passages = self.retriever.passages
        owners = passages.owners[self.phrasings(np.arange(len(passages)))]
        return np.bincount(owners, minlength=len(passages.entries))

    def apart_from_contents(self, rows: _Rows) -> _Rows:
        """Return those of `rows` that no content repeats, as it does every entry's question."""
        if self.retriever.content is None:
            return rows
        return np.setdiff1d(rows, self.retriever.passages.bounds[:-1])

    def _encoded(self, rows: _Rows) -> list[EncodedQuery]:
        content = self.retriever.content
        if content is None:
            return [EncodedQuery(vector) for vector in self.vectors[rows]]
        read = content.encoder.read_queries([self.retriever.passages.texts[row] for row in rows])
        return [EncodedQuery(*each) for each in zip(self.vectors[rows], read, strict=True)]


def own_phrasings(retriever: Retriever, seed: int = 0) -> tuple[Judged, Judged]:
    """Ask the FAQ its own phrasings: with a few left out, and with their answers left out.

    Up to 1,000 of each, drawn by `seed`; none in scope where no entry has two phrasings.
    """
    rng = np.random.default_rng(seed)
    reduction = Reduction.of(retriever)
    in_scope, out_of_scope = Judged.none(), Judged.none()
    for rows in reduction.phrasing_parts(rng):
        asked = _some(reduction.apart_from_contents(rows), _PHRASING_PARTS, rng)
        in_scope += reduction.asked_without(rows, asked, True)
    for rows in reduction.answer_parts(rng):
        asked = _some(reduction.phrasings(rows), _ANSWER_PARTS, rng)
        out_of_scope += reduction.asked_without(rows, asked, False)
    return in_scope, out_of_scope


def _parts(part: NDArray[np.int64], count: int) -> Iterator[_Rows]:
    return (rows for number in range(count) if len(rows := np.flatnonzero(part == number)))


def _some(rows: _Rows, parts: int, rng: np.random.Generator) -> _Rows:
    most = MOST // parts
    return rows if len(rows) <= most else np.sort(rng.choice(rows, most, replace=False))

"""Vectors and words: query in, ranked entries out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mundap.index.encoders.encoder import Encoder, Vectors
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages import Passages
from mundap.index.korean.morphemes import analyse
from mundap.index.korean.text import match_key
from mundap.index.query.query_layer import QueryLayer, Reading
from mundap.index.search.dense import DenseRetriever
from mundap.index.search.evidence import RIVALS, Evidence
from mundap.index.search.fusion import Fusion
from mundap.index.search.hit import Hit, Signals, in_order
from mundap.index.search.lexical import LexicalIndex, QueryWords

# Entries that vectors and words each propose; what neither proposes is not ranked.
CANDIDATES = 32


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best hits of one query, what there is to judge the first by, and how it came first.

    `evidence` is None and the ranks are 0 where nothing was found. `dense_rank` is the place of
    the first hit by its vector among what was ranked, `bm25_rank` that by its words among all
    entries; 0 where it shares none with the query. `shared` are the content words that the
    query and the question of the first hit have in common, as a dictionary lists them.
    """

    reading: Reading
    hits: tuple[Hit, ...]
    evidence: Evidence | None
    dense_rank: int = 0
    bm25_rank: int = 0
    shared: tuple[str, ...] = ()

    def in_order_of(self, entry_ids: Sequence[str]) -> "Ranking":
        """Return these hits in an order that a second look gave them; scores stay.

        Where it puts another entry first, the two stages disagree: the evidence is then that
        entry's own score, without a lead, and ranks are not known.
        """
        known = {hit.entry_id: hit for hit in self.hits}
        hits = tuple(known[entry_id] for entry_id in entry_ids)
        if not hits or self.evidence is None or hits[0] == self.hits[0]:
            return replace(self, hits=hits)
        return Ranking(self.reading, hits, self.evidence.of_another(hits[0].score))


class Retriever:
    """Ranks entries by vectors and words together."""

    def __init__(
        self,
        dense: DenseRetriever,
        lexical_index: LexicalIndex,
        query_layer: QueryLayer,
        fusion: Fusion | None = None,
    ) -> None:
        self.dense = dense
        self.lexical_index = lexical_index
        self.query_layer = query_layer
        self.fusion = fusion or Fusion()

    @classmethod
    def build(
        cls, encoder: Encoder, entries: Sequence[FaqEntry], fusion: Fusion | None = None
    ) -> "Retriever":
        """Encode and index `entries` in memory."""
        dense = DenseRetriever.build(encoder, entries)
        passages = dense.passages
        return cls(dense, LexicalIndex.build(passages), QueryLayer.of(passages), fusion)

    @property
    def encoder(self) -> Encoder:
        """What made the vectors."""
        return self.dense.encoder

    @property
    def passages(self) -> Passages:
        """What is searched."""
        return self.dense.passages

    def search(
        self, queries: Sequence[str], k: int, *, category: str | None = None
    ) -> list[list[Hit]]:
        """Return up to k hits for each query, `in_order`."""
        return [list(ranking.hits) for ranking in self.rank(queries, k, category=category)]

    def rank(self, queries: Sequence[str], k: int, *, category: str | None = None) -> list[Ranking]:
        """Return up to k hits for each query, `in_order`, with the evidence for the first."""
        if k < 1:
            raise ValueError(f"k is {k}; wanted at least 1.")
        readings = [self.query_layer.read(query) for query in queries]
        vectors = self.encoder.encode([reading.text for reading in readings])
        return self.rank_encoded(readings, vectors, k, category=category)

    def rank_encoded(
        self, readings: Sequence[Reading], vectors: Vectors, k: int, *, category: str | None = None
    ) -> list[Ranking]:
        """Do what `rank` does for queries that are read and encoded, shape (n, dimension)."""
        return [
            self._rank_one(reading, vector, k, category)
            for reading, vector in zip(readings, vectors, strict=True)
        ]

    def _rank_one(
        self, reading: Reading, vector: np.ndarray, k: int, category: str | None
    ) -> Ranking:
        words = self.lexical_index.words(reading.text)
        bm25 = self.lexical_index.bm25(words)
        owners = self._candidates(vector, bm25, max(k, CANDIDATES), category)
        if not len(owners):
            return Ranking(reading, (), None)
        signals, rows = self._signals(owners, vector, words, bm25)
        scores = self.fusion.scores(signals, wordless=not words.mass)
        # Only what may be listed becomes a hit.
        (kept,) = (scores >= np.sort(scores)[-min(k, len(scores))]).nonzero()
        hits = in_order([self._hit(rows[i], scores[i], signals[i]) for i in kept.tolist()])[:k]
        best = hits[0]
        lead = self._lead(best, owners, scores)
        evidence = Evidence.of(best.score, lead, len(analyse(reading.text)))
        assert best.signals is not None
        dense_rank = 1 + int((signals[:, 0] > best.signals.dense).sum())
        has_words = best.signals.bm25 > 0
        bm25_rank = 1 + int((bm25 > best.signals.bm25).sum()) if has_words else 0
        row = next(rows[i] for i in kept.tolist() if self._entry(rows[i]) is best.entry)
        shared = self.lexical_index.shared(reading.text, int(row)) if has_words else ()
        return Ranking(reading, tuple(hits), evidence, dense_rank, bm25_rank, shared)

    def _entry(self, row: np.int64) -> FaqEntry:
        return self.passages.entries[int(self.passages.owners[row])]

    def _hit(self, row: np.int64, score: np.float64, signals: NDArray[np.float64]) -> Hit:
        question = self.passages.texts[row]
        return Hit(self._entry(row), question, float(score), Signals(*signals.tolist()))

    def _lead(self, best: Hit, owners: NDArray[np.int64], scores: NDArray[np.float64]) -> float:
        """Return how far the mean of the next entries with other answers lies below the best."""
        answer, rivals = match_key(best.entry.answer), list[float]()
        for place in (-scores).argsort(kind="stable").tolist():
            if match_key(self.passages.entries[owners[place]].answer) != answer:
                rivals.append(float(scores[place]))
                if len(rivals) == RIVALS:
                    break
        # Without a rival there is nothing to confuse it with.
        return best.score - (sum(rivals) / len(rivals) if rivals else 0.0)

    def _signals(
        self,
        owners: NDArray[np.int64],
        vector: np.ndarray,
        words: QueryWords,
        bm25: NDArray[np.float32],
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return the signals of each entry, (n, 4), and the row of its nearest passage."""
        rows, sizes = self.passages.rows_of(owners), self.passages.sizes[owners]
        starts = sizes.cumsum() - sizes
        cosines = self.dense.cosines(rows, vector)
        # The cosine with a mean is the mean of the cosines over the length of the mean.
        lengths, sums = self.dense.centroid_lengths[owners], np.add.reduceat(cosines, starts)
        centroids = np.divide(sums, lengths, out=np.zeros_like(sums), where=lengths > 0)
        coverage = self.lexical_index.coverage(words)[rows]
        columns = (
            np.maximum.reduceat(cosines, starts),
            centroids,
            bm25[owners],
            np.maximum.reduceat(coverage, starts),
        )
        (nearest,) = (columns[0].repeat(sizes) == cosines).nonzero()
        first = nearest[nearest.searchsorted(starts)]
        return np.column_stack(columns).astype(np.float64), rows[first]

    def _candidates(
        self,
        vector: np.ndarray,
        bm25: NDArray[np.float32],
        count: int,
        category: str | None,
    ) -> NDArray[np.int64]:
        """Return the places of the entries that are ranked, ascending."""
        near = self.dense.nearest_owners(vector, count, category)
        if category is not None:
            bm25 = np.where(self.passages.has_category(category), bm25, 0.0)
        (shared,) = (bm25 > 0).nonzero()
        if len(shared) > count:
            shared = shared[bm25[shared].argpartition(-count)[-count:]]
        # For so few, `np.union1d` takes twice as long.
        return np.array(sorted({*near.tolist(), *shared.tolist()}), dtype=np.int64)

"""Vectors and words: query in, ranked entries out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mundap.index.encoders.encoder import Encoder, PieceEncoder, ReadText
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.name_learning import NameLearning
from mundap.index.faq.passages import Passages
from mundap.index.korean.morphemes import analyse
from mundap.index.korean.text import match_key
from mundap.index.query.query_layer import QueryLayer, Reading
from mundap.index.search.content import ContentRetriever
from mundap.index.search.dense import DenseRetriever
from mundap.index.search.evidence import RIVALS, Evidence
from mundap.index.search.fusion import SIGNALS, Fusion
from mundap.index.search.hit import Hit, Signals, in_order
from mundap.index.search.lexical import LexicalIndex, QueryWords

# Entries that vectors and words each propose; what neither proposes is not ranked.
CANDIDATES = 32
# Marks that a question ends with or without.
_MARKS = "?!.~ "


@dataclass(frozen=True, slots=True)
class EncodedQuery:
    """A query as each encoder sees it; `read` is None where no pretrained one does."""

    vector: NDArray[np.float32]
    read: ReadText | None = None


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

    @property
    def is_exact(self) -> bool:
        """Whether the first hit has a phrasing that is the query itself, but for its last marks."""
        return bool(self.hits) and _said(self.hits[0].question) == _said(self.reading.text)

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
    """Ranks entries by vectors and words together, and by what entries say where that is known.

    `content` is what a pretrained encoder makes of the same entries; None where none does.
    """

    def __init__(
        self,
        dense: DenseRetriever,
        lexical_index: LexicalIndex,
        query_layer: QueryLayer,
        fusion: Fusion | None = None,
        content: ContentRetriever | None = None,
    ) -> None:
        self.dense = dense
        self.lexical_index = lexical_index
        self.query_layer = query_layer
        self.content = content
        self.fusion = fusion or Fusion.usual(
            len(dense.passages) / len(dense.passages.entries), content=content is not None
        )
        self._answers: dict[int, str] = {}

    @classmethod
    def build(
        cls,
        encoder: Encoder,
        entries: Sequence[FaqEntry],
        fusion: Fusion | None = None,
        *,
        pretrained: PieceEncoder | None = None,
    ) -> "Retriever":
        """Encode and index `entries` in memory."""
        dense = DenseRetriever.build(encoder, entries)
        names = NameLearning.of(entries).names
        content = ContentRetriever.build(pretrained, entries, names) if pretrained else None
        lexical_index, query_layer = (
            LexicalIndex.build(dense.passages, names=names),
            QueryLayer.of(dense.passages, names=names),
        )
        return cls(dense, lexical_index, query_layer, fusion, content)

    @property
    def encoder(self) -> Encoder:
        """What made the vectors of `dense`."""
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
        return self.rank_encoded(readings, self.encode(readings), k, category=category)

    def encode(self, readings: Sequence[Reading]) -> list[EncodedQuery]:
        """Return queries as each encoder sees them."""
        texts = [reading.text for reading in readings]
        vectors = self.encoder.encode(texts)
        read = self.content.encoder.read_queries(texts) if self.content else [None] * len(texts)
        return [EncodedQuery(*each) for each in zip(vectors, read, strict=True)]

    def rank_encoded(
        self,
        readings: Sequence[Reading],
        encoded: Sequence[EncodedQuery],
        k: int,
        *,
        category: str | None = None,
    ) -> list[Ranking]:
        """Do what `rank` does for queries that are read and encoded."""
        return [
            self._rank_one(reading, query, k, category)
            for reading, query in zip(readings, encoded, strict=True)
        ]

    def _rank_one(
        self, reading: Reading, query: EncodedQuery, k: int, category: str | None
    ) -> Ranking:
        words = self.lexical_index.words(reading.text)
        bm25 = self.lexical_index.bm25(words)
        owners = self._candidates(query, bm25, max(k, CANDIDATES), category)
        if not len(owners):
            return Ranking(reading, (), None)
        signals, rows = self._signals(owners, query, words, bm25)
        if self.content is not None and query.read is not None:
            signals[:, 4:] = self.content.signals(query.read, reading.text, owners)
        scores = self.fusion.scores(signals, wordless=not words.mass)
        # Only what may be listed becomes a hit.
        (kept,) = (scores >= np.sort(scores)[-min(k, len(scores))]).nonzero()
        hits = in_order([self._hit(rows[i], scores[i], signals[i]) for i in kept.tolist()])[:k]
        best = hits[0]
        evidence = self._evidence(reading, best, owners, scores)
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

    def _evidence(
        self, reading: Reading, best: Hit, owners: NDArray[np.int64], scores: NDArray[np.float64]
    ) -> Evidence:
        answers: dict[str, float] = {}
        for place in (-scores).argsort(kind="stable").tolist():
            answers.setdefault(self._answer(int(owners[place])), float(scores[place]))
        # Equal scores of other answers may stand before the one that `in_order` puts first.
        own = match_key(best.entry.answer)
        others = [score for answer, score in answers.items() if answer != own]
        rivals = others[:RIVALS]
        # Without a rival there is nothing to confuse it with.
        lead = best.score - (sum(rivals) / len(rivals) if rivals else 0.0)
        morphemes = analyse(reading.text, self.lexical_index.names)
        assert best.signals is not None
        return Evidence.of_ranking(
            best.signals,
            self.fusion.sharpness * np.array([best.score, *others]),
            (best.score, lead),
            (len(morphemes), sum(morpheme.is_content for morpheme in morphemes)),
        )

    def _answer(self, owner: int) -> str:
        """Return what tells an entry's answer from others; kept, as it takes a while."""
        if owner not in self._answers:
            self._answers[owner] = match_key(self.passages.entries[owner].answer)
        return self._answers[owner]

    def _signals(
        self,
        owners: NDArray[np.int64],
        query: EncodedQuery,
        words: QueryWords,
        bm25: NDArray[np.float32],
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return the signals of each entry, (n, 9), and the row of its nearest passage."""
        rows, starts = self.passages.rows_and_starts(owners)
        cosines = self.dense.cosines(rows, query.vector)
        best, centroids = self.dense.of_cosines(cosines, starts, owners)
        coverage = np.maximum.reduceat(self.lexical_index.coverage(words)[rows], starts)
        signals = np.zeros((len(owners), len(SIGNALS)))
        signals[:, :4] = np.column_stack([best, centroids, bm25[owners], coverage])
        (nearest,) = (best.repeat(self.passages.sizes[owners]) == cosines).nonzero()
        return signals, rows[nearest[nearest.searchsorted(starts)]]

    def _candidates(
        self,
        query: EncodedQuery,
        bm25: NDArray[np.float32],
        count: int,
        category: str | None,
    ) -> NDArray[np.int64]:
        """Return the places of the entries that are ranked, ascending."""
        near = {*self.dense.nearest_owners(query.vector, count, category).tolist()}
        if self.content is not None and query.read is not None:
            near |= self.content.candidates(query.read, count, category)
        if category is not None:
            bm25 = np.where(self.passages.has_category(category), bm25, 0.0)
        (shared,) = (bm25 > 0).nonzero()
        if len(shared) > count:
            shared = shared[bm25[shared].argpartition(-count)[-count:]]
        # For so few, `np.union1d` takes twice as long.
        return np.array(sorted({*near, *shared.tolist()}), dtype=np.int64)


def _said(text: str) -> str:
    return match_key(text).rstrip(_MARKS)

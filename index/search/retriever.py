"""Vectors and words: query in, ranked entries out."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mundap.index.encoders.encoder import Encoder, PieceEncoder, ReadText
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.name_learning import NameLearning
from mundap.index.faq.passages.passages import Passages
from mundap.index.korean.morphemes import analyse
from mundap.index.korean.text import match_key
from mundap.index.query.language import is_foreign
from mundap.index.query.query_layer import QueryLayer, Reading
from mundap.index.search.cascade import Cascade
from mundap.index.search.confidence import Confidence
from mundap.index.search.content import ContentRetriever
from mundap.index.search.dense import DenseRetriever
from mundap.index.search.evidence import RIVALS, Evidence
from mundap.index.search.fusion import SIGNALS, Fusion
from mundap.index.search.hit import Hit, Signals, in_order
from mundap.index.search.lexical import LexicalIndex
from mundap.index.search.ranking import EncodedQuery, Ranking, as_said
from mundap.index.search.scope import UNKNOWN, beside
from mundap.index.search.steps import Found, Seen

# Entries that vectors and words each propose; what neither proposes is not ranked.
CANDIDATES = 32
# Of them, those that the pretrained encoder's pieces are compared with; see `Pieces.late`.
LATE_CANDIDATES = 32
# Answers whose keys are kept: of a FAQ of millions not all.
_KEYS = 100_000
_LATE = SIGNALS.index("late")
# Signals that the words of a query make, by themselves or as a vector.
_WORDS = [SIGNALS.index(name) for name in ("dense", "centroid", "bm25", "coverage", "content_bm25")]
# What says how near an entry is in meaning, by the language of the query: ours, or another one.
_MEANING = (SIGNALS.index("dense"), SIGNALS.index("phrasing"))
# Content words of a query that is no bare topic as far as anyone can tell.
_SEVERAL = 2


class Retriever:
    """Ranks entries by vectors and words together, and by what entries say where that is known.

    `content` is what a pretrained encoder makes of the same entries; None where none does.
    `fusion` is what ranks a query, `foreign_fusion` one in a language that no entry is written in.
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
        phrasings = dense.passages.phrasings
        self.fusion = fusion or Fusion.usual(phrasings, content=content is not None)
        self._cascade = Cascade.usual(phrasings)
        self.foreign_fusion = Fusion.usual(phrasings, content=True, words=False)
        self._answer_keys: dict[str, str] = {}

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
        content = ContentRetriever.build(pretrained, dense.passages, names) if pretrained else None
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

    def usual_confidence(self) -> Confidence:
        """Return what holds across FAQs, with a pretrained encoder or without as here."""
        return Confidence.usual(content=self.content is not None)

    def answer_key(self, entry: FaqEntry) -> str:
        """Return what tells an entry's answer from others; kept, as it takes a while."""
        key = self._answer_keys.get(entry.answer)
        if key is None:
            if len(self._answer_keys) >= _KEYS:
                self._answer_keys.clear()
            key = self._answer_keys[entry.answer] = match_key(entry.answer)
        return key

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

    def rank_in_steps(self, query: str, k: int, *, category: str | None = None) -> Ranking:
        """Do what `rank` does for one query, and have it read only where that may change the first.

        Reading it by the pretrained encoder takes longer than all else.
        """
        if self.content is None:
            return self.rank([query], k, category=category)[0]
        reading = self.query_layer.read(query)
        seen = self._look(reading, self.encoder.encode([reading.text])[0], k, category)
        if self._may_settle(seen):
            plain = self._found(seen, None, k)
            if plain.ranking.is_exact:
                return self._told(plain, seen)
            sure = self._cascade.confidence.probability(plain.ranking.evidence)
            if sure >= self._cascade.sure:
                return replace(self._told(plain, seen), sure=sure)
        [read] = self.content.encoder.read_queries([reading.text])
        return self._told(self._found(seen, read, k), seen)

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
        foreign: bool | None = None,
    ) -> list[Ranking]:
        """Do what `rank` does for queries that are read and encoded.

        `foreign` says whether the words of a query count for nothing; None leaves it to the query.
        """
        rankings = []
        for reading, query in zip(readings, encoded, strict=True):
            seen = self._look(reading, query.vector, k, category)
            if foreign is not None:
                seen = replace(seen, is_foreign=foreign)
            rankings.append(self._told(self._found(seen, query.read, k), seen))
        return rankings

    def _may_settle(self, seen: Seen) -> bool:
        """Return whether words and static vectors may be enough for a query.

        They are where it is a stored phrasing, or where they can be sure.
        """
        if self._cascade.may_be_sure or not seen.near:
            return self._cascade.may_be_sure
        signals, rows = self._signals(np.array([*seen.near]), seen)
        nearest = self.passages.texts[int(rows[signals[:, 0].argmax()])]
        return as_said(nearest) == as_said(seen.reading.text)

    def _look(
        self, reading: Reading, vector: NDArray[np.float32], k: int, category: str | None
    ) -> Seen:
        words = self.lexical_index.words(reading.text)
        bm25, count = self.lexical_index.scores(words), max(k, CANDIDATES)
        near = {*self.dense.nearest_owners(vector, count, category).tolist()}
        near.update(bm25.best(count, category))
        foreign = self.content is not None and not words.terms and is_foreign(reading.text)
        return Seen(reading, vector, words, bm25, near, count, category, foreign)

    def _found(self, seen: Seen, read: ReadText | None, k: int) -> Found:
        """Return the best hits of a query with the evidence for the first.

        Where a pretrained encoder reads the FAQ and has not read the query, the cascade decides.
        """
        fusion = self._cascade.fusion if self.content is not None and read is None else self.fusion
        near = seen.near
        if self.content is not None and read is not None:
            near = near | self.content.candidates(read, seen.count, seen.category)
        if not near:
            return Found(Ranking(seen.reading, (), None))
        # For so few, `np.union1d` takes twice as long.
        owners = np.array(sorted(near), dtype=np.int64)
        signals, rows = self._signals(owners, seen)
        wordless, aside = not seen.words.mass, UNKNOWN
        if self.content is not None and read is not None:
            aside = beside(self.content.encoder.fingerprint, read.vector)
            signals[:, 4:] = self.content.signals(read, seen.reading.text, owners)
            if seen.is_foreign:
                fusion, signals[:, _WORDS] = self.foreign_fusion, 0.0
            if len(owners) > LATE_CANDIDATES:
                likely = np.sort(
                    (-fusion.scores(signals, wordless=wordless)).argsort(kind="stable")[
                        :LATE_CANDIDATES
                    ]
                )
                owners, signals, rows = owners[likely], signals[likely], rows[likely]
            signals[:, _LATE] = self.content.late(read, owners)
        scores = fusion.scores(signals, wordless=wordless)
        # Only what may be listed becomes a hit.
        (kept,) = (scores >= np.sort(scores)[-min(k, len(scores))]).nonzero()
        listed = {i: self._hit(rows[i], scores[i], signals[i]) for i in kept.tolist()}
        hits = in_order([*listed.values()])[:k]
        best = hits[0]
        row = next(rows[i] for i, hit in listed.items() if hit is best)
        is_foreign = read is not None and seen.is_foreign
        # The analyser knows no word of another language: the encoder's pieces stand for them.
        words = (len(read.pieces), _SEVERAL) if is_foreign and read else self._counted(seen.reading)
        evidence = self._evidence(best, owners, fusion.sharpness, scores, words, aside)
        ranking = Ranking(seen.reading, tuple(hits), evidence, is_foreign=is_foreign)
        return Found(ranking, signals[:, _MEANING[is_foreign]], int(row))

    def _counted(self, reading: Reading) -> tuple[int, int]:
        """Return how many morphemes a query has, and how many content words."""
        morphemes = analyse(reading.text, self.lexical_index.names)
        return len(morphemes), sum(morpheme.is_content for morpheme in morphemes)

    def _told(self, found: Found, seen: Seen) -> Ranking:
        """Return a ranking that says how the first came first."""
        if not found.ranking.hits:
            return found.ranking
        signals = found.ranking.hits[0].signals
        assert signals is not None
        has_words = signals.bm25 > 0
        return replace(
            found.ranking,
            dense_rank=1 + int((found.dense > signals.dense).sum()),
            bm25_rank=seen.bm25.rank(signals.bm25) if has_words else 0,
            shared=self.lexical_index.shared(seen.reading.text, found.row) if has_words else (),
        )

    def _entry(self, row: np.int64) -> FaqEntry:
        return self.passages.entries[int(self.passages.owners[row])]

    def _hit(self, row: np.int64, score: np.float64, signals: NDArray[np.float64]) -> Hit:
        question = self.passages.texts[int(row)]
        return Hit(self._entry(row), question, float(score), Signals(*signals.tolist()))

    def _evidence(
        self,
        best: Hit,
        owners: NDArray[np.int64],
        sharpness: float,
        scores: NDArray[np.float64],
        words: tuple[int, int],
        aside: float,
    ) -> Evidence:
        answers: dict[str, float] = {}
        for place in (-scores).argsort(kind="stable").tolist():
            entry = self.passages.entries[int(owners[place])]
            answers.setdefault(self.answer_key(entry), float(scores[place]))
        # Equal scores of other answers may stand before the one that `in_order` puts first.
        own = self.answer_key(best.entry)
        others = [score for answer, score in answers.items() if answer != own]
        rivals = others[:RIVALS]
        # Without a rival there is nothing to confuse it with.
        lead = best.score - (sum(rivals) / len(rivals) if rivals else 0.0)
        assert best.signals is not None
        return Evidence.of_ranking(
            best.signals,
            sharpness * np.array([best.score, *others]),
            (best.score, lead),
            words,
            aside,
        )

    def _signals(
        self, owners: NDArray[np.int64], seen: Seen
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return the signals of each entry, (n, 9), and the row of its nearest passage."""
        rows, starts = self.passages.rows_and_starts(owners)
        cosines = self.dense.cosines(rows, seen.vector)
        best, centroids = self.dense.of_cosines(cosines, rows, starts, owners)
        coverage = np.maximum.reduceat(self.lexical_index.coverage_of(seen.words, rows), starts)
        signals = np.zeros((len(owners), len(SIGNALS)))
        signals[:, :4] = np.column_stack([best, centroids, seen.bm25.of(owners), coverage])
        (nearest,) = (best.repeat(self.passages.sizes_of(owners)) == cosines).nonzero()
        return signals, rows[nearest[nearest.searchsorted(starts)]]

"""What is found for one query."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mundap.index.encoders.encoder import ReadText
from mundap.index.korean.text import match_key
from mundap.index.query.query_layer import Reading
from mundap.index.search.confidence import Confidence, ReplyKind
from mundap.index.search.evidence import Evidence
from mundap.index.search.hit import Hit

# How sure a stored phrasing that is asked as it stands may be: two entries may share it.
_EXACT = 0.99
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
    query and the question of the first hit have in common, as a dictionary lists them. `sure` is
    the probability that the first is right where words and static vectors settled that alone, None
    where the evidence is to be judged as usual. `is_foreign` says that the query is in a language
    that no entry is written in, and its evidence what a pretrained encoder alone makes of it.
    """

    reading: Reading
    hits: tuple[Hit, ...]
    evidence: Evidence | None
    dense_rank: int = 0
    bm25_rank: int = 0
    shared: tuple[str, ...] = ()
    sure: float | None = None
    is_foreign: bool = False

    @property
    def is_exact(self) -> bool:
        """Whether the first hit has a phrasing that is the query itself, but for its last marks."""
        return bool(self.hits) and as_said(self.hits[0].question) == as_said(self.reading.text)

    @property
    def is_topic(self) -> bool:
        """Whether the query is a word or none beside it, and entries share it."""
        return self.evidence is not None and bool(self.evidence.single) and self.bm25_rank > 0

    @property
    def settled(self) -> float | None:
        """How sure the first hit is whatever the confidence of its FAQ; None where that decides."""
        return _EXACT if self.is_exact else self.sure

    def certain(self, confidence: Confidence) -> float:
        """Return the probability in [0, 1] that the first hit is right."""
        return self.settled or self.judge(confidence).probability(self.evidence)

    def clear(self, confidence: Confidence) -> float:
        """Return the probability in [0, 1] that one of the first three hits is right."""
        return self.settled or self.judge(confidence).clear(self.evidence)

    def judge(self, confidence: Confidence) -> Confidence:
        """Return what judges the evidence, where `confidence` is that of the FAQ."""
        return confidence.for_foreign() if self.is_foreign else confidence

    def kind(self, confidence: Confidence) -> ReplyKind:
        """Return what the hits are good for.

        A bare topic, 환불 say, asks nothing yet: however near an entry is, it is offered.
        """
        if self.is_exact:
            return "answer"
        kind: ReplyKind = "answer" if self.sure else self.judge(confidence).kind(self.evidence)
        return "suggest" if kind == "answer" and self.is_topic else kind

    def in_order_of(self, entry_ids: Sequence[str]) -> "Ranking":
        """Return these hits in an order that a second look gave them; scores stay.

        Where it puts another entry first, the two stages disagree: the evidence is then that
        entry's own score, without a lead, and ranks are not known.
        """
        known = {hit.entry_id: hit for hit in self.hits}
        hits = tuple(known[entry_id] for entry_id in entry_ids)
        if not hits or self.evidence is None or hits[0] == self.hits[0]:
            return replace(self, hits=hits)
        evidence = self.evidence.of_another(hits[0].score)
        return Ranking(self.reading, hits, evidence, is_foreign=self.is_foreign)


def as_said(text: str) -> str:
    """Return what is the same of two texts that differ in case, spaces and last marks alone."""
    return match_key(text).rstrip(_MARKS)

"""Query in, ranked entries out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from index.encoder import Encoder
from index.faq import FaqEntry
from index.passages import Passages
from index.text import clean
from index.vector_index import RowHits, VectorIndex


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry found for a query, the passage of it that matched best, and its score.

    The score of dense retrieval is a cosine in [-1, 1]; higher is better.
    """

    entry: FaqEntry
    question: str
    score: float

    @property
    def entry_id(self) -> str:
        """Id of the entry."""
        return self.entry.entry_id


class Retriever:
    """Searches passages by vector and ranks the entries they belong to."""

    def __init__(self, encoder: Encoder, passages: Passages, vector_index: VectorIndex) -> None:
        if len(passages) != len(vector_index):
            raise ValueError(
                f"{len(passages)} passages but {len(vector_index)} vectors; wanted as many."
            )
        self.encoder = encoder
        self.passages = passages
        self.vector_index = vector_index

    @classmethod
    def build(cls, encoder: Encoder, entries: Sequence[FaqEntry]) -> "Retriever":
        """Encode and index `entries` in memory."""
        passages = Passages.of(entries)
        return cls(encoder, passages, VectorIndex.build(encoder.encode(passages.texts)))

    def search(
        self, queries: Sequence[str], k: int, *, category: str | None = None
    ) -> list[list[Hit]]:
        """Return up to k hits for each query, best first; see `best_entries` for the order."""
        if k < 1:
            raise ValueError(f"k is {k}; wanted at least 1.")
        vectors = self.encoder.encode([clean(query) for query in queries])
        return [self._search_one(vector[None], k, category) for vector in vectors]

    def _search_one(self, vector: np.ndarray, k: int, category: str | None) -> list[Hit]:
        rows = None if category is None else self.passages.rows_of_category(category)
        available = len(self.passages) if rows is None else len(rows)
        # Several passages of one entry may come first: widen until k entries are safe.
        width = 4 * k
        while True:
            found = self.vector_index.search(vector, width, rows=rows)[0]
            hits = best_entries(found, self.passages, k)
            complete = len(hits) == k and found.scores[-1] < hits[-1].score
            if complete or width >= available or len(found.rows) < width:
                return hits
            width = min(4 * width, available)


def best_entries(found: RowHits, passages: Passages, k: int) -> list[Hit]:
    """Collapse passages to their entries, each with its best score, and return the k best.

    Order is total and that of trec_eval: score descending, then entry_id descending, so a
    scorer that gives everything the same score gains nothing from the order of the file.
    """
    best: dict[int, tuple[float, int]] = {}
    for row, score in zip(found.rows.tolist(), found.scores.tolist(), strict=True):
        owner = int(passages.owners[row])
        # Equal passages of one entry: the first, which is its question where that ties.
        if owner not in best or (score, -row) > (best[owner][0], -best[owner][1]):
            best[owner] = (score, row)
    hits = [
        Hit(passages.entries[owner], passages.texts[row], score)
        for owner, (score, row) in best.items()
    ]
    return sorted(hits, key=lambda hit: (hit.score, hit.entry_id), reverse=True)[:k]

"""Retrieval by vectors alone."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from index.encoder import Encoder
from index.faq import FaqEntry
from index.hit import Hit, best_entries
from index.passages import Passages
from index.text import clean
from index.vector_index import VectorIndex

# Entries whose vectors are held at once beside those of the index.
_BLOCK = 1024


class DenseRetriever:
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
    def build(cls, encoder: Encoder, entries: Sequence[FaqEntry]) -> "DenseRetriever":
        """Encode and index `entries` in memory."""
        passages = Passages.of(entries)
        return cls(encoder, passages, VectorIndex.build(encoder.encode(passages.texts)))

    @cached_property
    def centroid_lengths(self) -> NDArray[np.float32]:
        """Length of the sum of each entry's vectors, shape (entries,)."""
        bounds, lengths = self.passages.bounds, np.empty(len(self.passages.entries), np.float32)
        for first in range(0, len(lengths), _BLOCK):
            starts = bounds[first : first + _BLOCK + 1]
            vectors = self.vector_index.vectors_of(np.arange(starts[0], starts[-1]))
            sums = np.add.reduceat(vectors, starts[:-1] - starts[0])
            lengths[first : first + _BLOCK] = np.linalg.norm(sums, axis=1)
        return lengths

    def search(
        self, queries: Sequence[str], k: int, *, category: str | None = None
    ) -> list[list[Hit]]:
        """Return up to k hits for each query, best first; see `best_entries` for the order."""
        if k < 1:
            raise ValueError(f"k is {k}; wanted at least 1.")
        vectors = self.encoder.encode([clean(query) for query in queries])
        return [self.nearest(vector, k, category) for vector in vectors]

    def nearest(self, vector: np.ndarray, k: int, category: str | None = None) -> list[Hit]:
        """Return up to k hits for one query vector, shape (dimension,), best first."""
        rows = None if category is None else self.passages.rows_of_category(category)
        available = len(self.passages) if rows is None else len(rows)
        # Several passages of one entry may come first: widen until k entries are safe.
        width = 4 * k
        while True:
            found = self.vector_index.search(vector[None], width, rows=rows)[0]
            hits = best_entries(found, self.passages, k)
            complete = len(hits) == k and found.scores[-1] < hits[-1].score
            if complete or width >= available or len(found.rows) < width:
                return hits
            width = min(4 * width, available)

    def nearest_owners(
        self, vector: np.ndarray, count: int, category: str | None = None
    ) -> NDArray[np.int64]:
        """Return the places of the `count` nearest entries, nearest first; fewer if there are."""
        rows = None if category is None else self.passages.rows_of_category(category)
        available = len(self.passages) if rows is None else len(rows)
        # Where entries have one passage, so many are enough.
        width = count * min(4, self.passages.most)
        while True:
            found = self.vector_index.search(vector[None], width, rows=rows)[0].rows
            owners = np.array([*dict.fromkeys(self.passages.owners[found].tolist())], np.int64)
            if len(owners) >= count or width >= available or len(found) < width:
                return owners[:count]
            width = min(4 * width, available)

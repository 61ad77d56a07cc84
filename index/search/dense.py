"""Retrieval by vectors alone."""

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mundap.index.encoders.encoder import Encoder
from mundap.index.engines.vector_index import RowHits, VectorIndex
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages import Passages
from mundap.index.korean.text import clean
from mundap.index.search.hit import Hit, best_entries

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
        hits: list[Hit] = []
        # Several passages of one entry may come first: widen until k entries are safe.
        for found in self._widening(vector, 4 * k, category):
            hits = best_entries(found, self.passages, k)
            if len(hits) == k and found.scores[-1] < hits[-1].score:
                break
        return hits

    def nearest_owners(
        self, vector: np.ndarray, count: int, category: str | None = None
    ) -> NDArray[np.int64]:
        """Return the places of the `count` nearest entries, nearest first; fewer if there are."""
        owners = np.empty(0, np.int64)
        # Where entries have one passage, so many are enough.
        for found in self._widening(vector, count * min(4, self.passages.most), category):
            different = dict.fromkeys(self.passages.owners[found.rows].tolist())
            owners = np.array([*different], np.int64)
            if len(owners) >= count:
                break
        return owners[:count]

    def _widening(self, vector: np.ndarray, width: int, category: str | None) -> Iterator[RowHits]:
        """Yield the `width` nearest rows of a query, then four times as many, up to all."""
        rows = None if category is None else self.passages.rows_of_category(category)
        available = len(self.passages) if rows is None else len(rows)
        while True:
            found = self.vector_index.search(vector[None], width, rows=rows)[0]
            yield found
            if width >= available or len(found.rows) < width:
                return
            width = min(4 * width, available)

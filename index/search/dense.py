"""Retrieval by vectors alone."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mundap.index.encoders.encoder import Encoder, Vectors
from mundap.index.engines.engine import Engine, EngineError, RowHits, Rows
from mundap.index.engines.faiss_engine import FaissEngine
from mundap.index.engines.faiss_kinds import IndexKind
from mundap.index.engines.kept_engine import open_engine
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.passages import Passages
from mundap.index.korean.text import clean
from mundap.index.search.hit import Hit, best_entries

CENTROIDS_FILE = "centroid_lengths.npy"
# Entries whose vectors are held at once beside those of the engine.
_BLOCK = 1024


class DenseRetriever:
    """Searches passages by vector and ranks the entries they belong to.

    `centroid_lengths` are the lengths of the sums of each entry's vectors, shape (entries,), its
    English question left out.
    """

    def __init__(
        self,
        encoder: Encoder,
        passages: Passages,
        engine: Engine,
        centroid_lengths: NDArray[np.float32],
    ) -> None:
        self.encoder = encoder
        self.passages = passages
        self.engine = engine
        self.centroid_lengths = centroid_lengths

    @classmethod
    def build(cls, encoder: Encoder, entries: Sequence[FaqEntry]) -> "DenseRetriever":
        """Encode and index `entries` in memory."""
        passages = Passages.of(entries)
        return cls.of_vectors(encoder, passages, encoder.encode(passages.texts))

    @classmethod
    def of_vectors(
        cls,
        encoder: Encoder,
        passages: Passages,
        vectors: Vectors,
        kind: IndexKind | Literal["auto"] = "auto",
    ) -> "DenseRetriever":
        """Index passages that are encoded already; for `kind` see `kind_for`."""
        engine = FaissEngine.build(vectors, passages.categories, kind)
        return cls(encoder, passages, engine, centroid_lengths(engine.vectors, passages))

    @classmethod
    def open(cls, directory: Path, encoder: Encoder, passages: Passages) -> "DenseRetriever":
        """Open what `seal` left in `directory`; raises EngineError where it is damaged."""
        engine = open_engine(directory, passages.categories)
        if not (directory / CENTROIDS_FILE).exists():  # format 3 of a bundle kept none
            return cls(encoder, passages, engine, centroid_lengths(engine.vectors, passages))
        lengths = np.load(directory / CENTROIDS_FILE, allow_pickle=False)
        if len(lengths) != len(passages.entries):
            raise EngineError(
                f"{len(passages.entries)} entries but {len(lengths)} lengths of their vectors' "
                "sums; wanted as many. Rebuild with `mundap index build`."
            )
        return cls(encoder, passages, engine, lengths)

    def seal(self, directory: Path) -> None:
        """Write `files` into `directory`; the caller makes the write durable."""
        self.engine.seal(directory)
        np.save(directory / CENTROIDS_FILE, self.centroid_lengths, allow_pickle=False)

    @property
    def files(self) -> tuple[str, ...]:
        """The names of what `seal` writes."""
        return (*self.engine.files, CENTROIDS_FILE)

    def kept_by(self, engine: Engine) -> "DenseRetriever":
        """Return one of the same passages that another engine keeps the vectors of."""
        return DenseRetriever(self.encoder, self.passages, engine, self.centroid_lengths)

    def cosines(self, rows: Rows, vector: np.ndarray) -> NDArray[np.float32]:
        """Return the cosine of each of `rows` with one query vector, shape (dimension,)."""
        cosines = self.engine.cosines(rows, vector)
        # A unit vector in half precision may be longer.
        return np.minimum(cosines, 1.0, out=cosines)

    def best_and_centroid(
        self, vector: np.ndarray, owners: Rows
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the best cosine with a passage of each entry, and that with their mean."""
        rows, starts = self.passages.rows_and_starts(owners)
        return self.of_cosines(self.cosines(rows, vector), rows, starts, owners)

    def of_cosines(
        self, cosines: NDArray[np.float32], rows: Rows, starts: Rows, owners: Rows
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Do what `best_and_centroid` does for cosines that are known, entry by entry."""
        english = self.passages.english
        own = cosines if english is None else np.where(english[rows], np.float32(0), cosines)
        # The cosine with a mean is the mean of the cosines over the length of the mean.
        lengths, sums = self.centroid_lengths[owners], np.add.reduceat(own, starts)
        centroids = np.divide(sums, lengths, out=np.zeros_like(sums), where=lengths > 0)
        if english is not None:
            # A mean across languages is near to neither: an entry would lose by its translation.
            other = np.where(english[rows], cosines, np.float32(-1))
            centroids = np.maximum(centroids, np.maximum.reduceat(other, starts))
        return np.maximum.reduceat(cosines, starts), centroids

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
        available = self.engine.count(category)
        while True:
            found = self.engine.search(vector[None], width, category=category)[0]
            yield found
            if width >= available or len(found.rows) < width:
                return
            width = min(4 * width, available)


def centroid_lengths(
    vectors_of: Callable[[Rows], Vectors], passages: Passages
) -> NDArray[np.float32]:
    """Return the lengths of the sums of each entry's vectors; `vectors_of` rows gives those."""
    bounds, lengths = passages.bounds, np.empty(len(passages.entries), np.float32)
    for first in range(0, len(lengths), _BLOCK):
        starts = bounds[first : first + _BLOCK + 1]
        vectors = vectors_of(np.arange(starts[0], starts[-1]))
        if passages.english is not None:
            vectors = vectors * ~passages.english[starts[0] : starts[-1], None]
        sums = np.add.reduceat(vectors, starts[:-1] - starts[0])
        lengths[first : first + _BLOCK] = np.linalg.norm(sums, axis=1)
    return lengths

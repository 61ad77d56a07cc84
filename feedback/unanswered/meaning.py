"""What a query means beside a FAQ: its own vector, and what of the FAQ it is near to."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mundap.index.encoders.encoder import Encoder, PieceEncoder, Vectors, unit_rows
from mundap.index.engines.engine import Engine
from mundap.index.search.retriever import Retriever

# How near an entry must be, beside the nearest, to count: e times less for each of these.
_NEAR = 0.02
# Mean cosine of meanings from which queries are one group: chosen on the queries of FAQs that the
# shipped encoder has not learned from (`python -m benchmarks.groups`).
ALIKE = 0.75
# Queries, and rows of the index, that are compared at once.
_QUERIES, _ROWS = 512, 8192


@dataclass(frozen=True, slots=True)
class Together:
    """A pretrained encoder as an `Encoder` that reads many texts sooner than one by one."""

    encoder: PieceEncoder

    @property
    def fingerprint(self) -> str:
        """See `Encoder`."""
        return self.encoder.fingerprint

    @property
    def dimension(self) -> int:
        """See `Encoder`."""
        return self.encoder.dimension

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`."""
        return self.encoder.encode_together(texts)


def reader_of(retriever: Retriever) -> Encoder:
    """Return the encoder whose vectors queries are grouped by: the pretrained one where it is."""
    return Together(retriever.content.encoder) if retriever.content else retriever.encoder


@dataclass(frozen=True, slots=True)
class Meanings:
    """What queries mean: `vectors`, unit rows of shape (n, 2 * dimension), and the entry nearest.

    The second half of a vector is the mean of the index's own vectors, each weighted by how much
    nearer it is than others: two queries of few common words that lie near the same entries are
    alike. A query without words is all zeros, and near to none.
    """

    vectors: Vectors
    nearest: Sequence[str | None]


def meanings(retriever: Retriever, vectors: Vectors) -> Meanings:
    """Return the meaning of queries whose vectors `reader_of` has made."""
    index = retriever.content.contents if retriever.content else retriever.dense
    parts = [
        _near(index.engine, vectors[start : start + _QUERIES])
        for start in range(0, len(vectors), _QUERIES)
    ]
    near = np.concatenate([found for found, _ in parts] or [vectors])
    rows = np.concatenate([nearest for _, nearest in parts] or [np.empty(0, np.int64)])
    says = np.asarray(vectors.any(axis=1))
    near[~says] = 0
    owners = index.passages.owners[rows].tolist()
    nearest = [
        index.passages.entries[owner].entry_id if known else None
        for owner, known in zip(owners, says.tolist(), strict=True)
    ]
    return Meanings(unit_rows(np.hstack([vectors, unit_rows(near)])), nearest)


def _near(engine: Engine, vectors: Vectors) -> tuple[Vectors, NDArray[np.int64]]:
    """Return the weighted mean of the rows of an index for each query, and its nearest row."""
    total = engine.count(None)
    best = np.full((len(vectors), 1), -np.inf, np.float32)
    nearest = np.zeros(len(vectors), np.int64)
    weights, near = np.zeros_like(best), np.zeros_like(vectors)
    for start in range(0, total, _ROWS):
        rows = engine.vectors(np.arange(start, min(start + _ROWS, total)))
        cosines = vectors @ rows.T
        before, best = best, np.maximum(best, cosines.max(axis=1, keepdims=True))
        nearer = best[:, 0] > before[:, 0]
        nearest[nearer] = start + cosines[nearer].argmax(axis=1)
        shares = np.exp((cosines - best) / _NEAR)
        fade = np.exp((before - best) / _NEAR)
        near = fade * near + shares @ rows
        weights = fade * weights + shares.sum(axis=1, keepdims=True)
    return near / weights, nearest

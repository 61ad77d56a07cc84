"""What a query means beside a FAQ: its own vector, and what of the FAQ it is near to."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

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


def meanings(retriever: Retriever, vectors: Vectors) -> Vectors:
    """Return the meaning of queries whose vectors `reader_of` has made, unit rows.

    Shape (n, 2 * dimension). The second half is the mean of the index's own vectors, each weighted
    by how much nearer it is than others: two queries of few common words that lie near the same
    entries are alike. A query without words is all zeros.
    """
    engine = (retriever.content.contents if retriever.content else retriever.dense).engine
    near = np.concatenate(
        [
            _near(engine, vectors[start : start + _QUERIES])
            for start in range(0, len(vectors), _QUERIES)
        ]
        or [vectors]
    )
    near[~vectors.any(axis=1)] = 0
    return unit_rows(np.hstack([vectors, unit_rows(near)]))


def _near(engine: Engine, vectors: Vectors) -> Vectors:
    total = engine.count(None)
    best = np.full((len(vectors), 1), -np.inf, np.float32)
    weights, near = np.zeros_like(best), np.zeros_like(vectors)
    for start in range(0, total, _ROWS):
        rows = engine.vectors(np.arange(start, min(start + _ROWS, total)))
        cosines = vectors @ rows.T
        before, best = best, np.maximum(best, cosines.max(axis=1, keepdims=True))
        shares = np.exp((cosines - best) / _NEAR)
        fade = np.exp((before - best) / _NEAR)
        near = fade * near + shares @ rows
        weights = fade * weights + shares.sum(axis=1, keepdims=True)
    mean: Vectors = near / weights
    return mean

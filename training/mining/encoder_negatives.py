"""Negatives that an encoder takes for close: what training has not yet told apart."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mundap.index.encoders.encoder import Encoder, Vectors


class EncoderScorer:
    """Cosines between texts of one collection."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors

    @classmethod
    def build(cls, texts: Sequence[str], encoder: Encoder) -> "EncoderScorer":
        """Encode every text once."""
        return cls(encoder.encode(list(texts)))

    @property
    def source(self) -> str:
        """See `Scorer`."""
        return "encoder"

    def scores(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """See `Scorer`."""
        cosines: NDArray[np.float32] = self._vectors[rows] @ self._vectors.T
        return cosines

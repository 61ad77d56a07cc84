"""How close an encoder finds two sentences."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mundap.index.encoders.encoder import Encoder
from mundap.index.encoders.registry import load_encoder, usual_scale
from mundap.index.korean.text import clean
from mundap.index.similarity.cross_encoder import CrossEncoder, is_cross_encoder
from mundap.index.similarity.scale import LINEAR, StsScale

Pair = tuple[str, str]
Closeness = NDArray[np.float64]


class PairEncoder(Protocol):
    """Pairs of sentences in, closeness out."""

    @property
    def fingerprint(self) -> str:
        """Hex digest; two with the same one find the same closeness."""

    @property
    def usual_scale(self) -> StsScale:
        """What turns closeness into scores where nothing was fitted for this very encoder."""

    @property
    def has_cosines(self) -> bool:
        """Whether closeness is a cosine in [-1, 1]; else it is a share in [0, 1]."""

    def closeness(self, pairs: Sequence[Pair]) -> Closeness:
        """Return finite numbers, shape (len(pairs),); higher is closer."""


class CosineEncoder:
    """A `PairEncoder` over an encoder of single texts: each text is encoded once."""

    has_cosines = True

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    @property
    def fingerprint(self) -> str:
        """See `PairEncoder`."""
        return self._encoder.fingerprint

    @property
    def usual_scale(self) -> StsScale:
        """See `PairEncoder`."""
        file = usual_scale(self._encoder)
        return StsScale.read(file) if file else LINEAR

    def closeness(self, pairs: Sequence[Pair]) -> Closeness:
        """See `PairEncoder`; the cosine of a text with itself is 1, even if it says nothing."""
        cleaned = [(clean(one), clean(other)) for one, other in pairs]
        distinct = dict.fromkeys(chain.from_iterable(cleaned))
        texts = {text: row for row, text in enumerate(distinct)}
        vectors = self._encoder.encode(list(texts))
        rows = np.array([(texts[one], texts[other]) for one, other in cleaned], dtype=np.int64)
        left, right = rows.reshape(-1, 2).T
        cosines = np.einsum("ij,ij->i", vectors[left], vectors[right], dtype=np.float64)
        return np.where(left == right, 1.0, np.clip(cosines, -1.0, 1.0))


def load_pair_encoder(path_or_name: str | Path) -> PairEncoder:
    """Load a cross-encoder's directory, or anything that `load_encoder` takes.

    Raises EncoderError with the reason when nothing can be loaded.
    """
    if is_cross_encoder(Path(path_or_name)):
        return CrossEncoder.open(Path(path_or_name))
    return CosineEncoder(load_encoder(path_or_name))

"""Two encoders side by side: do they say the same of the same texts, and how fast?"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mundap.index.encoders.encoder import Encoder, EncoderError, Vectors

# Texts that are timed one by one, as queries come.
_SINGLE = 100
# Texts whose nearest neighbours are compared: their products are a table of 64 MB.
_NEIGHBOURS = 4000


@dataclass(frozen=True, slots=True)
class Agreement:
    """Cosines between two encoders' vectors of each text, and how often neighbours agree."""

    mean: float
    lowest: float
    # Share of texts whose nearest other text is the same for both.
    same_nearest: float
    texts: int


@dataclass(frozen=True, slots=True)
class Speed:
    """Median milliseconds of one text alone, and texts a second all together."""

    milliseconds: float
    texts_per_second: float


def agreement(one: Encoder, other: Encoder, texts: Sequence[str]) -> Agreement:
    """Compare the vectors of `texts`; raises EncoderError where there is nothing to compare."""
    if len(texts) < 2:
        raise EncoderError(f"{len(texts)} texts to compare encoders on; wanted at least 2.")
    if one.dimension != other.dimension:
        raise EncoderError(
            f"vectors of {one.dimension} and of {other.dimension} numbers do not compare."
        )
    left, right = one.encode(texts), other.encode(texts)
    cosines = np.einsum("ij,ij->i", left, right, dtype=np.float64)
    same = _nearest(left[:_NEIGHBOURS]) == _nearest(right[:_NEIGHBOURS])
    return Agreement(float(cosines.mean()), float(cosines.min()), float(same.mean()), len(texts))


def speed(
    encoder: Encoder, texts: Sequence[str], clock: Callable[[], float] = time.perf_counter
) -> Speed:
    """Time `encoder` on this machine as it is now; other work on it counts."""
    encoder.encode(texts[:1])  # the first call pays for what is made once
    single = []
    for text in texts[:_SINGLE]:
        start = clock()
        encoder.encode([text])
        single.append(clock() - start)
    start = clock()
    encoder.encode(texts)
    return Speed(1000 * float(np.median(single)), len(texts) / (clock() - start))


def _nearest(vectors: Vectors) -> NDArray[np.int64]:
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -np.inf)
    rows: NDArray[np.int64] = cosines.argmax(axis=1)
    return rows

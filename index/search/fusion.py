"""How the signals of vectors and of words become one score."""

import json
import math
from dataclasses import asdict, dataclass, fields
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mundap.index.search.hit import Signals

SIGNALS = tuple(field.name for field in fields(Signals))


@dataclass(frozen=True, slots=True)
class Fusion:
    """The weight of each signal; only their proportions count.

    `dense` is the best cosine between query and a passage of the entry, `centroid` that with
    the mean of its passages, `bm25` the entry's and `coverage` the best share of the query that
    a passage holds (see `LexicalIndex`). The defaults are the best of a grid on
    ParaKQC and hold on other FAQs; docs/evaluation.md compares them with reciprocal ranks and
    with fitted weights. Raises ValueError on a negative or endless weight and where all are 0.
    """

    dense: float = 1.0
    centroid: float = 0.3
    bm25: float = 0.5
    coverage: float = 0.3

    def __post_init__(self) -> None:
        weights = asdict(self)
        if min(weights.values()) < 0 or not 0 < sum(weights.values()) < math.inf:
            raise ValueError(f"fusion weights are {weights}; wanted none below 0 and one above.")

    def scores(self, signals: NDArray[np.floating], *, wordless: bool) -> NDArray[np.float64]:
        """Return the weighted mean of `signals`, shape (n, 4) in the order of `SIGNALS`.

        A `wordless` query, such as 안녕, has no content morpheme to share: vectors alone speak
        for it. Rounded to six digits: what differs by the order of additions alone is a tie.
        """
        fused: NDArray[np.float64] = np.round(signals @ _shares(self, wordless), 6)
        return fused

    def to_json(self) -> str:
        """Return the JSON text that `from_json` reads."""
        return json.dumps(asdict(self), indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Fusion":
        """Undo `to_json`; an unknown key is an error."""
        return cls(**json.loads(text))


@lru_cache(maxsize=8)
def _shares(fusion: Fusion, wordless: bool) -> NDArray[np.float64]:
    """Return the weights in the order of `SIGNALS`, with sum 1."""
    weights = np.array([getattr(fusion, name) for name in SIGNALS])
    if wordless and weights[:2].any():
        weights[2:] = 0.0
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares

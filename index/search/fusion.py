"""How the signals of vectors and of words become one score."""

import json
import math
from dataclasses import asdict, dataclass, fields
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mundap.index.search.hit import Signals

SIGNALS = tuple(field.name for field in fields(Signals))
# Those that words have no part in.
_WORDLESS = tuple(name for name in SIGNALS if "bm25" not in name and name != "coverage")
# Fitted by `python -m benchmarks.usual_fit` across many FAQs.
USUAL_FILE = Path(__file__).with_name("usual_fusion.json")
# Weights are known for FAQs of one phrasing an entry, and of so many.
_MANY = 16


@dataclass(frozen=True, slots=True)
class Fusion:
    """The weight of each signal, of which only the proportions count, and what a lead is worth.

    `dense` is the best cosine between query and a passage of the entry, `centroid` that with
    the mean of its passages, `bm25` the entry's and `coverage` the best share of the query that
    a passage holds (see `LexicalIndex`). Of a pretrained encoder's, `phrasing` and
    `phrasing_centroid` are the same over its vectors, `content` the best cosine with the
    question and its answer, `late` the late interaction with them (see `Pieces`), and
    `content_bm25` BM25 over them. A score that is d higher makes an entry exp(`sharpness` d)
    times as likely to be right. Raises ValueError on a negative or endless weight, where all
    are 0, and on a sharpness that is not above 0.
    """

    dense: float = 1.0
    centroid: float = 0.3
    bm25: float = 0.5
    coverage: float = 0.3
    phrasing: float = 0.0
    phrasing_centroid: float = 0.0
    content: float = 0.0
    late: float = 0.0
    content_bm25: float = 0.0
    sharpness: float = 30.0

    def __post_init__(self) -> None:
        weights = self.weights()
        if weights.min() < 0 or not 0 < weights.sum() < math.inf:
            shown = dict(zip(SIGNALS, weights.tolist(), strict=True))
            raise ValueError(f"fusion weights are {shown}; wanted none below 0 and one above.")
        if not 0 < self.sharpness < math.inf:
            raise ValueError(f"sharpness is {self.sharpness}; wanted above 0.")

    @classmethod
    def usual(cls, phrasings: float, *, content: bool, words: bool = True) -> "Fusion":
        """Return what suits FAQs with so many phrasings an entry, with a pretrained encoder or not.

        Without `words` it alone speaks, as for a query in a language that no entry is written in.
        An entry of one phrasing is known by its answer, one of many by its phrasings: the
        weights move from the one to the other with the logarithm of their number.
        """
        known = _usual()[mode_of(content=content, words=words)]
        one, many = known["one"], known["many"]
        far = min(max(math.log2(phrasings) / math.log2(_MANY), 0.0), 1.0)
        return cls.of_log_odds([(1 - far) * one[name] + far * many[name] for name in SIGNALS])

    @classmethod
    def of_log_odds(cls, slopes: "list[float] | NDArray[np.float64]") -> "Fusion":
        """Return the fusion where a signal that is 1 higher adds its slope to the log odds."""
        total = float(np.sum(slopes))
        shares = [round(float(slope) / total, 4) for slope in slopes]
        return cls(**dict(zip(SIGNALS, shares, strict=True)), sharpness=round(total, 3))

    def weights(self) -> NDArray[np.float64]:
        """Return the weights in the order of `SIGNALS`."""
        return np.array([getattr(self, name) for name in SIGNALS])

    def log_odds(self) -> NDArray[np.float64]:
        """Undo `of_log_odds`."""
        weights = self.weights()
        slopes: NDArray[np.float64] = self.sharpness * weights / weights.sum()
        return slopes

    def scores(self, signals: NDArray[np.floating], *, wordless: bool) -> NDArray[np.float64]:
        """Return the weighted mean of `signals`, shape (n, 9) in the order of `SIGNALS`.

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


def mode_of(*, content: bool, words: bool) -> str:
    """Name what is usual where a pretrained encoder (`content`), words, or both speak."""
    if not words:
        return "foreign"
    return "content" if content else "plain"


@cache
def _usual() -> Any:
    return json.loads(USUAL_FILE.read_text(encoding="utf-8"))


@lru_cache(maxsize=8)
def _shares(fusion: Fusion, wordless: bool) -> NDArray[np.float64]:
    """Return the weights in the order of `SIGNALS`, with sum 1."""
    weights = fusion.weights()
    spoken = np.array([name in _WORDLESS for name in SIGNALS])
    if wordless and weights[spoken].any():
        weights = np.where(spoken, weights, 0.0)
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares

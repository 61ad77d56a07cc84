"""Semantic textual similarity: do cosines agree with people's scores from 0 to 5?"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import f1_score

from mundap.index.encoders.encoder import Encoder
from mundap.index.korean.text import clean
from mundap.index.tables.table import read_table, require_columns

COLUMNS = ("sentence1", "sentence2", "score")
HIGHEST = 5.0
# From here on two sentences count as saying the same (as in KLUE-STS).
SAME = 3.0
# Cosines of single precision vectors differ by this much through rounding alone.
_ROUNDING = 1e-6


class StsError(ValueError):
    """A similarity file has a row that cannot be used."""


@dataclass(frozen=True, slots=True)
class SentencePair:
    """Two sentences and how close people found them: 0 unrelated to 5 the same."""

    sentence1: str
    sentence2: str
    score: float


@dataclass(frozen=True, slots=True)
class StsFigures:
    """Correlations of cosine with score, F1 of "says the same", and the number of pairs."""

    pearson: float
    spearman: float
    f1: float
    n: int

    def to_dict(self) -> dict[str, float]:
        """Return the fields by name."""
        return asdict(self)


def read_sts(path: Path) -> list[SentencePair]:
    """Read columns sentence1, sentence2 and score (0 to 5) of CSV, Parquet, JSON Lines or Excel.

    Raises TableError on an unreadable table or a missing column, StsError on a bad row.
    """
    table = read_table(path)
    require_columns(table, COLUMNS, path)
    # Row 1 of a table is its heading.
    pairs = [_pair(row, f"{path}, row {number}") for number, row in enumerate(table.rows, start=2)]
    if len(pairs) < 2:
        raise StsError(f"{path}: {len(pairs)} pairs; wanted at least 2, or nothing correlates.")
    return pairs


def evaluate_sts(encoder: Encoder, pairs: Sequence[SentencePair]) -> StsFigures:
    """Compare the cosine of each pair with its score; see `sts_figures`."""
    return sts_figures(cosines_of(encoder, pairs), pairs)


def cosines_of(encoder: Encoder, pairs: Sequence[SentencePair]) -> NDArray[np.float64]:
    """Return the cosine of each pair."""
    left = encoder.encode([pair.sentence1 for pair in pairs]).astype(np.float64)
    right = encoder.encode([pair.sentence2 for pair in pairs]).astype(np.float64)
    cosines: NDArray[np.float64] = np.einsum("ij,ij->i", left, right)
    return cosines


def sts_figures(cosines: NDArray[np.float64], pairs: Sequence[SentencePair]) -> StsFigures:
    """Compare the cosine of each pair with its score; F1 is at 3.0 of 5 for both.

    A correlation with a constant, on either side, is 0.
    """
    scores = np.array([pair.score for pair in pairs])
    f1 = f1_score(scores >= SAME, cosines * HIGHEST >= SAME, zero_division=0.0)
    return StsFigures(
        pearson=_correlation(pearsonr, cosines, scores),
        spearman=_correlation(spearmanr, cosines, scores),
        f1=float(f1),
        n=len(pairs),
    )


def _correlation(measure: Any, cosines: NDArray[np.float64], scores: NDArray[np.float64]) -> float:
    if np.ptp(cosines) < _ROUNDING or np.ptp(scores) == 0:
        return 0.0
    return float(measure(cosines, scores).statistic)


def _pair(row: dict[Any, Any], place: str) -> SentencePair:
    sentences = []
    for column in COLUMNS[:2]:
        value = row[column]
        text = clean(value) if isinstance(value, str) else ""
        if not text:
            raise StsError(f"{place}: {column} is {value!r}; wanted a sentence.")
        sentences.append(text)
    return SentencePair(sentences[0], sentences[1], _score(row["score"], place))


def _score(value: Any, place: str) -> float:
    try:
        score = float(value)
    except (TypeError, ValueError):
        score = math.nan
    if not 0 <= score <= HIGHEST:
        raise StsError(f"{place}: score {value!r}; wanted a number from 0 to 5.")
    return score

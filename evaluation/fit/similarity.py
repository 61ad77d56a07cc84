"""Fits what turns closeness into a score from 0 to 5, on pairs that people have scored."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import pearsonr, spearmanr
from sklearn.isotonic import IsotonicRegression

from mundap.evaluation.sts import SentencePair
from mundap.index.similarity.pair_encoder import PairEncoder
from mundap.index.similarity.scale import HIGHEST, ScaleError, StsScale

# Knots enough to follow the curve; more only follow the noise (KorSTS: flat from 16 to 32).
KNOTS = 20
# Pairs in one knot: with fewer its mean is noise.
FEWEST_EACH = 10

Numbers = NDArray[np.float64]


def fit_scale(
    encoder: PairEncoder,
    train: Sequence[SentencePair],
    development: Sequence[SentencePair] = (),
    *,
    source: str = "",
) -> StsScale:
    """Return a calibration fitted on `train`; its `fit` has the figures on `development`.

    Means of closeness and score over equal shares of the pairs, made to rise by isotonic
    regression; the ends are what both scales mean there, so that the same sentence twice has 5.
    Raises ScaleError where there are too few pairs, or no closeness rises with the scores.
    """
    closeness, scores = _numbers(encoder, train)
    knots = _knots(closeness, scores)
    fitted = StsScale(*knots, encoder=encoder.fingerprint)
    figures: dict[str, Any] = {"source": source, "n": len(train)}
    if development:
        held_out = _numbers(encoder, development)
        figures |= {"development": scale_figures(fitted, *held_out)}
    return StsScale(*knots, encoder=encoder.fingerprint, fit=figures)


def scale_figures(calibration: StsScale, closeness: Numbers, scores: Numbers) -> dict[str, float]:
    """Return how far calibrated scores are from people's (RMSE, MAE) and how they correlate."""
    predicted = calibration.apply(closeness)
    error = predicted - scores
    figures = {
        "pearson": pearsonr(predicted, scores).statistic,
        "spearman": spearmanr(predicted, scores).statistic,
        "rmse": np.sqrt((error**2).mean()),
        "mae": np.abs(error).mean(),
    }
    return {"n": len(scores), **{name: round(float(value), 4) for name, value in figures.items()}}


def _numbers(encoder: PairEncoder, pairs: Sequence[SentencePair]) -> tuple[Numbers, Numbers]:
    closeness = encoder.closeness([(pair.sentence1, pair.sentence2) for pair in pairs])
    return closeness, np.array([pair.score for pair in pairs], dtype=np.float64)


def _knots(closeness: Numbers, scores: Numbers) -> tuple[tuple[float, ...], tuple[float, ...]]:
    count = min(KNOTS, len(closeness) // FEWEST_EACH)
    if count < 2:
        raise ScaleError(
            f"{len(closeness)} pairs; wanted at least {2 * FEWEST_EACH} to fit a calibration."
        )
    shares = np.array_split(np.argsort(closeness, kind="stable"), count)
    middles = np.array([closeness[share].mean() for share in shares])
    means = np.array([scores[share].mean() for share in shares])
    rising = IsotonicRegression(y_min=0.0, y_max=HIGHEST).fit_transform(middles, means)
    inner: list[tuple[float, float]] = []
    for score in np.unique(rising):
        # One knot for each level: between two knots the line rises, so unequal pairs stay so.
        place, height = round(float(middles[rising == score].mean()), 4), round(float(score), 3)
        if -1 < place < 1 and 0 < height < HIGHEST and (not inner or inner[-1] < (place, height)):
            inner.append((place, height))
    if len(inner) < 2:
        raise ScaleError(
            "closeness does not rise with the scores, so nothing can be fitted. Check that the "
            "scores are right way round, or take another encoder."
        )
    knots = [(-1.0, 0.0), *inner, (1.0, HIGHEST)]
    return tuple(place for place, _ in knots), tuple(height for _, height in knots)

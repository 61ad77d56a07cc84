import os
from pathlib import Path

import numpy as np
import pytest

from mundap.evaluation.fit.similarity import KNOTS, fit_scale, scale_figures
from mundap.evaluation.sts import SentencePair, read_sts
from mundap.index.encoders.morpheme_encoder import MorphemeEncoder
from mundap.index.similarity.pair_encoder import Closeness, CosineEncoder, Pair
from mundap.index.similarity.scale import LINEAR, ScaleError, StsScale


class Told:
    """Finds two sentences as close as the second one says."""

    fingerprint = "told"
    usual_scale = LINEAR
    has_cosines = True

    def closeness(self, pairs: list[Pair]) -> Closeness:
        return np.array([float(other) for _, other in pairs])


def scored(closeness: np.ndarray, scores: np.ndarray) -> list[SentencePair]:
    both = zip(closeness.tolist(), scores.tolist(), strict=True)
    return [SentencePair("0", repr(close), score) for close, score in both]


def noisy(count: int, seed: int = 0) -> list[SentencePair]:
    """Scores that rise with the square of closeness, and people who do not quite agree."""
    random = np.random.default_rng(seed)
    closeness = random.uniform(0, 0.95, count)
    return scored(closeness, np.clip(5 * closeness**2 + random.normal(0, 0.5, count), 0, 5))


def test_the_curve_behind_the_scores_is_found() -> None:
    fitted = fit_scale(Told(), noisy(4000), noisy(1000, seed=1), source="made up")

    places = np.linspace(0.25, 0.9, 14)
    np.testing.assert_allclose(fitted.apply(places), 5 * places**2, atol=0.15)
    assert (fitted.encoder, fitted.fit["source"], fitted.fit["n"]) == ("told", "made up", 4000)
    measured = fitted.fit["development"]
    assert measured["n"] == 1000
    assert measured["rmse"] == pytest.approx(0.5, abs=0.05)


def test_the_same_sentence_twice_scores_five_and_the_opposite_nothing() -> None:
    fitted = fit_scale(Told(), noisy(400))
    assert fitted.apply(np.array([-1.0, 1.0])).tolist() == [0.0, 5.0]


def test_unequal_pairs_stay_unequal() -> None:
    """Isotonic regression alone would level noisy stretches, and so make ties."""
    random = np.random.default_rng(0)
    closeness = random.uniform(-0.5, 0.9, 300)
    fitted = fit_scale(Told(), scored(closeness, np.clip(5 * random.uniform(0, 1, 300), 0, 5)))
    assert (np.diff(fitted.closeness) > 0).all()
    assert (np.diff(fitted.scores) > 0).all()
    assert len(fitted.scores) <= KNOTS + 2


def test_the_figures_by_hand() -> None:
    figures = scale_figures(LINEAR, np.array([0.2, 0.4, 0.6]), np.array([1.0, 3.0, 2.0]))
    # Predicted 1, 2, 3: errors 0, -1, 1; ranks 1 2 3 against 1 3 2.
    assert figures == {"n": 3, "pearson": 0.5, "spearman": 0.5, "rmse": 0.8165, "mae": 0.6667}


def test_too_few_pairs_are_refused() -> None:
    with pytest.raises(ScaleError, match="19 pairs; wanted at least 20"):
        fit_scale(Told(), noisy(19))


def test_scores_the_wrong_way_round_are_refused() -> None:
    closeness = np.linspace(0, 0.9, 100)
    with pytest.raises(ScaleError, match="closeness does not rise with the scores"):
        fit_scale(Told(), scored(closeness, 5 - 5 * closeness))


@pytest.mark.long
@pytest.mark.skipif("MUNDAP_DATA_DIR" not in os.environ, reason="MUNDAP_DATA_DIR is not set")
def test_the_shipped_calibration_is_the_fit_on_korsts(default_encoder: MorphemeEncoder) -> None:
    folder = Path(os.environ["MUNDAP_DATA_DIR"])
    train, development = (read_sts(folder / f"korsts_{n}.parquet") for n in ("train", "dev"))

    encoder = CosineEncoder(default_encoder)
    fitted = fit_scale(encoder, train, development, source="korsts_train.parquet")

    shipped = StsScale.read(MorphemeEncoder.calibration)
    assert fitted.fit == shipped.fit
    np.testing.assert_allclose(fitted.closeness, shipped.closeness, atol=1e-3)
    np.testing.assert_allclose(fitted.scores, shipped.scores, atol=1e-2)

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest

from mundap.index.encoders import default as default_encoder
from mundap.index.encoders.default import (
    COMPONENTS,
    DIMENSION,
    NGRAM_ROWS,
    NGRAM_SCALE,
    default_encoder_path,
    recover_embeddings,
    weigh,
)
from mundap.index.encoders.encoder import DEFAULT_ENCODER, Vectors
from mundap.index.encoders.morpheme_config import WEIGHTS_FILE, MorphemeConfig, open_table
from mundap.index.encoders.morpheme_encoder import MorphemeEncoder
from mundap.index.encoders.registry import load_encoder
from mundap.index.korean.morphemes import (
    FIRST_MORPHEME_ID,
    MORPHEME_COUNT,
    dictionary_version,
    similarities,
)
from mundap.index.korean.rarity import SMOOTHING


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Replace the slow recovery by zeros and count how often it is asked for."""
    counted: list[int] = []

    def table(advance: object) -> Vectors:
        counted.append(1)
        return np.zeros((MORPHEME_COUNT + NGRAM_ROWS, DIMENSION), dtype=np.float32)

    monkeypatch.setattr(default_encoder, "_default_table", table)
    return counted


def in_sight(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.name != ".lock"]


def test_the_name_default_loads_the_cached_encoder(default_encoder: MorphemeEncoder) -> None:
    assert load_encoder(DEFAULT_ENCODER).fingerprint == default_encoder.fingerprint


def test_the_cached_table_holds_weighted_morphemes_and_ngrams() -> None:
    path = default_encoder_path()
    table = open_table(path, MorphemeConfig.read(path)).whole()
    norms = np.linalg.norm(table, axis=1)

    assert table.shape == (MORPHEME_COUNT + NGRAM_ROWS, DIMENSION)
    np.testing.assert_allclose(norms[MORPHEME_COUNT:], NGRAM_SCALE, rtol=1e-5)
    # From frequent to rare, a morpheme weighs more; none weighs more than 1.
    assert (np.diff(norms[FIRST_MORPHEME_ID:MORPHEME_COUNT]) > -1e-6).all()
    assert 0 < norms[FIRST_MORPHEME_ID] < norms[MORPHEME_COUNT - 1] < 1
    # Centred, and without the directions that all words share.
    known = table[FIRST_MORPHEME_ID:MORPHEME_COUNT] / norms[FIRST_MORPHEME_ID:MORPHEME_COUNT, None]
    assert np.linalg.norm(known.mean(axis=0)) < 0.05


def test_the_encoder_is_built_once(tmp_path: Path, builds: list[int]) -> None:
    first = default_encoder_path(cache_dir=tmp_path)
    second = default_encoder_path(cache_dir=tmp_path)

    assert first == second
    assert first.name.endswith(dictionary_version().split()[-1])
    assert sorted(path.name for path in first.iterdir()) == ["config.json", "model.safetensors"]
    assert in_sight(tmp_path) == [first]
    assert len(builds) == 1


@pytest.mark.parametrize("damage", ["deleted weights", "truncated weights", "deleted config"])
def test_a_damaged_cache_is_built_again(tmp_path: Path, builds: list[int], damage: str) -> None:
    directory = default_encoder_path(cache_dir=tmp_path)
    kind, name = damage.split()
    file = directory / {"weights": WEIGHTS_FILE, "config": "config.json"}[name]
    if kind == "deleted":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:1000])

    assert default_encoder_path(cache_dir=tmp_path) == directory

    assert len(builds) == 2
    assert MorphemeEncoder.load(directory).dimension == DIMENSION
    assert in_sight(tmp_path) == [directory]


def test_a_build_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(advance: object) -> Vectors:
        raise KeyboardInterrupt

    monkeypatch.setattr(default_encoder, "_default_table", fail)
    with pytest.raises(KeyboardInterrupt):
        default_encoder_path(cache_dir=tmp_path)

    assert in_sight(tmp_path) == []


def test_of_two_that_start_at_once_the_second_takes_over_the_work_of_the_first(
    tmp_path: Path, builds: list[int]
) -> None:
    together = Barrier(2)

    def start(_: int) -> Path:
        together.wait()
        return default_encoder_path(cache_dir=tmp_path)

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(start, range(2))

    assert first == second
    assert len(builds) == 1
    assert in_sight(tmp_path) == [first]


def test_weighing_centres_drops_shared_directions_and_scales_by_rarity() -> None:
    rng = np.random.default_rng(0)
    shared = rng.standard_normal((COMPONENTS, 12)) * 5
    raw = rng.standard_normal((400, 12)) + rng.standard_normal((400, COMPONENTS)) @ shared + 3

    weighed = weigh(raw).astype(np.float64)

    zipf = 1 / (np.arange(1, 401) * np.log(400))
    weights = SMOOTHING / (SMOOTHING + zipf)
    np.testing.assert_allclose(np.linalg.norm(weighed, axis=1), weights, rtol=1e-5)
    centred = raw - raw[FIRST_MORPHEME_ID:].mean(axis=0)
    _, _, axes = np.linalg.svd(centred[FIRST_MORPHEME_ID:], full_matrices=False)
    np.testing.assert_allclose(weighed @ axes[:COMPONENTS].T, 0, atol=1e-6)
    kept = centred @ axes[COMPONENTS:].T @ axes[COMPONENTS:]
    kept *= (weights / np.linalg.norm(kept, axis=1))[:, None]
    np.testing.assert_allclose(weighed, kept, atol=1e-6)


@pytest.mark.long
def test_recovered_embeddings_give_back_the_cosines_they_came_from() -> None:
    seen: list[tuple[int, int]] = []

    embeddings = recover_embeddings(lambda done, total: seen.append((done, total)))

    assert embeddings.shape == (MORPHEME_COUNT, DIMENSION)
    norms = np.linalg.norm(embeddings[FIRST_MORPHEME_ID:], axis=1)
    np.testing.assert_allclose(norms, 1, atol=2e-3)
    # Morphemes that were no anchors: nothing here was copied.
    asked = [5_000, 20_001, 60_002]
    truth = similarities(asked)[:, FIRST_MORPHEME_ID:]
    found = (embeddings[asked] @ embeddings.T)[:, FIRST_MORPHEME_ID:]
    np.testing.assert_allclose(found, truth, atol=5e-3)
    assert seen[-1] == (320, 320)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mundap.index.encoders.encoder import Vectors, unit_rows
from mundap.index.engines import stored_engine
from mundap.index.engines.engine import EngineError
from mundap.index.engines.stored_engine import LISTS_FILE, Effort, StoredEngine, exact_scores
from mundap.index.faq.passages.categories import Categories
from tests.index.engines.engines import random_rows

# Half precision of a number below 1 is off by this at most, so a cosine of 16 columns by less than
HALF = 2e-3


def alike(count: int, seed: int = 0) -> Vectors:
    """Vectors in groups, as questions have them."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((max(1, count // 40), 16))
    near = centres[rng.integers(0, len(centres), count)]
    return unit_rows(near + 0.4 * rng.standard_normal((count, 16)))


def categories(count: int) -> list[str]:
    """Every tenth row is 드문, the others are 흔한."""
    return ["드문" if row % 10 == 0 else "흔한" for row in range(count)]


def found_of_the_ten_nearest(engine: StoredEngine, vectors: Vectors, asked: Vectors) -> float:
    exact = exact_scores(vectors.astype(np.float16), asked, 10)[:, -1]
    found = [hits.scores for hits in engine.search(asked, 10)]
    each = zip(found, exact, strict=True)
    return float(np.mean([(scores >= least - 1e-5).mean() for scores, least in each]))


def test_what_is_nearest_is_found_with_cosines_of_half_precision() -> None:
    vectors, asked = alike(3000), alike(20, seed=1)
    engine = StoredEngine.build(vectors, categories(3000))

    for hits, cosines in zip(engine.search(asked, 5), asked @ vectors.T, strict=True):
        np.testing.assert_allclose(hits.scores, cosines[hits.rows], atol=HALF)
        assert (np.diff(hits.scores) <= 0).all()
        assert len(set(hits.rows.tolist())) == 5
    assert engine.measure(asked) >= 0.95


@pytest.mark.parametrize("scanned", [0, 20_000])
def test_a_category_is_searched_alone_and_where_it_is_small_exactly(
    scanned: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_engine, "_SCANNED", scanned)
    vectors, asked = alike(2000), alike(10, seed=1)
    engine = StoredEngine.build(vectors, categories(2000))

    found = engine.search(asked, 7, category="드문")

    kept = vectors[::10].astype(np.float16).astype(np.float32)
    wanted = np.sort(asked @ kept.T, axis=1)[:, ::-1][:, :7]
    assert engine.count("드문") == 200
    for hits, scores in zip(found, wanted, strict=True):
        assert all(row % 10 == 0 for row in hits.rows.tolist())
        assert scanned == 0 or np.allclose(hits.scores, scores, atol=1e-6)
    assert engine.count("없음") == 0
    assert [len(hits.rows) for hits in engine.search(asked, 7, category="없음")] == [0] * 10


def test_more_is_read_until_the_nearest_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_engine, "_FEWEST_REFINED", 1)
    vectors, asked = random_rows(8000, 16), random_rows(50, 16, seed=1)
    engine = StoredEngine.build(vectors, [""] * 8000)
    engine.effort = Effort(1, 1)

    reached = engine.measure(asked)

    assert engine.effort.lists > 1 < engine.effort.refined
    assert reached == pytest.approx(found_of_the_ten_nearest(engine, vectors, asked))
    assert reached >= 0.95


def test_no_more_lists_are_read_than_finding_the_nearest_takes() -> None:
    vectors, asked = random_rows(8000, 16), random_rows(50, 16, seed=1)
    engine = StoredEngine.build(vectors, [""] * 8000)
    engine.effort = Effort(1, 64)
    engine.measure(asked)

    enough = engine.effort
    engine.effort = replace(enough, lists=enough.lists * 3 // 4)

    assert enough.refined == 64
    assert found_of_the_ten_nearest(engine, vectors, asked) < 0.95


def test_a_sealed_engine_opens_as_it_was(tmp_path: Path) -> None:
    vectors, asked = alike(500), alike(3, seed=1)
    built = StoredEngine.build(vectors, categories(500))
    built.seal(tmp_path)
    opened = StoredEngine.open(tmp_path, Categories.open(tmp_path))

    assert (opened.kind, opened.dimension, opened.count()) == ("ivf4", 16, 500)
    np.testing.assert_array_equal(opened.vectors(), vectors.astype(np.float16))
    np.testing.assert_array_equal(opened.vectors(np.array([7, 3])), built.vectors()[[7, 3]])
    for category in (None, "드문"):
        pairs = zip(*(e.search(asked, 9, category=category) for e in (opened, built)), strict=True)
        for one, other in pairs:
            assert one.rows.tolist() == other.rows.tolist()
            np.testing.assert_array_equal(one.scores, other.scores)


def test_damaged_files_and_other_dimensions_are_refused(tmp_path: Path) -> None:
    engine = StoredEngine.build(alike(60), [""] * 60)
    engine.seal(tmp_path)

    with pytest.raises(EngineError, match="queries have dimension 8, the index 16"):
        engine.search(random_rows(1, 8), 1)
    with pytest.raises(EngineError, match="k is 0; wanted at least 1"):
        engine.search(random_rows(1, 16), 0)
    with pytest.raises(EngineError, match="59 passages, but 60 vectors in lists and 60 rows"):
        StoredEngine.open(tmp_path, [""] * 59)
    (tmp_path / LISTS_FILE).write_bytes((tmp_path / LISTS_FILE).read_bytes()[:100])
    with pytest.raises(EngineError, match=r"its vectors cannot be read\. Rebuild with"):
        StoredEngine.open(tmp_path, [""] * 60)

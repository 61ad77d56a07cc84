import threading
from pathlib import Path

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mundap.index.encoders.encoder import Vectors, unit_rows
from mundap.index.engines.engine import Engine, RowHits, Rows
from mundap.index.engines.faiss_engine import FaissEngine
from mundap.index.engines.faiss_kinds import EXACT_LIMIT, INDEX_KINDS, SCAN_LIMIT, IndexKind
from tests.index.engines.engines import engine_of, random_rows


def clustered(count: int, dimension: int, seed: int = 0) -> Vectors:
    """Vectors as questions have them: groups of near phrasings."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((count // 50, dimension))
    near = centres[rng.integers(0, len(centres), count)]
    return unit_rows(near + 0.35 * rng.standard_normal((count, dimension)))


def check_against_brute_force(
    found: list[RowHits], vectors: Vectors, queries: Vectors, k: int, rows: Rows
) -> None:
    """Each hit has its true cosine and no row left out is better; ties may go either way."""
    cosines = queries.astype(np.float64) @ vectors.astype(np.float64).T
    assert len(found) == len(queries)
    for hits, truth in zip(found, cosines, strict=True):
        wanted = np.sort(truth[rows])[::-1][:k]
        assert set(hits.rows.tolist()) <= set(rows.tolist())
        assert len(set(hits.rows.tolist())) == len(hits.rows) == len(wanted)
        np.testing.assert_allclose(hits.scores, wanted, atol=1e-6)
        np.testing.assert_allclose(hits.scores, truth[hits.rows], atol=1e-6)
        assert (np.diff(hits.scores) <= 0).all()


@pytest.mark.parametrize("kind", ["flat", "fp16"])
@given(
    count=st.integers(1, 60),
    dimension=st.integers(1, 40),
    k=st.integers(1, 100),
    queries=st.integers(0, 4),
    different=st.integers(1, 60),
    seed=st.integers(0, 99),
)
def test_a_scan_equals_brute_force(
    kind: IndexKind, count: int, dimension: int, k: int, queries: int, different: int, seed: int
) -> None:
    # Few different vectors give many ties.
    vectors = random_rows(different, dimension, seed)[np.arange(count) % different]
    asked = random_rows(queries, dimension, seed + 1)

    built = engine_of(vectors, kind)
    found = built.search(asked, k)

    check_against_brute_force(found, built.vectors(), asked, k, np.arange(count))


@given(count=st.integers(1, 60), dimension=st.integers(1, 768), seed=st.integers(0, 99))
@settings(max_examples=30)  # each builds eight indexes
def test_vectors_are_kept_exactly_or_in_half_precision(
    count: int, dimension: int, seed: int
) -> None:
    vectors = random_rows(count, dimension, seed)

    for kind in INDEX_KINDS:
        kept = engine_of(vectors, kind).vectors()
        precision = 2.0**-11 if kind == "fp16" else 0.0
        np.testing.assert_allclose(kept, vectors, rtol=precision, atol=precision * 2.0**-14)
        np.testing.assert_array_equal(engine_of(kept, kind).vectors(), kept)


@given(count=st.integers(1, 60), dimension=st.integers(1, 768), seed=st.integers(0, 99))
def test_cosines_in_half_precision_are_within_the_last_bit_of_eleven(
    count: int, dimension: int, seed: int
) -> None:
    vectors = random_rows(count, dimension, seed)
    asked = np.concatenate([random_rows(2, dimension, seed + 1), vectors[:1]])

    found = engine_of(vectors, "fp16").search(asked, count)

    for hits, query in zip(found, asked, strict=True):
        np.testing.assert_allclose(hits.scores, vectors[hits.rows] @ query, atol=2.0**-11 + 1e-6)


@pytest.mark.parametrize("kind", INDEX_KINDS)
@given(data=st.data(), count=st.integers(1, 300), k=st.integers(1, 40), seed=st.integers(0, 99))
@settings(max_examples=40)
def test_a_search_of_a_category_equals_brute_force_for_every_kind(
    kind: IndexKind, data: st.DataObject, count: int, k: int, seed: int
) -> None:
    vectors, asked = random_rows(count, 8, seed), random_rows(2, 8, seed + 1)
    size = data.draw(st.sampled_from([0, 1, count // 20, count // 10, count // 2, count]))
    rows = np.sort(np.random.default_rng(seed).choice(count, size, replace=False))

    built = engine_of(vectors, kind, some=rows)
    found = built.search(asked, k, category="some")

    check_against_brute_force(found, built.vectors(), asked, k, rows)


@pytest.mark.parametrize("kind", INDEX_KINDS)
def test_rows_far_from_the_query_are_found_all_the_same(kind: IndexKind) -> None:
    vectors = clustered(3000, 16)
    query = vectors[:1]
    farthest = np.sort(np.argsort(vectors @ query[0])[:900])

    built = engine_of(vectors, kind, some=farthest)
    found = built.search(query, 50, category="some")

    check_against_brute_force(found, built.vectors(), query, 50, farthest)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 13, 33, 100, 1000])
@pytest.mark.parametrize("dimension", [1, 7, 256])
def test_equal_vectors_have_equal_scores_wherever_they_stand(count: int, dimension: int) -> None:
    vectors = np.repeat(random_rows(1, dimension), count, axis=0)
    query = random_rows(1, dimension, seed=1)

    [hits] = engine_of(vectors).search(query, count)

    assert len(hits.rows) == count
    assert len(set(hits.scores.tolist())) == 1


@pytest.mark.parametrize("kind", INDEX_KINDS)
def test_more_hits_than_vectors_are_never_padded(kind: IndexKind) -> None:
    vectors = random_rows(3, 4)

    [hits] = engine_of(vectors, kind).search(vectors[:1], 50)

    assert sorted(hits.rows.tolist()) == [0, 1, 2]
    assert np.isfinite(hits.scores).all()


def test_what_the_scanned_lists_do_not_hold_is_not_padded() -> None:
    vectors = clustered(3000, 16)  # 76 lists, of which 64 are scanned

    [hits] = engine_of(vectors, "ivf").search(vectors[:1], 3000)

    assert 100 < len(hits.rows) < 3000
    assert len(hits.rows) == len(hits.scores) == len(set(hits.rows.tolist()))
    np.testing.assert_allclose(hits.scores, vectors[hits.rows] @ vectors[0], atol=1e-6)


@pytest.mark.parametrize("kind", INDEX_KINDS)
@pytest.mark.parametrize("category", [None, ""])
def test_one_vector_is_an_index(kind: IndexKind, category: str | None) -> None:
    vectors = random_rows(1, 5)

    [hits] = engine_of(vectors, kind).search(vectors, 3, category=category)

    assert hits.rows.tolist() == [0]
    np.testing.assert_allclose(hits.scores, [1.0], atol=5e-4 if kind == "fp16" else 1e-6)


def test_a_zero_vector_scores_zero_with_everything() -> None:
    vectors = np.concatenate([random_rows(2, 4), np.zeros((1, 4), np.float32)])

    [hits] = engine_of(vectors).search(np.zeros((1, 4), np.float32), 3)

    assert hits.scores.tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(("kind", "recall"), [("hnsw", 0.99), ("ivf", 0.98)])
@pytest.mark.parametrize("k", [1, 10, 100])
def test_approximate_kinds_find_nearly_all_neighbours(
    kind: IndexKind, recall: float, k: int
) -> None:
    vectors = clustered(6000, 32)
    rng = np.random.default_rng(1)
    asked = unit_rows(vectors[rng.integers(0, 6000, 100)] + 0.1 * rng.standard_normal((100, 32)))
    truth = engine_of(vectors, "flat").search(asked, k)

    found = engine_of(vectors, kind).search(asked, k)

    shared = [len(set(a.rows) & set(b.rows)) / k for a, b in zip(truth, found, strict=True)]
    assert np.mean(shared) >= recall


def test_auto_is_exact_then_a_scan_in_half_precision_then_a_graph(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert (EXACT_LIMIT, SCAN_LIMIT) == (10_000, 50_000)
    monkeypatch.setattr("mundap.index.engines.faiss_kinds.EXACT_LIMIT", 50)
    monkeypatch.setattr("mundap.index.engines.faiss_kinds.SCAN_LIMIT", 100)
    vectors = random_rows(101, 4)

    kinds = [engine_of(vectors[:count]).kind for count in (1, 50, 51, 100, 101)]

    assert kinds == ["flat", "flat", "fp16", "fp16", "hnsw"]


@pytest.mark.parametrize("kind", INDEX_KINDS)
def test_a_sealed_engine_is_the_same_engine(tmp_path: Path, kind: IndexKind) -> None:
    vectors, asked = clustered(500, 8), random_rows(5, 8, seed=1)
    categories = ["" if row % 7 else "일곱" for row in range(500)]
    built = FaissEngine.build(vectors, categories, kind)
    built.seal(tmp_path)

    opened = FaissEngine.open(tmp_path, categories)

    assert (opened.count(), opened.dimension, opened.kind) == (500, 8, kind)
    np.testing.assert_array_equal(opened.vectors(), built.vectors())
    for category in (None, "", "일곱", "없음"):
        assert opened.count(category) == built.count(category)
        found = [one.search(asked, 20, category=category) for one in (built, opened)]
        for before, after in zip(*found, strict=True):
            np.testing.assert_array_equal(before.rows, after.rows)
            np.testing.assert_array_equal(before.scores, after.scores)


@pytest.mark.parametrize("kind", INDEX_KINDS)
def test_vectors_are_given_back_by_their_rows(kind: IndexKind) -> None:
    built = engine_of(clustered(500, 8), kind)

    found = built.vectors(np.array([499, 0, 7, 7]))

    np.testing.assert_array_equal(found, built.vectors()[[499, 0, 7, 7]])


def test_a_category_counts_its_own_rows() -> None:
    built = FaissEngine.build(random_rows(4, 3), ["배송", "", "환불", "배송"])

    asked = (None, "배송", "환불", "", "없음")
    assert [built.count(one) for one in asked] == [4, 2, 1, 1, 0]


def test_vectors_need_not_lie_in_one_piece() -> None:
    vectors = np.asfortranarray(random_rows(20, 8))[::2]

    [hits] = engine_of(vectors).search(vectors[3:4, :], 1)

    assert hits.rows.tolist() == [3]


@pytest.mark.parametrize("kind", INDEX_KINDS)
def test_eight_threads_find_what_one_finds(kind: IndexKind) -> None:
    vectors, asked = clustered(2000, 16), random_rows(100, 16, seed=1)
    engine = engine_of(vectors, kind, some=np.arange(0, 2000, 3))
    expected = [_plain(engine, query[None]) for query in asked]
    found: list[object] = [None] * 8

    def work(number: int) -> None:
        found[number] = [_plain(engine, query[None]) for query in asked]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [expected] * 8


def _plain(engine: Engine, query: Vectors) -> list[list[float]]:
    hits = [*engine.search(query, 10), *engine.search(query, 10, category="some")]
    return [values for hit in hits for values in (hit.rows.tolist(), hit.scores.tolist())]


def test_the_kind_of_a_file_is_known_by_its_type(tmp_path: Path) -> None:
    # A file of another maker may hold a plain IndexFlat.
    index = faiss.IndexFlat(4, faiss.METRIC_INNER_PRODUCT)
    index.add(random_rows(3, 4))
    faiss.write_index(index, str(tmp_path / "vectors.faiss"))

    assert FaissEngine.open(tmp_path, [""] * 3).kind == "flat"

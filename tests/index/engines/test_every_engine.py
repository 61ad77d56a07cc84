"""What holds for every engine, whatever keeps the vectors; FAISS that reads all is the measure."""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mundap.index.encoders.encoder import Vectors, unit_rows
from mundap.index.engines.engine import Engine, EngineError, Rows
from mundap.index.engines.faiss_engine import FaissEngine
from mundap.index.engines.kept_engine import open_engine
from mundap.index.engines.milvus_engine import MilvusEngine
from tests.index.engines.engines import random_rows
from tests.milvus import Milvus

Build = Callable[[Vectors, Sequence[str]], Engine]
# What may stand in a cell of a table of an owner's, and is no part of any expression.
HOSTILE = [
    *("", "배송", unicodedata.normalize("NFD", "배송"), "환불 · 교환", "👍🏽", "ㅋㅋ", "한글"),
    *('" or 1 == 1 or category == "', "'; drop", "category == 0", "0", "1", "{x}", "a\\", "\n"),
    *("row in [0]", "%", "a" * 5000, "\u202e", "TRUE", "null", "NaN"),
]
# Each example builds an index, on a server for some.
FEW = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
ENGINES = [
    "faiss",
    "lite",
    pytest.param("real", marks=[pytest.mark.long, pytest.mark.slow]),
    pytest.param("cluster", marks=[pytest.mark.long, pytest.mark.slow]),
]


@pytest.fixture(params=ENGINES)
def build(request: pytest.FixtureRequest) -> Iterator[Build]:
    if request.param == "faiss":
        yield FaissEngine.build
        return
    server: Milvus = request.getfixturevalue(request.param)
    made: list[str] = []

    def built(vectors: Vectors, categories: Sequence[str]) -> MilvusEngine:
        made.append(server.new_name())
        replicas = 2 if request.param == "cluster" else 1
        return MilvusEngine.build(vectors, categories, server.uri, made[-1], replicas)

    yield built
    for name in made:
        server.forget(name)


def exact(vectors: Vectors, categories: Sequence[str]) -> FaissEngine:
    return FaissEngine.build(vectors, categories, "flat")


def check(
    engine: Engine, truth: Engine, queries: Vectors, k: int, category: str | None = None
) -> None:
    """The same first hit, the same scores, and each score that of its row; ties go either way."""
    found = engine.search(queries, k, category=category)
    wanted = truth.search(queries, k, category=category)
    assert len(found) == len(wanted) == len(queries)
    for hits, best, query in zip(found, wanted, queries, strict=True):
        assert len(set(hits.rows.tolist())) == len(hits.rows) == len(best.rows)
        np.testing.assert_allclose(hits.scores, best.scores, atol=1e-4)
        np.testing.assert_allclose(hits.scores, truth.vectors(hits.rows) @ query, atol=1e-4)
        if len(best.rows) > 1 and best.scores[0] - best.scores[1] > 1e-4:
            assert hits.rows[0] == best.rows[0]


def test_it_finds_what_reading_all_finds(build: Build) -> None:
    vectors = random_rows(300, 24)
    engine, truth = build(vectors, [""] * 300), exact(vectors, [""] * 300)
    queries = np.concatenate([random_rows(20, 24, seed=1), vectors[:5]])

    for k in (1, 10, 300, 1000):
        check(engine, truth, queries, k)


@given(
    names=st.lists(st.sampled_from(HOSTILE) | st.text(max_size=20), min_size=1, max_size=40),
    asked=st.sampled_from(HOSTILE) | st.text(max_size=20),
    seed=st.integers(0, 99),
)
@FEW
def test_a_category_is_a_value_whatever_it_is_called(
    build: Build, names: list[str], asked: str, seed: int
) -> None:
    vectors, queries = random_rows(len(names), 6, seed), random_rows(2, 6, seed + 1)
    engine, truth = build(vectors, names), exact(vectors, names)

    for category in {*names, asked}:
        assert engine.count(category) == names.count(category)
        check(engine, truth, queries, 50, category)
        for hits in engine.search(queries, 50, category=category):
            assert {names[row] for row in hits.rows.tolist()} <= {category}
    assert engine.count() == len(names)


def test_vectors_come_back_as_they_were_given_in_the_order_asked_for(build: Build) -> None:
    vectors = random_rows(120, 16)
    vectors[7] = 0  # a text without words
    engine = build(vectors, [""] * 120)
    asked: list[Rows] = [
        np.arange(120),
        np.array([7]),
        np.array([119, 0, 7, 7, 64, 0]),
        np.arange(40, 60),
        np.empty(0, np.int64),
    ]

    np.testing.assert_array_equal(engine.vectors(), vectors)
    for rows in asked:
        np.testing.assert_array_equal(engine.vectors(rows), vectors[rows])


def test_the_cosines_of_rows_are_those_of_their_vectors(build: Build) -> None:
    vectors, query = random_rows(200, 16), random_rows(1, 16, seed=1)[0]
    vectors[7] = 0
    engine = build(vectors, [""] * 200)

    for rows in (np.arange(200), np.array([199, 0, 7, 7, 64]), np.empty(0, np.int64)):
        np.testing.assert_allclose(engine.cosines(rows, query), vectors[rows] @ query, atol=1e-6)


def test_equal_vectors_are_as_near_as_each_other(build: Build) -> None:
    vectors = np.repeat(random_rows(1, 8), 50, axis=0)

    [hits] = build(vectors, [""] * 50).search(random_rows(1, 8, seed=1), 50)

    assert sorted(hits.rows.tolist()) == list(range(50))
    assert np.ptp(hits.scores) < 1e-6


def test_a_query_without_words_is_near_to_nothing(build: Build) -> None:
    [hits] = build(random_rows(20, 8), [""] * 20).search(np.zeros((1, 8), np.float32), 5)

    np.testing.assert_array_equal(hits.scores, np.zeros(5))


def test_what_is_sealed_opens_and_finds_the_same(build: Build, tmp_path: Path) -> None:
    vectors, names = random_rows(60, 8), ["배송", "환불"] * 30
    engine = build(vectors, names)
    engine.seal(tmp_path)

    opened = open_engine(tmp_path, names)

    assert {path.name for path in tmp_path.iterdir()} == set(engine.files)
    assert (opened.dimension, opened.kind, opened.files) == (8, engine.kind, engine.files)
    opened.verify()
    for category in (None, "배송", "없음"):
        check(opened, engine, random_rows(3, 8, seed=1), 10, category)


@pytest.mark.parametrize(
    ("queries", "k", "met"),
    [
        (random_rows(1, 5), 1, "queries have dimension 5, the index 4"),
        (random_rows(1, 4), 0, "k is 0; wanted at least 1"),
        (np.full((1, 4), np.nan, np.float32), 1, "vector in row 0 holds NaN or infinity"),
        (np.zeros((1, 4)), 1, r"float64 of shape \(1, 4\); wanted float32"),
    ],
)
def test_what_cannot_be_searched_for_is_refused(
    build: Build, queries: Vectors, k: int, met: str
) -> None:
    engine = build(random_rows(3, 4), ["", "", ""])

    with pytest.raises(EngineError, match=met):
        engine.search(queries, k)


def test_passages_and_vectors_must_be_as_many(build: Build) -> None:
    with pytest.raises(EngineError, match="2 passages but 3 vectors; wanted as many"):
        build(random_rows(3, 4), ["", ""])


def test_groups_of_near_phrasings_are_told_apart(build: Build) -> None:
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((20, 32))
    vectors = unit_rows(np.repeat(centres, 10, axis=0) + 0.3 * rng.standard_normal((200, 32)))

    found = build(vectors, [""] * 200).search(unit_rows(centres), 10)

    for group, hits in enumerate(found):
        assert {row // 10 for row in hits.rows.tolist()} == {group}

from pathlib import Path

import numpy as np
import pytest

from mundap.index.encoders.encoder import Vectors
from mundap.index.engines.engine import EngineError
from mundap.index.engines.faiss_engine import FaissEngine
from mundap.index.engines.faiss_kinds import INDEX_KINDS, IndexKind
from tests.index.engines.engines import engine_of, random_rows


@pytest.mark.parametrize("kind", INDEX_KINDS)
@pytest.mark.parametrize("share", [0.0, 0.001, 0.01, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_index_is_refused(tmp_path: Path, kind: IndexKind, share: float) -> None:
    path = tmp_path / "vectors.faiss"
    engine_of(random_rows(200, 8), kind).seal(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])

    with pytest.raises(EngineError, match=r"vectors\.faiss: not a readable FAISS index"):
        FaissEngine.open(tmp_path, [""] * 200)


@pytest.mark.parametrize("content", [b"", b"IxFI", b"garbage" * 100, bytes(1000), b"\xff" * 1000])
def test_a_foreign_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "vectors.faiss").write_bytes(content)

    with pytest.raises(EngineError, match=r"not a readable FAISS index\. Rebuild with `mundap"):
        FaissEngine.open(tmp_path, [""])


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"nowhere/vectors\.faiss: not a readable FAISS index"):
        FaissEngine.open(tmp_path / "nowhere", [""])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_not_finite_is_refused_by_its_row(bad: float) -> None:
    vectors = random_rows(5, 4)
    broken = vectors.copy()
    broken[3, 2] = bad

    with pytest.raises(EngineError, match="vector in row 3 holds NaN or infinity"):
        engine_of(broken)
    with pytest.raises(EngineError, match="vector in row 3 holds NaN or infinity"):
        engine_of(vectors).search(broken, 1)


@pytest.mark.parametrize(
    ("array", "met"),
    [
        (np.zeros((2, 3)), r"float64 of shape \(2, 3\)"),
        (np.zeros((2, 3), np.float16), r"float16 of shape \(2, 3\)"),
        (np.zeros(3, np.float32), r"float32 of shape \(3,\)"),
        (np.zeros((1, 2, 3), np.float32), r"float32 of shape \(1, 2, 3\)"),
    ],
)
def test_another_type_or_shape_is_refused(array: Vectors, met: str) -> None:
    wanted = rf"vectors are {met}; wanted float32 of shape \(n, dimension\)"
    with pytest.raises(EngineError, match=wanted):
        engine_of(array)
    with pytest.raises(EngineError, match=wanted):
        engine_of(random_rows(2, 3)).search(array, 1)


def test_no_vector_is_no_index() -> None:
    with pytest.raises(EngineError, match="0 vectors; wanted at least 1"):
        engine_of(np.empty((0, 4), np.float32))


def test_queries_of_another_dimension_are_refused_with_both_numbers() -> None:
    with pytest.raises(EngineError, match="queries have dimension 5, the index 4"):
        engine_of(random_rows(2, 4)).search(random_rows(1, 5), 1)


@pytest.mark.parametrize("k", [0, -1])
def test_fewer_than_one_hit_is_refused(k: int) -> None:
    with pytest.raises(EngineError, match=f"k is {k}; wanted at least 1"):
        engine_of(random_rows(2, 4)).search(random_rows(1, 4), k)


def test_passages_and_vectors_must_be_as_many(tmp_path: Path) -> None:
    wanted = "2 passages but 3 vectors; wanted as many"
    with pytest.raises(EngineError, match=wanted):
        FaissEngine.build(random_rows(3, 4), ["", ""])
    engine_of(random_rows(3, 4)).seal(tmp_path)
    with pytest.raises(EngineError, match=wanted):
        FaissEngine.open(tmp_path, ["", ""])

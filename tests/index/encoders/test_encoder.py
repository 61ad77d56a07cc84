import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.encoders.encoder import EncoderError, directory_fingerprint, unit_rows
from mundap.index.encoders.registry import load_encoder


@given(st.integers(0, 20), st.integers(1, 20), st.integers(0, 99), st.sampled_from([1e-9, 1, 1e9]))
def test_rows_become_unit_and_keep_their_direction(
    count: int, dimension: int, seed: int, size: float
) -> None:
    rows = size * np.random.default_rng(seed).standard_normal((count, dimension))

    unit = unit_rows(rows)

    assert unit.dtype == np.float32
    assert unit.shape == rows.shape
    np.testing.assert_allclose(np.linalg.norm(unit, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(
        unit * np.linalg.norm(rows, axis=1, keepdims=True) / size, rows / size, atol=1e-5
    )


def test_a_zero_row_stays_zero() -> None:
    assert unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist() == [
        [np.float32(0.6), np.float32(0.8)],
        [0.0, 0.0],
    ]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_not_finite_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="vector in row 1 holds NaN or infinity"):
        unit_rows(np.array([[1.0, 0.0], [0.0, bad]]))


def test_one_vector_alone_is_refused() -> None:
    with pytest.raises(ValueError, match=r"vectors have shape \(3,\); wanted \(n, dimension\)"):
        unit_rows(np.ones(3))


def make(directory: Path) -> Path:
    (directory / "sub").mkdir(parents=True)
    (directory / "config.json").write_text("{}")
    (directory / "sub" / "model.safetensors").write_bytes(b"weights")
    return directory


def test_a_fingerprint_is_that_of_the_content_wherever_it_lies(tmp_path: Path) -> None:
    first = make(tmp_path / "a")
    fingerprint = directory_fingerprint(first)
    copy = Path(shutil.copytree(first, tmp_path / "elsewhere"))

    assert directory_fingerprint(copy) == fingerprint
    assert len(fingerprint) == 64


@pytest.mark.parametrize("name", ["README.md", "training.json", "learning_curve.png"])
def test_notes_beside_the_weights_are_no_part_of_the_fingerprint(tmp_path: Path, name: str) -> None:
    fingerprint = directory_fingerprint(make(tmp_path / "a"))

    (tmp_path / "a" / name).write_text("note")

    assert directory_fingerprint(tmp_path / "a") == fingerprint


def test_any_other_change_is_another_fingerprint(tmp_path: Path) -> None:
    first = make(tmp_path / "a")
    changed, renamed, added = (make(tmp_path / name) for name in ("b", "c", "d"))
    (changed / "sub" / "model.safetensors").write_bytes(b"weightz")
    (renamed / "config.json").rename(renamed / "configs.json")
    (added / "vocab.txt").touch()

    fingerprints = {directory_fingerprint(path) for path in (first, changed, renamed, added)}

    assert len(fingerprints) == 4


def test_a_directory_without_an_encoder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"holds neither modules\.json nor config.json"):
        load_encoder(tmp_path)


def test_a_missing_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="nowhere: no such encoder directory"):
        load_encoder(tmp_path / "nowhere")

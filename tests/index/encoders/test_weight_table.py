import os
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from mundap.index.encoders import weight_table
from mundap.index.encoders.weight_table import WEIGHTS_KEY, WeightTable


@pytest.mark.parametrize("kept", [1, 3, 1024])
def test_rows_are_the_same_whether_they_are_kept_or_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    monkeypatch.setattr(weight_table, "_KEPT", kept)
    weights = np.random.default_rng(0).standard_normal((20, 4)).astype(np.float32)
    save_file({WEIGHTS_KEY: weights}, tmp_path / "weights")
    table = WeightTable.open(tmp_path / "weights")
    for rows in ([3, 3, 0], [], [19, 0, 7, 3, 12], [3]):
        asked = np.array(rows, dtype=np.int64)
        np.testing.assert_array_equal(table[asked], weights[asked])
    np.testing.assert_array_equal(table.whole(), weights)


def test_a_file_that_was_cut_is_told(tmp_path: Path) -> None:
    save_file({WEIGHTS_KEY: np.ones((20, 4), dtype=np.float32)}, tmp_path / "weights")
    table = WeightTable.open(tmp_path / "weights")
    os.truncate(tmp_path / "weights", 200)
    with pytest.raises(OSError, match=r"row 19 of the weights is gone: their file was cut\. Start"):
        table[np.array([19])]
    with pytest.raises(OSError, match=r"the weights are gone: their file was cut\. Start again\."):
        table.whole()


def test_what_is_kept_is_not_what_a_caller_may_change(tmp_path: Path) -> None:
    save_file({WEIGHTS_KEY: np.ones((2, 4), dtype=np.float32)}, tmp_path / "weights")
    table = WeightTable.open(tmp_path / "weights")
    table[np.array([1])][:] = 0.0
    assert table[np.array([1])].tolist() == [[1.0, 1.0, 1.0, 1.0]]

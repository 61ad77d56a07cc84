import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.encoders.encoder import directory_fingerprint
from mundap.index.encoders.morpheme_encoder import MorphemeEncoder
from mundap.index.encoders.pretrained import PretrainedEncoder
from mundap.index.encoders.shipped import SHIPPED_DIRECTORY
from mundap.index.similarity.scale import (
    LINEAR,
    ScaleError,
    StsScale,
    find_scale,
    scale_path,
)

SHIPPED = [StsScale.read(kind.calibration) for kind in (MorphemeEncoder, PretrainedEncoder)]
THREE = StsScale((-1.0, 0.5, 1.0), (0.0, 2.0, 5.0), "abc", {"n": 3})


def test_scores_lie_on_the_line_between_knots_and_end_with_it() -> None:
    closeness = np.array([-2.0, -1.0, -0.25, 0.5, 0.75, 1.0, 1.5])
    assert THREE.apply(closeness).tolist() == [0.0, 0.0, 1.0, 2.0, 3.5, 5.0, 5.0]


@pytest.mark.parametrize("calibration", [LINEAR, THREE, *SHIPPED])
@given(values=st.lists(st.floats(-1, 1), min_size=2))
def test_a_closer_pair_never_scores_lower(calibration: StsScale, values: list[float]) -> None:
    scores = calibration.apply(np.array(sorted(values)))
    assert (np.diff(scores) >= 0).all()
    assert ((scores >= 0) & (scores <= 5)).all()


def test_that_of_the_pretrained_encoder_was_fitted_on_the_one_that_ships() -> None:
    """`mundap sts-calibrate --encoder mundap-small --output ...` fits it anew."""
    assert SHIPPED[1].encoder == directory_fingerprint(SHIPPED_DIRECTORY)


@pytest.mark.parametrize("shipped", SHIPPED, ids=["embedded", "pretrained"])
def test_a_cosine_of_one_is_five_to_the_shipped_calibrations(shipped: StsScale) -> None:
    assert shipped.apply(np.array([-1.0, 1.0])).tolist() == [0.0, 5.0]


def test_a_written_calibration_is_read_unchanged(tmp_path: Path) -> None:
    path = scale_path(tmp_path / "home", "abc")
    THREE.write(path)
    assert StsScale.read(path) == THREE
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("closeness", "scores", "reason"),
    [
        ((0.0,), (1.0,), "1 knots; wanted at least 2"),
        ((), (), "0 knots"),
        ((0.0, float("nan")), (1.0, 2.0), "all finite"),
        ((0.0, 0.0), (1.0, 2.0), "closeness does not rise"),
        ((1.0, 0.0), (1.0, 2.0), "closeness does not rise"),
        ((0.0, 1.0), (2.0, 1.0), "scores fall"),
        ((0.0, 1.0), (0.0, 5.1), "leave 0 to 5"),
        ((0.0, 1.0), (-0.1, 5.0), "leave 0 to 5"),
        ((0.0, 0.5, 1.0), (0.0, 5.0), "3 places but 2 scores"),
    ],
)
def test_knots_that_make_no_line_are_refused(
    closeness: tuple[float, ...], scores: tuple[float, ...], reason: str
) -> None:
    with pytest.raises(ScaleError, match=reason):
        StsScale(closeness, scores)


def test_an_encoder_gets_its_own_calibration_or_the_usual_one(tmp_path: Path) -> None:
    THREE.write(scale_path(tmp_path, "abc"))
    assert find_scale(tmp_path, "abc", usual=LINEAR) == THREE
    assert find_scale(tmp_path, "other", usual=LINEAR) == LINEAR


def test_a_calibration_of_another_encoder_is_refused(tmp_path: Path) -> None:
    THREE.write(scale_path(tmp_path, "def"))
    with pytest.raises(ScaleError, match=r"fitted for encoder 'abc', wanted 'def'\. Fit it"):
        find_scale(tmp_path, "def", usual=LINEAR)


GOOD = json.loads(THREE.to_json())


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "{}",
        json.dumps({**GOOD, "closeness": [0, 0, 1]}),
        json.dumps({**GOOD, "closeness": ["a", 0, 1]}),
        json.dumps({**GOOD, "closeness": 1}),
        json.dumps({**GOOD, "unknown": 1}),
    ],
)
def test_a_damaged_file_is_named_with_a_way_out(tmp_path: Path, content: Any) -> None:
    path = scale_path(tmp_path, "abc")
    path.parent.mkdir()
    path.write_text(content)
    with pytest.raises(ScaleError, match=r"sts-abc\.json: damaged .*`mundap sts-calibrate`"):
        find_scale(tmp_path, "abc", usual=LINEAR)

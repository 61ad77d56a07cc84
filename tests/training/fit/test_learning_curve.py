import struct
from pathlib import Path

import pytest

from mundap.training.fit.learning_curve import draw_learning_curve

FULL = [
    {"epoch": 0.0, "hit@1": 0.5, "mrr@10": 0.6},
    {"epoch": 1.0, "loss": 1.2, "hit@1": 0.7, "mrr@10": 0.8},
    {"epoch": 2.0, "loss": 0.4, "hit@1": 0.9, "mrr@10": 0.95},
]


@pytest.mark.parametrize("history", [FULL, FULL[:1], [{"epoch": 1.0, "loss": 1.2}], []])
def test_the_curve_is_a_png_of_840_by_480(history: list[dict[str, float]], tmp_path: Path) -> None:
    draw_learning_curve(history, tmp_path / "curve.png")
    content = (tmp_path / "curve.png").read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", content[16:24]) == (840, 480)
    assert content.endswith(b"IEND\xaeB`\x82")


def test_what_was_measured_changes_the_picture(tmp_path: Path) -> None:
    for name, history in (("full", FULL), ("start", FULL[:1])):
        draw_learning_curve(history, tmp_path / f"{name}.png")
    assert (tmp_path / "full.png").read_bytes() != (tmp_path / "start.png").read_bytes()

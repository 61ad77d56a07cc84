from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from torch import nn

from mundap.training.data.development import measure
from mundap.training.data.split import Split
from mundap.training.fit.starting_point import PullToStart, StartingPoint
from mundap.training.fit.trainer import train
from mundap.training.modules.base import load_base
from tests.training.small_base import EASY, PAIRS, configured, record

pytestmark = pytest.mark.slow


def table(encoder: Path) -> Any:
    (rows,) = load_file(encoder / "model.safetensors").values()
    return rows


def moved(module: nn.Linear, by: float) -> nn.Linear:
    with torch.no_grad():
        for weight in module.parameters():
            weight += by
    return module


@pytest.mark.parametrize(("share", "left"), [(0.0, 2.0), (0.25, 1.5), (1.0, 0.0)])
def test_a_pull_goes_a_share_of_the_way_back(share: float, left: float) -> None:
    module = nn.Linear(3, 2)
    before = module.weight.detach().clone()
    start = StartingPoint.of(module)
    start.pull(moved(module, 2.0), share)
    torch.testing.assert_close(module.weight.detach() - before, torch.full((2, 3), left))
    if share == 1.0:
        assert torch.equal(module.weight, before)


def test_the_pull_after_a_step_is_strength_times_its_learning_rate() -> None:
    module = nn.Linear(1, 1)
    start = StartingPoint.of(module)
    before = module.weight.item()
    optimizer = torch.optim.SGD(moved(module, 1.0).parameters(), lr=0.05)
    empty: Any = None
    PullToStart(start, 4.0).on_optimizer_step(empty, empty, empty, module, optimizer)
    assert module.weight.item() - before == pytest.approx(0.8)


def test_a_stronger_pull_stays_nearer(base: Path, tmp_path: Path) -> None:
    distances = []
    for strength in (0.0, 2.0, 8.0):
        config = configured(base, epochs=4, l2_start=strength)
        path = train(Split(PAIRS, None, []), config, tmp_path / f"l2-{strength}")
        distances.append(float(np.linalg.norm(table(path) - table(base))))
    assert distances[0] > 1.2 * distances[1] > 1.2 * 1.2 * distances[2] > 0


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_what_is_written_lies_between_the_start_and_what_was_trained(
    share: float, base: Path, tmp_path: Path
) -> None:
    split = Split(PAIRS, None, [])
    whole = train(split, configured(base, epochs=3), tmp_path / "whole")
    part = train(split, configured(base, epochs=3, interpolate=share), tmp_path / "part")
    wanted = table(base) + share * (table(whole) - table(base))
    np.testing.assert_allclose(table(part), wanted, atol=1e-6)


def test_what_is_measured_is_what_is_written(base: Path, tmp_path: Path) -> None:
    config = configured(base, epochs=4, interpolate=0.4)
    path = train(Split(PAIRS, EASY, []), config, tmp_path / "encoder")
    figures = [row["mrr@10"] for row in record(path)["history"]]
    found = measure(load_base(str(path), pooling=None, max_seq_length=32), EASY)
    assert found["mrr@10"] == pytest.approx(max(figures))
    assert max(figures) > figures[0]


def test_pulled_back_for_a_while_the_weights_return_exactly() -> None:
    module = nn.Linear(3, 2)
    start = StartingPoint.of(module)
    before = moved(module, 2.0).weight.detach().clone()
    with start.pulled(module, 0.25):
        torch.testing.assert_close(before - module.weight.detach(), torch.full((2, 3), 0.5))
    assert torch.equal(module.weight, before)

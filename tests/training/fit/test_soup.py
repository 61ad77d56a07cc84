from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from mundap.index.encoders.morpheme_config import MorphemeConfig, open_table
from mundap.training.config import TrainingConfig
from mundap.training.data.split import Split
from mundap.training.fit.soup import Soup
from mundap.training.fit.trainer import train
from tests.training.small_base import FAQ, configured, record, write_small_base

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_base(tmp_path_factory.mktemp("base"))


def table(encoder: Path) -> np.ndarray:
    config = MorphemeConfig.read(encoder)
    return open_table(encoder, config).whole()


def test_a_soup_is_the_mean_of_what_was_added() -> None:
    layers = [nn.Linear(3, 2) for _ in range(4)]
    expected = torch.stack([layer.weight.detach() for layer in layers]).mean(0)
    soup = Soup()
    for layer in layers:
        soup.add(layer)
    unlike = layers[0].weight.detach().clone()

    soup.pour(layers[-1])

    torch.testing.assert_close(layers[-1].weight.detach(), expected)
    assert torch.equal(layers[0].weight, unlike)


def test_an_encoder_of_two_refits_is_the_mean_of_both(base: Path, tmp_path: Path) -> None:
    config = configured(base, seed=3, development=0.0)
    # Nothing is held out, so that all train as many epochs.
    runs = {"first": config, "second": replace(config, seed=1_003), "both": replace(config, soup=2)}

    first, second, both = (
        table(train(Split.of_faq(FAQ, config), run, tmp_path / name)) for name, run in runs.items()
    )

    assert not np.allclose(first, second, atol=1e-3)
    np.testing.assert_allclose(both, (first + second) / 2, atol=1e-6)
    assert record(tmp_path / "both")["config"]["soup"] == 2


def test_the_embedded_encoder_is_a_mean_of_three_unless_told_otherwise(
    base: Path, tmp_path: Path
) -> None:
    config = TrainingConfig(base=str(base), epochs=1, batch_size=4, development=0.0)

    path = train(Split.of_faq(FAQ, config), config, tmp_path / "encoder")

    assert record(path)["config"]["soup"] == 3


def test_a_soup_of_no_refit_is_refused(base: Path, tmp_path: Path) -> None:
    config = configured(base, soup=2, development=0.3)
    with pytest.raises(ValueError, match="soup is 2, but only refits are averaged and there is no"):
        train(Split.of_faq(FAQ, config), config, tmp_path / "encoder")
    assert list(tmp_path.iterdir()) == []

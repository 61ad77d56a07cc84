from pathlib import Path

import pytest
from safetensors.numpy import load_file

from mundap.training.data.split import Split
from mundap.training.fit.trainer import train
from tests.training.small_base import PAIRS, configured

SPLIT = Split(PAIRS, None, [])


def test_only_the_named_parameters_of_a_transformer_train(bert: Path, tmp_path: Path) -> None:
    config = configured(bert, learning_rate=0.01, train_only=("*attention.output*", "*word_emb*"))
    path = train(SPLIT, config, tmp_path / "encoder")
    before, after = (load_file(d / "model.safetensors") for d in (bert, path))
    changed = {name for name in before if (before[name] != after[name]).any()}
    assert changed
    assert all("attention.output" in name or "word_emb" in name for name in changed)


@pytest.mark.parametrize("part", ["morphemes", "ngrams"])
def test_one_kind_of_rows_of_the_embedded_encoder_trains(
    part: str, base: Path, tmp_path: Path
) -> None:
    path = train(SPLIT, configured(base, train_only=(part,)), tmp_path / "encoder")
    before, after = (next(iter(load_file(d / "model.safetensors").values())) for d in (base, path))
    changed = (before != after).any(axis=1).nonzero()[0]
    ngrams = changed >= len(before) - 64
    assert len(changed)
    assert ngrams.all() if part == "ngrams" else not ngrams.any()


def test_a_part_that_is_not_there_is_answered_with_those_that_are(
    bert: Path, base: Path, tmp_path: Path
) -> None:
    with pytest.raises(
        ValueError, match=r"train_only is layer\.99; none of \d+ parameters is called"
    ):
        train(SPLIT, configured(bert, train_only=("layer.99",)), tmp_path / "encoder")
    with pytest.raises(ValueError, match="the embedded encoder's parts are morphemes and ngrams"):
        train(SPLIT, configured(base, train_only=("layer.99",)), tmp_path / "encoder")


def test_weight_decay_would_shrink_frozen_rows(base: Path, tmp_path: Path) -> None:
    config = configured(base, train_only=("ngrams",), weight_decay=0.1)
    with pytest.raises(ValueError, match="weight_decay would shrink the frozen rows too"):
        train(SPLIT, config, tmp_path / "encoder")

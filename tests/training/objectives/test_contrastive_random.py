from collections import Counter
from pathlib import Path

import pytest

from mundap.index.encoders.registry import load_encoder
from mundap.training.data.pairs import PairError
from mundap.training.data.split import Split
from mundap.training.fit.trainer import train
from mundap.training.modules.base import load_base
from mundap.training.objectives.contrastive_random import ContrastiveRandom
from tests.training.small_base import EASY, PAIRS, configured, record


@pytest.mark.parametrize("ratio", [1, 3])
def test_each_positive_has_so_many_random_negatives_of_other_answers(
    ratio: int, base: Path
) -> None:
    transformer = load_base(str(base), pooling=None, max_seq_length=32)
    objective = ContrastiveRandom(ratio=ratio)
    rows = objective.lesson(transformer, Split(PAIRS, None, []), seed=0).dataset.to_list()
    groups = {pair.positive: pair.group for pair in PAIRS}
    anchor_groups = {pair.anchor: pair.group for pair in PAIRS}
    assert Counter(row["label"] for row in rows) == {1: len(PAIRS), 0: ratio * len(PAIRS)}
    for row in rows:
        assert (groups[row["other"]] == anchor_groups[row["anchor"]]) == (row["label"] == 1)
    again = objective.lesson(transformer, Split(PAIRS, None, []), seed=0).dataset.to_list()
    other = objective.lesson(transformer, Split(PAIRS, None, []), seed=1).dataset.to_list()
    assert rows == again != other


def test_it_learns(base: Path, tmp_path: Path) -> None:
    config = configured(base, epochs=4)
    path = train(Split(PAIRS, EASY, []), config, tmp_path / "encoder", ContrastiveRandom())
    history = record(path)["history"]
    assert history[-1]["loss"] < history[1]["loss"]
    assert max(row["mrr@10"] for row in history) > history[0]["mrr@10"] + 0.1
    assert load_encoder(path).dimension == 8


def test_one_answer_is_too_few(base: Path, tmp_path: Path) -> None:
    one = [pair for pair in PAIRS if pair.group == PAIRS[0].group]
    with pytest.raises(PairError, match="of 1 answers; wanted at least 2 different answers"):
        train(Split(one, None, []), configured(base), tmp_path / "e", ContrastiveRandom())


@pytest.mark.parametrize(("name", "value"), [("ratio", 0), ("margin", 2.5)])
def test_a_value_that_makes_no_sense_is_named(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"^{name} is {value}; wanted"):
        ContrastiveRandom(**{name: value})  # type: ignore[arg-type]

from pathlib import Path
from typing import Any

import pytest

from mundap.evaluation.sts import SentencePair
from mundap.training.data.sentence_pairs import SentenceSplit
from mundap.training.data.split import Split
from mundap.training.fit.task import Task
from mundap.training.fit.trainer import train_tasks
from mundap.training.objectives import mnrl
from mundap.training.objectives.mnrl import Mnrl
from mundap.training.objectives.sts import Sts
from tests.training.sentences import sts_rows
from tests.training.small_base import EASY, PAIRS, configured, record

pytestmark = pytest.mark.slow

ROWS = [SentencePair(*row) for row in sts_rows()]
QA = Task(Mnrl(), Split(PAIRS, EASY, []))
STS = Task(Sts(), SentenceSplit(ROWS, {"easy": ROWS}, []))


@pytest.mark.parametrize("kind", ["base", "bert"])
def test_two_tasks_are_learned_at_once(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    rate = 0.1 if kind == "base" else 0.01
    base = request.getfixturevalue(kind)
    config = configured(base, epochs=6, patience=6, learning_rate=rate, max_seq_length=32)
    path = train_tasks({"qa": QA, "sts": STS}, config, tmp_path / "encoder")
    history = record(path)["history"]
    assert max(row["mrr@10"] for row in history) > history[0]["mrr@10"]
    assert max(row["sts/pearson"] for row in history) > history[0]["sts/pearson"] + 0.2
    assert record(path)["tasks"]["sts"]["objective"] == "sts"
    assert record(path)["pairs"] == len(PAIRS) + len(ROWS)


def test_the_first_task_chooses_the_epoch(base: Path, tmp_path: Path) -> None:
    config = configured(base, epochs=3, patience=3)
    for tasks, figure in (({"qa": QA, "sts": STS}, "mrr@10"), ({"sts": STS, "qa": QA}, "pearson")):
        found = record(train_tasks(tasks, config, tmp_path / figure))
        figures = [row[figure] for row in found["history"]]
        assert found["epoch"] == figures.index(max(figures))


def test_each_task_has_batches_of_its_own_kind(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dealt: list[list[int]] = []

    class Watched(mnrl.GroupBatchSampler):
        def __iter__(self) -> Any:
            batches = list(super().__iter__())
            dealt.extend(batches)
            return iter(batches)

    monkeypatch.setattr(mnrl, "GroupBatchSampler", Watched)
    train_tasks({"sts": STS, "qa": QA}, configured(base, epochs=1), tmp_path / "encoder")
    assert dealt
    for batch in dealt:
        assert len({PAIRS[row].group for row in batch}) == len(batch)


def test_the_same_seed_gives_the_same_encoder(base: Path, tmp_path: Path) -> None:
    prints = [
        record(train_tasks({"qa": QA, "sts": STS}, configured(base, seed=seed), tmp_path / name))
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    ]
    first, again, other = (found["fingerprint"] for found in prints)
    assert first == again != other


def test_where_the_first_task_holds_nothing_out_nothing_judges(base: Path, tmp_path: Path) -> None:
    blind = Task(Mnrl(), Split(PAIRS, None, []))
    path = train_tasks({"qa": blind, "sts": STS}, configured(base), tmp_path / "encoder")
    assert [set(row) for row in record(path)["history"]] == [{"epoch", "loss"}] * 2

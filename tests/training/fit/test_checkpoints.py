"""A run that was stopped goes on to the very bytes of one that was not."""

import dataclasses
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mundap.evaluation.sts import SentencePair
from mundap.index.faq.entry import write_faq
from mundap.training.config import TrainingConfig
from mundap.training.data.sentence_pairs import NliPair, SentenceSplit
from mundap.training.data.split import Split
from mundap.training.data.texts import Text
from mundap.training.fit import trainer
from mundap.training.fit.bookkeeping import Bookkeeping
from mundap.training.fit.checkpoints import CheckpointError, Checkpoints
from mundap.training.fit.task import Task, Tasks
from mundap.training.fit.task_trainer import TaskTrainer
from mundap.training.fit.trainer import train, train_tasks
from mundap.training.objectives.masked_words import MaskedWords
from mundap.training.objectives.mnrl import Mnrl
from mundap.training.objectives.nli import Nli
from mundap.training.objectives.sts import Sts
from tests.training.sentences import TEXTS, nli_rows, sts_rows
from tests.training.small_base import EASY, FAQ, PAIRS, configured, record

pytestmark = pytest.mark.slow

RESUME = Bookkeeping(resume=True)
STS = [SentencePair(*row) for row in sts_rows()]
TEXT = [Text(text) for text in TEXTS]
NLI = [NliPair(*row) for row in nli_rows()]
TASKS: dict[str, Tasks] = {
    "mnrl": {"mnrl": Task(Mnrl(), Split(PAIRS[9:], EASY, PAIRS[:9]))},
    "blind": {"mnrl": Task(Mnrl(), Split(PAIRS, None, []))},
    "sts": {"sts": Task(Sts(), SentenceSplit(STS, {"easy": STS}, []))},
    "nli": {"nli": Task(Nli(), SentenceSplit(NLI, {"easy": NLI}, []))},
    "text": {"text": Task(MaskedWords(), SentenceSplit(TEXT, {"easy": TEXT}, TEXT[:6]))},
    "two": {
        "qa": Task(Mnrl(), Split(PAIRS, EASY, [])),
        "nli": Task(Nli(), SentenceSplit(NLI, {"easy": NLI}, [])),
    },
}


class Killed(BaseException):
    """Stops a run where SIGKILL would, without a new process."""


def stop_at(monkeypatch: pytest.MonkeyPatch, step: int, method: str = "training_step") -> None:
    """Let a run end at its step of this number, or at that call of another method."""
    calls = 0
    original = getattr(TaskTrainer, method)

    def stopped(self: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls >= step:
            raise Killed
        return original(self, *args, **kwargs)

    monkeypatch.setattr(TaskTrainer, method, stopped)


def stopped_and_resumed(
    tasks: Tasks, config: TrainingConfig, output: Path, step: int, method: str = "training_step"
) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        stop_at(patch, step, method)
        with pytest.raises(Killed):
            train_tasks(tasks, config, output)
    assert not output.exists()
    return train_tasks(tasks, config, output, keep=RESUME)


def files(encoder: Path) -> dict[str, bytes]:
    """Return what was written; the card without the directory's name, which it tells."""
    found = [path for path in encoder.rglob("*") if path.is_file()]
    contents = {path.relative_to(encoder).as_posix(): path.read_bytes() for path in found}
    card = contents["README.md"].replace(encoder.name.encode(), b"NAME")
    return contents | {"README.md": card}


# An epoch of the first fit of "mnrl" has 7 steps, of its refit 9.
@pytest.mark.parametrize(
    ("kind", "changes", "step"),
    [
        ("mnrl", {"refit": True}, 3),
        pytest.param("mnrl", {"refit": True}, 8, marks=pytest.mark.long),
        pytest.param("mnrl", {"refit": True}, 24, marks=pytest.mark.long),
        ("mnrl", {"refit": True, "soup": 2}, 30),
        ("mnrl", {"l2_start": 2.0, "interpolate": 0.7}, 12),
        ("mnrl", {"train_only": ("map",), "learning_rate": 1e-3}, 12),
        ("blind", {}, 10),
        ("sts", {}, 10),
        ("nli", {}, 10),
        ("two", {}, 20),
    ],
)
def test_a_stopped_run_goes_on_to_the_same_bytes(
    kind: str, changes: dict[str, Any], step: int, base: Path, tmp_path: Path
) -> None:
    config = configured(base, epochs=3, **changes)
    whole = train_tasks(TASKS[kind], config, tmp_path / "whole")
    again = stopped_and_resumed(TASKS[kind], config, tmp_path / "stopped", step)
    assert files(again) == files(whole)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["stopped", "whole"]


@pytest.mark.parametrize(
    ("begun", "kind"),
    [
        ("bert", "sts"),
        ("bert", "text"),
        pytest.param("bert", "nli", marks=pytest.mark.long),
        pytest.param("bert", "mnrl", marks=pytest.mark.long),
    ],
)
def test_a_transformer_goes_on_to_the_same_bytes(
    kind: str, begun: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    config = configured(
        request.getfixturevalue(begun), epochs=3, learning_rate=0.01, max_seq_length=32
    )
    whole = train_tasks(TASKS[kind], config, tmp_path / "whole")
    again = stopped_and_resumed(TASKS[kind], config, tmp_path / "stopped", 9)
    assert files(again) == files(whole)


def test_upper_layers_alone_go_on_to_the_same_bytes(deep_bert: Path, tmp_path: Path) -> None:
    config = configured(deep_bert, epochs=3, learning_rate=0.01, train_top=1, refit=True)
    whole = train_tasks(TASKS["mnrl"], config, tmp_path / "whole")
    again = stopped_and_resumed(TASKS["mnrl"], config, tmp_path / "stopped", 16)
    assert files(again) == files(whole)


@pytest.mark.parametrize("method", ["_save_rng_state", "_save_optimizer_and_scheduler"])
def test_a_checkpoint_cut_short_is_not_taken_for_one(
    method: str, base: Path, tmp_path: Path
) -> None:
    config = configured(base, epochs=3)
    whole = train_tasks(TASKS["mnrl"], config, tmp_path / "whole")
    again = stopped_and_resumed(TASKS["mnrl"], config, tmp_path / "stopped", 2, method)
    assert files(again) == files(whole)


@pytest.mark.parametrize("patience", [1, 3], ids=["stopped early", "all epochs"])
def test_a_run_that_had_ended_trains_no_further_epoch(
    patience: int, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = configured(base, epochs=4, patience=patience, learning_rate=1.0)
    whole = train_tasks(TASKS["mnrl"], config, tmp_path / "whole")
    monkeypatch.setattr(trainer, "write_encoder", lambda *args: (_ for _ in ()).throw(Killed))
    with pytest.raises(Killed):
        train_tasks(TASKS["mnrl"], config, tmp_path / "stopped")
    monkeypatch.undo()
    stop_at(monkeypatch, 1)
    again = train_tasks(TASKS["mnrl"], config, tmp_path / "stopped", keep=RESUME)
    assert files(again) == files(whole)


def test_a_finished_run_is_not_repeated_and_another_one_is(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = configured(base, epochs=1)
    path = train_tasks(TASKS["mnrl"], config, tmp_path / "encoder")
    stop_at(monkeypatch, 1)
    assert train_tasks(TASKS["mnrl"], config, path, keep=RESUME) == path
    for tasks, other in (
        (TASKS["blind"], config),
        (TASKS["mnrl"], dataclasses.replace(config, seed=1)),
    ):
        with pytest.raises(Killed):
            train_tasks(tasks, other, path, keep=RESUME)


def test_a_run_with_other_values_or_data_is_refused(
    base: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    split, config = Split(PAIRS[9:], EASY, PAIRS[:9]), configured(base, epochs=2)
    with pytest.MonkeyPatch.context() as patch:
        stop_at(patch, 8)
        with pytest.raises(Killed):
            train(split, config, tmp_path / "encoder")
    for other, values, difference in (
        (split, {"seed": 5}, r"config\.seed 0, this one has 5\. Give it the same, or leave --res"),
        (split, {"epochs": 3}, r"config\.epochs 2, this one has 3"),
        (
            Split(PAIRS[8:], EASY, PAIRS[:8]),
            {},
            r"data '[0-9a-f]{64}', this one has '[0-9a-f]{64}'",
        ),
    ):
        tasks = {"mnrl": Task(Mnrl(), other)}
        with pytest.raises(CheckpointError, match=rf"the run that was stopped had {difference}"):
            train_tasks(
                tasks, dataclasses.replace(config, **values), tmp_path / "encoder", keep=RESUME
            )
    # They are still there; a run that does not ask for them starts anew, and says so.
    caplog.clear()
    train(split, dataclasses.replace(config, seed=5), tmp_path / "encoder")
    assert "checkpoints of a run that was stopped are removed" in caplog.text
    assert record(tmp_path / "encoder")["config"]["seed"] == 5
    assert [path.name for path in tmp_path.iterdir()] == ["encoder"]


def test_two_runs_never_share_an_output(tmp_path: Path) -> None:
    checkpoints = Checkpoints.beside(tmp_path / "encoder")
    refused = pytest.raises(CheckpointError, match="another process is training the same output")
    with checkpoints.opened({}, resume=False), refused, checkpoints.opened({}, resume=True):
        raise AssertionError
    assert list(tmp_path.iterdir()) == []


KILLED = """
import os, signal, sys
from mundap.training.fit.task_trainer import TaskTrainer
step, steps = TaskTrainer.training_step, 0
def killed(self, *args, **kwargs):
    global steps
    steps += 1
    if steps == {at}:
        os.kill(os.getpid(), signal.SIGKILL)
    return step(self, *args, **kwargs)
TaskTrainer.training_step = killed
from mundap.cli import main
sys.argv[1:] = {arguments}
main()
"""


def test_after_kill_9_the_command_goes_on_to_the_same_bytes(base: Path, tmp_path: Path) -> None:
    write_faq(FAQ, tmp_path / "faq.csv")

    def run(output: str, at: int, *options: str) -> int:
        arguments = ["train", "--data", str(tmp_path / "faq.csv"), "--base", str(base)]
        arguments += ["--output", str(tmp_path / output), "--epochs", "3", "--batch-size", "4"]
        code = KILLED.format(at=at, arguments=[*arguments, "--learning-rate", "0.1", *options])
        return subprocess.run([sys.executable, "-c", code], check=False).returncode

    assert run("whole", 0) == 0
    assert run("killed", 8) == -signal.SIGKILL
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".killed.training",
        "faq.csv",
        "whole",
    ]
    assert run("killed", 0, "--resume") == 0
    assert files(tmp_path / "killed") == files(tmp_path / "whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["faq.csv", "killed", "whole"]

"""Several processes train the encoder that one would, and end together."""

import json
import re
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from mundap.index.faq.entry import write_faq
from tests.training import shared_runs
from tests.training.launches import launch
from tests.training.small_base import FAQ, record

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def two(base: Path, bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes wrote, with what they printed in `stderr`."""
    folder = tmp_path_factory.mktemp("two")
    done = launch("-m", "tests.training.shared_runs", base, bert, folder)
    (folder / "stderr").write_text(done.stderr, encoding="utf-8")
    assert done.returncode == 1, done.stderr  # the launcher's own, as the last run is refused
    return folder


@pytest.mark.parametrize("name", shared_runs.RUNS)
def test_two_processes_train_what_one_does_on_the_same_batches(
    name: str, two: Path, base: Path, tmp_path: Path
) -> None:
    shared_runs.train_run(name, base, tmp_path)
    assert_same_figures(record(two / name), record(tmp_path / name))
    assert_same_weights(two / name / "model.safetensors", tmp_path / name / "model.safetensors")


@pytest.mark.parametrize("name", shared_runs.LOSSES)
def test_the_gradient_of_two_processes_is_that_of_one(
    name: str, two: Path, bert: Path, tmp_path: Path
) -> None:
    shared_runs.write_gradient(name, bert, tmp_path)
    assert_same_weights(two / f"{name}.safetensors", tmp_path / f"{name}.safetensors")


def test_the_first_of_two_processes_alone_prints(two: Path) -> None:
    shown = (two / "stderr").read_text(encoding="utf-8")
    assert len(re.findall(r"2 processes share batches of 4", shown)) == 4  # one run trains twice
    assert len(re.findall(r"epoch 0  development", shown)) == 3
    assert len(re.findall(r"epoch 2  loss", shown)) == 3


def test_what_two_processes_cannot_train_on_is_refused_once_and_leaves_nothing(two: Path) -> None:
    shown = (two / "stderr").read_text(encoding="utf-8")
    (sentence,) = re.findall(r"^mundap: .*", shown, re.MULTILINE)
    assert sentence.endswith(
        "faq.csv: missing column 'sentence1', 'sentence2', 'score'; found 'question', 'answer'."
    )
    trained = [*shared_runs.RUNS, *(f"{name}.safetensors" for name in shared_runs.LOSSES)]
    assert sorted(path.name for path in two.iterdir()) == sorted([*trained, "faq.csv", "stderr"])


def assert_same_figures(two: dict[str, Any], one: dict[str, Any]) -> None:
    assert (two["processes"], one["processes"]) == (2, 1)
    assert two["epoch"] == one["epoch"]
    for mine, wanted in zip(two["history"], one["history"], strict=True):
        assert mine == pytest.approx(wanted, abs=1e-5)


def assert_same_weights(two: Path, one: Path) -> None:
    found, wanted = load_file(two), load_file(one)
    assert found.keys() == wanted.keys()
    assert any(values.any() for values in wanted.values())
    for name, values in wanted.items():
        np.testing.assert_allclose(found[name], values, atol=2e-6, rtol=1e-4)


# Runs the command line, and lets process AT_RANK end at its step AT_STEP as WAY says.
STOPPED = """
import os, signal, sys
from mundap.cli import main
from mundap.training.fit.task_trainer import TaskTrainer
step, steps = TaskTrainer.training_step, 0
def stopped(self, *args, **kwargs):
    global steps
    steps += 1
    if steps == {at_step} and os.environ["RANK"] == "{at_rank}":
        {way}
    return step(self, *args, **kwargs)
TaskTrainer.training_step = stopped
sys.argv[1:] = {arguments}
main()
"""
KILL = "os.kill(os.getpid(), signal.SIGKILL)"
FULL = "raise OSError(28, 'No space left on device', 'weights')"


def run(tmp_path: Path, base: Path, output: str, *options: str, **stop: Any) -> Any:
    write_faq(FAQ, tmp_path / "faq.csv")
    arguments = ["train", "--data", str(tmp_path / "faq.csv"), "--base", str(base)]
    arguments += ["--output", str(tmp_path / output), "--epochs", "3", "--batch-size", "2"]
    stop = {"at_step": 0, "at_rank": 1, "way": KILL} | stop
    script = tmp_path / "script.py"
    script.write_text(
        STOPPED.format(arguments=[*arguments, "--learning-rate", "0.1", *options], **stop),
        encoding="utf-8",
    )
    done = launch(script)
    script.unlink()
    return done


@pytest.mark.long
@pytest.mark.parametrize("rank", [0, 1])
def test_after_kill_9_of_one_process_the_command_goes_on_to_the_same_weights(
    rank: int, base: Path, tmp_path: Path
) -> None:
    assert run(tmp_path, base, "whole").returncode == 0
    killed = run(tmp_path, base, "killed", at_step=11, at_rank=rank)
    assert killed.returncode == 1
    assert f"exitcode  : {-signal.SIGKILL}" in killed.stderr
    assert not (tmp_path / "killed").exists()
    again = run(tmp_path, base, "killed", "--resume")
    assert again.returncode == 0, again.stderr
    assert_same_files(tmp_path / "killed", tmp_path / "whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["faq.csv", "killed", "whole"]


def assert_same_files(one: Path, other: Path) -> None:
    for name in ("model.safetensors", "config.json"):
        assert (one / name).read_bytes() == (other / name).read_bytes()
    assert json.dumps(record(one)) == json.dumps(record(other))


@pytest.mark.long
@pytest.mark.parametrize("rank", [0, 1])
def test_what_fails_in_one_process_ends_all_with_one_sentence(
    rank: int, base: Path, tmp_path: Path
) -> None:
    failed = run(tmp_path, base, "encoder", at_step=3, at_rank=rank, way=FULL)
    assert failed.returncode == 1
    assert re.findall(r"^mundap: .*|^RuntimeError.*", failed.stderr, re.MULTILINE) == [
        "mundap: weights: No space left on device."
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["faq.csv"]

"""A run whose process is killed at some step, taken up by the next one."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mundap.feedback.verdicts.improvements import last_improvements
from mundap.index.bundle.generations import Generations
from mundap.index.encoders.encoder import directory_fingerprint
from tests.improve.small_shop import improved, open_shop, reopened, say, store, uncovered, visitors

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow

# Runs in the folder of a shop and kills itself where a function of `improve.run` begins or ends.
KILLED = """
import os, signal, sys
from pathlib import Path
from mundap.improve import run
from mundap.training.fit import trainer
from tests.improve.small_shop import improved, reopened, store

folder, module, name, when = sys.argv[1:]
there = {"run": run, "trainer": trainer}[module]
real = getattr(there, name)

def fatal(*arguments, **named):
    if when == "after":
        real(*arguments, **named)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(there, name, fatal)
improved(reopened(Path(folder)), store(Path(folder)))
"""
STEPS = {
    "before anything is written": ("run", "gather", "before"),
    "once the run has begun": ("run", "train_encoder", "before"),
    "in the middle of the training": ("trainer", "_averaged", "before"),
    "once an encoder is trained": ("run", "train_encoder", "after"),
    "once a generation is sealed": ("run", "seal", "after"),
    "once both were asked": ("run", "proof", "after"),
    "once the candidate serves": ("run", "_promoted", "after"),
    "once the encoder is kept": ("run", "_keep_encoder", "after"),
    "before it ends": ("run", "end_improvement", "before"),
}


def open_judged(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    open_shop(folder)
    database = store(folder)
    say(database, [*visitors(), *uncovered()])
    database.close()


def run_and_kill(folder: Path, *step: str) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder), *step],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -9, killed.stderr.decode()


def what_came_of_it(folder: Path) -> dict[str, Any]:
    """Return all that a run leaves."""
    database = store(folder)
    with database.reading() as connection:
        kept = [one for one in last_improvements(connection, 9) if one.state != "failed"]
    database.close()
    reports = [{k: v for k, v in one.report.items() if k != "seconds"} for one in kept]
    generations = Generations(folder / "index").states()
    return {
        "ended": [(one.state, one.generation) for one in kept],
        "reports": reports,
        "generations": [(path.name, state) for path, state in generations],
        "files": {
            path.name: (path / "faq.jsonl").read_bytes() + (path / "fusion.json").read_bytes()
            for path, _ in generations
        },
        "encoder": directory_fingerprint(folder / "encoder"),
        "left": sorted(path.name for path in (folder / "improve").iterdir()),
    }


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("undisturbed")
    open_judged(folder)
    database = store(folder)
    assert improved(reopened(folder), database).state == "promoted"
    database.close()
    return what_came_of_it(folder)


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_run_is_taken_up_and_ends_as_if_it_had_not_been(
    step: str, tmp_path: Path, undisturbed: dict[str, Any]
) -> None:
    open_judged(tmp_path)
    run_and_kill(tmp_path, *STEPS[step])
    database = store(tmp_path)
    assert improved(reopened(tmp_path), database).state == "promoted"
    database.close()
    assert what_came_of_it(tmp_path) == undisturbed


def test_one_that_was_killed_once_it_was_over_has_nothing_left_to_do(
    tmp_path: Path, undisturbed: dict[str, Any]
) -> None:
    open_judged(tmp_path)
    run_and_kill(tmp_path, "run", "forget", "before")
    database = store(tmp_path)
    assert improved(reopened(tmp_path), database).state == "nothing"
    database.close()
    assert what_came_of_it(tmp_path) == undisturbed


def test_of_a_killed_run_that_was_overtaken_the_reason_is_kept_and_a_new_one_begins(
    tmp_path: Path,
) -> None:
    open_judged(tmp_path)
    run_and_kill(tmp_path, *STEPS["once a generation is sealed"])
    database = store(tmp_path)
    # Another margin is another question.
    assert improved(reopened(tmp_path), database, margin=0.5).state == "promoted"
    with database.reading() as connection:
        new, dead = last_improvements(connection, 9)
    database.close()
    assert (dead.state, dead.report["reason"]) == ("failed", "interrupted")
    assert dead.report["words"]["ko"].startswith("실행이 중간에 끊겼고")
    assert (new.state, new.report["margin"]) == ("promoted", 0.5)

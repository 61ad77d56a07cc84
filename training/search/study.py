"""The study of a hyper-parameter search, kept in one file and safe to go on with."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import optuna
from filelock import FileLock, Timeout
from optuna import Study
from optuna.trial import TrialState

from mundap.index.first_line import first_line
from mundap.training.data.pairs import data_digest
from mundap.training.fit.recipe import Stage
from mundap.training.fit.task import Tasks
from mundap.training.search.space import SearchSpace

STUDY_FILE = "study.db"
_NAME = "mundap"
_MADE_FOR = "made for"


class SearchError(ValueError):
    """A search cannot begin, or has found nothing."""


def open_study(directory: Path, stage: Stage, tasks: Tasks, space: SearchSpace) -> Study:
    """Begin a study, or go on with the one that lies there if it was made for the same.

    A trial that was cut off by the end of a process has failed. Raises SearchError.
    """
    path = directory / STUDY_FILE
    storage = f"sqlite:///{path.resolve()}"
    try:
        study = optuna.create_study(
            storage=storage, study_name=_NAME, direction="maximize", load_if_exists=True
        )
    except Exception as error:  # whatever SQLite and its layers say of a file that is none
        raise SearchError(
            f"{path}: not a study that can be opened ({first_line(error)})."
        ) from None
    _require_same(study, _identity(stage, tasks, space), path)
    for cut_off in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        study.tell(cut_off.number, state=TrialState.FAIL)
    # With the same seed again, a resumed search would draw its first trials a second time.
    study.sampler = optuna.samplers.TPESampler(seed=stage.config.seed + len(study.trials))
    study.pruner = optuna.pruners.MedianPruner()  # not before five trials have ended
    return study


def _identity(stage: Stage, tasks: Tasks, space: SearchSpace) -> dict[str, str]:
    pairs = [pair for t in tasks.values() for pair in [*t.split.pairs, *t.split.held_out]]
    described = {
        "data": data_digest(pairs),
        "recipe": {
            "config": asdict(stage.config),
            "tasks": {name: asdict(task) for name, task in stage.tasks.items()},  # type: ignore[call-overload]
        },
        "space": asdict(space),
    }
    return {name: json.dumps(value, sort_keys=True) for name, value in described.items()}


def _require_same(study: Study, wanted: dict[str, str], path: Path) -> None:
    found = study.user_attrs.get(_MADE_FOR)
    if found is None:
        study.set_user_attr(_MADE_FOR, wanted)
        return
    different = [name for name, value in wanted.items() if found.get(name) != value]
    if different:
        raise SearchError(
            f"{path}: a study with another {' and another '.join(different)}, so its trials do "
            "not compare. Name another directory."
        )


@contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Hold the directory: a second search would take the first one's trial for a dead one."""
    try:
        with FileLock(directory / ".lock", timeout=0):
            yield
    except Timeout:
        raise SearchError(f"{directory}: another search is running here.") from None


@contextmanager
def quiet() -> Iterator[None]:
    """Keep optuna's own lines and tracebacks away: `told` and our errors have them."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)

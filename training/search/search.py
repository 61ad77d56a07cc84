"""Hyper-parameter search: many short runs, each judged by what was held out."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import optuna
from optuna import Study, Trial
from optuna.trial import FrozenTrial, TrialState
from torch import OutOfMemoryError
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from mundap.training.config import TrainingConfig
from mundap.training.data.sources import Sources
from mundap.training.fit.recipe import Recipe, Stage
from mundap.training.fit.task import Task, Tasks
from mundap.training.fit.trainer import train_tasks
from mundap.training.search.plots import draw_search
from mundap.training.search.recipe import write_recipe
from mundap.training.search.space import SearchSpace
from mundap.training.search.study import SearchError, alone, open_study, quiet

RECIPE_FILE = "best.toml"
_NO_ROOM = "out of memory"
_FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)


@dataclass(frozen=True, slots=True)
class Found:
    """The best trial of a search and where its recipe lies."""

    value: float
    config: TrainingConfig
    recipe: Path
    finished: int
    pruned: int


def search(
    recipe: Recipe,
    sources: Mapping[str, Sources],
    space: SearchSpace,
    *,
    trials: int,
    directory: Path,
    told: Callable[[str], None] = lambda line: None,
) -> Found:
    """Try `trials` settings of a recipe and write the best as a recipe to `directory`.

    A trial's value is the best epoch's development figure of the first task. Once five trials
    have ended, one that lies below their median after an epoch is pruned. `directory` keeps
    the study: called again, the search goes on to `trials` in all, and a trial that was cut
    off counts for nothing. Beside `best.toml` lie `history.png` and `importances.png`. `told`
    gets a line for each trial. Raises SearchError, or what reading and training raise.
    """
    stage = _only_stage(recipe, trials)
    tasks = _read(stage, sources)
    figure = _judged_by(tasks)
    directory.mkdir(parents=True, exist_ok=True)
    with alone(directory), quiet():
        study = open_study(directory, stage, tasks, space)
        finished = len(study.get_trials(deepcopy=False, states=_FINISHED))

        def line(study: Study, trial: FrozenTrial) -> None:
            told(_line(study, trial, trials, figure))

        study.optimize(
            lambda trial: _value(trial, space.draw(trial, stage.config), tasks, figure),
            n_trials=max(0, trials - finished),
            callbacks=[line],
        )
        return _write(study, stage, space, figure, directory)


class _Report(TrainerCallback):
    """Tells a trial each epoch's figure, and ends the run when that is no use any more."""

    def __init__(self, trial: Trial, figure: str) -> None:
        self._trial = trial
        self._figure = figure
        self.pruned = False

    def on_evaluate(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        metrics: dict[str, float] | None = None,
        **kwargs: Any,
    ) -> None:
        """Report the epoch; after the last one there is nothing left to save."""
        epoch = round(state.epoch or 0)
        self._trial.report((metrics or {})[f"eval_{self._figure}"], epoch)
        if epoch < args.num_train_epochs and self._trial.should_prune():
            self.pruned = control.should_training_stop = True


def _value(trial: Trial, config: TrainingConfig, tasks: Tasks, figure: str) -> float:
    report = _Report(trial, figure)
    with TemporaryDirectory(prefix="mundap-search-") as scratch:
        try:
            path = train_tasks(tasks, config, Path(scratch) / "encoder", watcher=report)
        except OutOfMemoryError:
            # A batch too large is a bad setting, to be drawn less, and not the end of the search.
            trial.set_user_attr(_NO_ROOM, True)
            raise optuna.TrialPruned from None
        history = json.loads((path / "training.json").read_text(encoding="utf-8"))["history"]
    if report.pruned:
        raise optuna.TrialPruned
    return float(max(row[figure] for row in history if row["epoch"] > 0))


def _only_stage(recipe: Recipe, trials: int) -> Stage:
    if trials < 1:
        raise SearchError(f"trials is {trials}; wanted at least 1.")
    if len(recipe.stages) > 1:
        raise SearchError(
            f"{recipe.name}: has {len(recipe.stages)} stages; a search varies one. Write the stage "
            "to search as a recipe of its own."
        )
    return recipe.stages[0]


def _read(stage: Stage, sources: Mapping[str, Sources]) -> Tasks:
    missing = [name for name in stage.tasks if name not in sources]
    if missing:
        raise SearchError(f"No data for {missing[0]}. Give --data {missing[0]}=FILE.")
    return {
        name: Task(objective, objective.read(sources[name], stage.config))
        for name, objective in stage.tasks.items()
    }


def _judged_by(tasks: Tasks) -> str:
    first = next(iter(tasks.values()))
    if first.split.development is None:
        raise SearchError(
            "Nothing is held out to judge by. Give --development more than 0, and data with "
            "several answers."
        )
    return first.objective.primary


def _line(study: Study, trial: FrozenTrial, trials: int, figure: str) -> str:
    finished = len(study.get_trials(deepcopy=False, states=_FINISHED))
    values = ", ".join(
        f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in trial.params.items()
    )
    if trial.state is TrialState.COMPLETE:
        result = f"{figure} {trial.value:.4f}"
    else:
        result = _NO_ROOM if _NO_ROOM in trial.user_attrs else "pruned"
    return f"trial {finished}/{trials}: {result}  ({values})"


def _write(study: Study, stage: Stage, space: SearchSpace, figure: str, directory: Path) -> Found:
    finished = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    if not finished:
        raise SearchError(
            f"{directory}: no trial has come to its end. Ask for more trials, or for smaller "
            "batch sizes."
        )
    best = study.best_trial
    drawn = space.draw(optuna.trial.FixedTrial(best.params), stage.config)
    config = replace(drawn, refit=stage.config.refit)
    value = float(best.value or 0.0)
    pruned = len(study.get_trials(deepcopy=False, states=(TrialState.PRUNED,)))
    note = f"{figure} {value:.4f}, the best of {len(finished)} trials ({pruned} more were pruned)"
    path = write_recipe(stage, config, note, directory / RECIPE_FILE)
    draw_search(study, figure, directory)
    return Found(value, config, path, len(finished), pruned)

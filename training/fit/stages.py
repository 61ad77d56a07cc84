"""Runs a recipe: one stage after the other, each from the best epoch of the one before."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mundap.training.data.sources import Sources
from mundap.training.fit.bookkeeping import Bookkeeping
from mundap.training.fit.encoder_directory import require_place
from mundap.training.fit.recipe import Recipe, RecipeError, Stage
from mundap.training.fit.task import Task, Tasks
from mundap.training.fit.trainer import train_tasks


def train_recipe(
    recipe: Recipe,
    sources: Mapping[str, Sources],
    output: Path,
    keep: Bookkeeping | None = None,
) -> Path:
    """Train every stage of `recipe` on the sources of its names and write the last to `output`.

    Earlier stages leave their encoders beside it, as `OUTPUT.STAGE`: a failure later loses
    nothing, and each can be compared. All data is read before the first stage begins. The
    `training.json` of the last holds the records of all. Raises as `train_tasks` does.
    """
    places = {
        stage.name: output.with_name(f"{output.name}.{stage.name}") for stage in recipe.stages[:-1]
    } | {recipe.stages[-1].name: output}
    for place in places.values():
        require_place(place)
    tasks = [_tasks(stage, sources, recipe) for stage in recipe.stages]
    earlier: list[dict[str, Any]] = []
    for stage, stage_tasks in zip(recipe.stages, tasks, strict=True):
        config = stage.config
        if earlier:  # pooling and clean-up came with the first base
            before = recipe.stages[len(earlier) - 1].name
            config = replace(config, base=str(places[before]), pooling=None, clean_up="raw")
        notes = {"recipe": recipe.name, "stage": stage.name, "earlier": earlier}
        path = train_tasks(
            stage_tasks, config, places[stage.name], notes, keep=_of_stage(keep, stage, recipe)
        )
        record = json.loads((path / "training.json").read_text(encoding="utf-8"))
        earlier = [*earlier, {key: value for key, value in record.items() if key != "earlier"}]
    return output


def _of_stage(keep: Bookkeeping | None, stage: Stage, recipe: Recipe) -> Bookkeeping | None:
    """Let each of several stages log into a directory of its own."""
    if keep is None or keep.log_dir is None or len(recipe.stages) == 1:
        return keep
    return replace(keep, log_dir=keep.log_dir / stage.name)


def _tasks(stage: Stage, sources: Mapping[str, Sources], recipe: Recipe) -> Tasks:
    missing = [name for name in stage.tasks if name not in sources]
    if missing:
        raise RecipeError(
            f"{recipe.name}: no data for {missing[0]}. Give --data {missing[0]}=FILE."
        )
    return {
        name: Task(objective, objective.read(sources[name], stage.config))
        for name, objective in stage.tasks.items()
    }

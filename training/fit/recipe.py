"""Recipes: which objectives with which values, in one stage or several, as TOML."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from mundap.training.config import TrainingConfig
from mundap.training.objectives.contrastive_random import ContrastiveRandom
from mundap.training.objectives.masked_words import MaskedWords
from mundap.training.objectives.mnrl import Mnrl
from mundap.training.objectives.nli import Nli
from mundap.training.objectives.objective import Objective
from mundap.training.objectives.sts import Sts

SHIPPED = Path(__file__).resolve().parent / "recipes"
OBJECTIVES: Mapping[str, type[Objective]] = MappingProxyType(
    {objective.name: objective for objective in (Mnrl, ContrastiveRandom, Sts, Nli, MaskedWords)}
)

_Built = TypeVar("_Built")


class RecipeError(ValueError):
    """A recipe or what was given to it makes no sense."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One training run: its values, and its objectives by the name of their data."""

    name: str
    config: TrainingConfig
    tasks: Mapping[str, Objective]


@dataclass(frozen=True, slots=True)
class Recipe:
    """Stages, each of which starts from the best epoch of the one before."""

    name: str
    stages: tuple[Stage, ...]

    @classmethod
    def of(cls, objective: str) -> "Recipe":
        """Return one stage with the defaults of an objective, whose data is called the same."""
        if objective not in OBJECTIVES:
            raise RecipeError(f"objective {objective!r}; wanted {', '.join(OBJECTIVES)}.")
        task = {objective: OBJECTIVES[objective]()}
        return cls(objective, (Stage(objective, TrainingConfig(), task),))

    @classmethod
    def read(cls, name_or_path: str) -> "Recipe":
        """Read a recipe of this package by its name, or any TOML file.

        A file has keys of TrainingConfig and a table `tasks`, or an array `stages` of such
        tables, for which keys outside are the defaults. Raises RecipeError naming the key.
        """
        path = Path(name_or_path)
        if not path.suffix:
            path = SHIPPED / f"{name_or_path}.toml"
        table = _read_toml(path, name_or_path)
        stages = table.pop("stages", None)
        if stages is None:
            return cls(path.stem, (_stage({"name": path.stem, **table}, str(path)),))
        if not isinstance(stages, list) or not stages or "tasks" in table:
            raise RecipeError(f"{path}: wanted either `tasks` or an array of tables `stages`.")
        built = [_stage({**table, **s}, f"{path}, stage {n}") for n, s in enumerate(stages, 1)]
        names = [stage.name for stage in built]
        if len(set(names)) < len(names):
            raise RecipeError(f"{path}: two stages are called the same; their names are {names}.")
        return cls(path.stem, tuple(built))

    @property
    def data_names(self) -> list[str]:
        """The names of the data that it needs, in the order of their use."""
        return list(dict.fromkeys(name for stage in self.stages for name in stage.tasks))

    def changed(self, **values: Any) -> "Recipe":
        """Return it with these values of TrainingConfig in every stage."""
        stages = [replace(s, config=replace(s.config, **values)) for s in self.stages]
        return replace(self, stages=tuple(stages))

    def scaled(self, scale: float) -> "Recipe":
        """Return it with this scale in every objective that has one."""
        if not any(hasattr(task, "scale") for s in self.stages for task in s.tasks.values()):
            raise RecipeError(f"{self.name}: none of its objectives has a scale. Leave it out.")
        return replace(self, stages=tuple(replace(s, tasks=_scaled(s, scale)) for s in self.stages))


def shipped_names() -> list[str]:
    """Return the names of the recipes of this package."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def _scaled(stage: Stage, scale: float) -> dict[str, Objective]:
    return {
        name: replace(task, scale=scale) if hasattr(task, "scale") else task  # type: ignore[type-var]
        for name, task in stage.tasks.items()
    }


def _read_toml(path: Path, name_or_path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecipeError(
            f"{name_or_path}: no such recipe; wanted a TOML file or one of "
            f"{', '.join(shipped_names())}."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path}: not a TOML file ({error}).") from None


def _stage(table: dict[str, Any], place: str) -> Stage:
    tasks = table.pop("tasks", None)
    if not isinstance(tasks, dict) or not all(isinstance(t, dict) for t in tasks.values()):
        raise RecipeError(f"{place}: wanted a table `tasks` with a table for each objective.")
    if not tasks:
        raise RecipeError(f"{place}: no tasks. Name at least one objective with its data.")
    name = str(table.pop("name", "+".join(tasks)))
    objectives = {task: _objective(task, dict(t), place) for task, t in tasks.items()}
    return Stage(name, _built(TrainingConfig, table, place), objectives)


def _objective(name: str, table: dict[str, Any], place: str) -> Objective:
    kind = table.pop("objective", name)
    if kind not in OBJECTIVES:
        raise RecipeError(
            f"{place}, task {name}: objective {kind!r}; wanted {', '.join(OBJECTIVES)}."
        )
    return _built(OBJECTIVES[kind], table, f"{place}, task {name}")


def _built(kind: type[_Built], table: dict[str, Any], place: str) -> _Built:
    known = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    unknown = [key for key in table if key not in known]
    if unknown:
        raise RecipeError(f"{place}: unknown key {unknown[0]!r}; wanted {', '.join(known)}.")
    try:
        return TypeAdapter(kind).validate_python(table)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        reason = first["msg"].removeprefix("Value error, ").rstrip(".")
        raise RecipeError(f"{place}: {key + ': ' if key else ''}{reason}.") from None

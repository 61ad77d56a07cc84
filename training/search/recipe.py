"""What a search found, as a recipe that `mundap train` reads."""

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from mundap.training.config import TrainingConfig
from mundap.training.fit.recipe import Stage


def write_recipe(stage: Stage, config: TrainingConfig, note: str, path: Path) -> Path:
    """Write the tasks of `stage` with the values of `config` as TOML, below a note.

    Values that are the usual ones are left out.
    """
    lines = [f"# Found by `mundap search`: {note}.", *_changed(config)]
    for name, objective in stage.tasks.items():
        lines += ["", f"[tasks.{json.dumps(name, ensure_ascii=False)}]"]
        lines += [f'objective = "{objective.name}"', *_changed(objective)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _changed(values: Any) -> list[str]:
    """Return `key = value` for each field of a dataclass that has not its default.

    JSON's strings, numbers, booleans and lists are TOML's too.
    """
    usual = {field.name: field.default for field in fields(values)}
    return [
        f"{name} = {json.dumps(value, ensure_ascii=False)}"
        for name, value in asdict(values).items()
        if value is not None and value != usual[name]
    ]

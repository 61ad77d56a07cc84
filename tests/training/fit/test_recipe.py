from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mundap.index.faq.entry import write_faq
from mundap.index.tables.table_writer import write_table
from mundap.training.config import TrainingConfig
from mundap.training.data.sources import Sources
from mundap.training.fit.recipe import (
    OBJECTIVES,
    SHIPPED,
    Recipe,
    RecipeError,
    Stage,
    shipped_names,
)
from mundap.training.fit.stages import train_recipe
from mundap.training.objectives.contrastive_random import ContrastiveRandom
from mundap.training.objectives.mnrl import Mnrl
from mundap.training.objectives.nli import Nli
from mundap.training.objectives.sts import Sts
from tests.training.sentences import TEXTS, write_nli, write_sts
from tests.training.small_base import FAQ, record

ONE = """
epochs = 4
train_only = ["*layer.11.*"]
[tasks.questions]
objective = "mnrl"
scale = 5
dimensions = [8, 4]
"""
TWO = """
seed = 3
epochs = 4
[[stages]]
name = "first"
epochs = 2
[stages.tasks.nli]
[[stages]]
[stages.tasks.qa]
objective = "mnrl"
[stages.tasks.sts]
loss = "cosent"
"""


def written(folder: Path, text: str) -> str:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def data(folder: Path) -> dict[str, Sources]:
    write_faq(FAQ, folder / "faq.csv")
    files = {
        "qa": folder / "faq.csv",
        "sts": write_sts(folder / "sts.csv"),
        "nli": write_nli(folder / "nli.csv"),
        "text": folder / "text.csv",
    }
    write_table(pd.DataFrame({"text": TEXTS}), files["text"])
    return {name: Sources((path,)) for name, path in files.items()}


def test_a_file_of_one_stage_is_read(tmp_path: Path) -> None:
    config = TrainingConfig(epochs=4, train_only=("*layer.11.*",))
    tasks = {"questions": Mnrl(scale=5.0, dimensions=(8, 4))}
    recipe = Recipe.read(written(tmp_path, ONE))
    assert recipe == Recipe("mine", (Stage("mine", config, tasks),))
    assert recipe.data_names == ["questions"]


def test_stages_take_what_stands_outside_them_as_their_defaults(tmp_path: Path) -> None:
    recipe = Recipe.read(written(tmp_path, TWO))
    assert recipe.stages == (
        Stage("first", TrainingConfig(seed=3, epochs=2), {"nli": Nli()}),
        Stage("qa+sts", TrainingConfig(seed=3, epochs=4), {"qa": Mnrl(), "sts": Sts("cosent")}),
    )
    assert recipe.data_names == ["nli", "qa", "sts"]


@pytest.mark.parametrize("name", OBJECTIVES)
def test_an_objective_alone_is_a_recipe(name: str) -> None:
    task = {name: OBJECTIVES[name]()}
    assert Recipe.of(name) == Recipe(name, (Stage(name, TrainingConfig(), task),))


def test_values_change_in_every_stage_and_a_scale_in_every_objective_that_has_one(
    tmp_path: Path,
) -> None:
    recipe = Recipe.read(written(tmp_path, TWO)).changed(epochs=1, seed=9).scaled(4.0)
    assert [stage.config for stage in recipe.stages] == [TrainingConfig(seed=9, epochs=1)] * 2
    assert recipe.stages[0].tasks == {"nli": Nli()}
    assert recipe.stages[1].tasks == {"qa": Mnrl(scale=4.0), "sts": Sts("cosent", 4.0)}
    with pytest.raises(RecipeError, match="nli: none of its objectives has a scale"):
        Recipe.of("nli").scaled(4.0)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "epoch = 3\n[tasks.mnrl]",
            r"mine\.toml: unknown key 'epoch'; wanted base, seed, batch_size",
        ),
        ("[tasks.mnrl]\nmargin = 1", "task mnrl: unknown key 'margin'; wanted pairs, scale"),
        ("[tasks.mnrl]\nscale = -1", r"task mnrl: scale is -1\.0; wanted 0\.001 to 1000\.0\."),
        ("[tasks.mnrl]\npairs = 'all'", "task mnrl: pairs: Input should be 'both', 'answers' or"),
        ("epochs = 'many'\n[tasks.mnrl]", "mine.toml: epochs: Input should be a valid integer"),
        ("[tasks.qa]", "task qa: objective 'qa'; wanted mnrl, contrastive-random, sts, nli"),
        ("epochs = 3", "wanted a table `tasks` with a table for each objective"),
        ("[tasks]", "no tasks. Name at least one objective"),
        ("tasks = 1", "wanted a table `tasks`"),
        ("stages = []", "wanted either `tasks` or an array of tables `stages`"),
        ("[tasks.mnrl]\n[[stages]]", "wanted either `tasks` or an array of tables `stages`"),
        ("[[stages]]\n[stages.tasks.nli]\nx = 1", "stage 1, task nli: unknown key 'x'"),
        (
            "[[stages]]\n[stages.tasks.nli]\n[[stages]]\n[stages.tasks.nli]",
            r"two stages are called the same; their names are \['nli', 'nli'\]",
        ),
        ("epochs = ", "not a TOML file"),
    ],
)
def test_what_makes_no_sense_is_named(text: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=reason):
        Recipe.read(written(tmp_path, text))


def test_a_recipe_that_is_not_there_is_answered_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(
        RecipeError, match=r"best: no such recipe; wanted a TOML file or one of .*sts"
    ):
        Recipe.read("best")
    with pytest.raises(RecipeError, match=r"mine\.toml: no such recipe"):
        Recipe.read(str(tmp_path / "mine.toml"))
    with pytest.raises(RecipeError, match="objective 'best'; wanted mnrl"):
        Recipe.of("best")


# What a tiny encoder needs: the recipes' own values are for real ones.
OF_EMBEDDED = {"staged-embedded"}
NOT_EMBEDDED = {"mnrl-cached", "matryoshka", "sts-pretrained"}
TINY: dict[str, Any] = {"epochs": 1, "batch_size": 4, "learning_rate": 0.01, "max_seq_length": 32}


def of_embedded() -> list[Any]:
    """Every recipe for the embedded kind; those that also train a transformer take their time."""
    names = sorted({*shipped_names()} - NOT_EMBEDDED)
    return [n if n in OF_EMBEDDED else pytest.param(n, marks=pytest.mark.long) for n in names]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted({*shipped_names()} - OF_EMBEDDED))
def test_every_recipe_but_those_of_the_embedded_kind_trains_a_transformer(
    name: str, bert: Path, deep_bert: Path, tmp_path: Path
) -> None:
    recipe = Recipe.read(name).changed(base=str(bert), **TINY)
    if name == "sts-pretrained":  # has nothing to train alone in one layer
        recipe = recipe.changed(base=str(deep_bert), train_top=1)
    if name == "matryoshka":  # its widths are those of the embedded encoder
        tasks = {"qa": Mnrl(dimensions=(16, 8))}
        recipe = Recipe(name, (Stage(name, recipe.stages[0].config, tasks),))
    path = train_recipe(recipe, data(tmp_path), tmp_path / "encoder")
    assert record(path)["recipe"] == name
    assert record(path)["fingerprint"]


@pytest.mark.slow
@pytest.mark.parametrize("name", of_embedded())
def test_every_recipe_but_those_of_transformers_trains_the_embedded_kind(
    name: str, base: Path, tmp_path: Path
) -> None:
    recipe = Recipe.read(name).changed(base=str(base), soup=1, **TINY)
    path = train_recipe(recipe, data(tmp_path), tmp_path / "encoder")
    assert record(path)["recipe"] == name


def test_the_recipe_of_the_default_is_the_default() -> None:
    (stage,) = Recipe.read("mnrl").stages
    assert stage.tasks == {"qa": Mnrl()}
    assert stage.config == TrainingConfig(refit=True)
    assert ContrastiveRandom() in Recipe.read("contrastive-random").stages[0].tasks.values()


@pytest.mark.parametrize("name", shipped_names())
def test_every_recipe_says_what_data_it_takes(name: str) -> None:
    text = (SHIPPED / f"{name}.toml").read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert "\n# Data: " in text

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mundap.evaluation.sts import StsError
from mundap.index.encoders.encoder import EncoderError
from mundap.index.encoders.registry import load_encoder
from mundap.index.faq.entry import write_faq
from mundap.training.data.sources import Sources
from mundap.training.fit import stages
from mundap.training.fit.recipe import Recipe, RecipeError
from mundap.training.fit.stages import train_recipe
from tests.training.sentences import sts_rows, write_nli, write_sts
from tests.training.small_base import FAQ, record

pytestmark = pytest.mark.slow

RECIPE = """
base = "{base}"
epochs = 2
learning_rate = 0.1
batch_size = 4
[[stages]]
name = "nli"
[stages.tasks.nli]
[[stages]]
name = "sts"
[stages.tasks.sts]
[[stages]]
name = "qa"
[stages.tasks.qa]
objective = "mnrl"
"""


@pytest.fixture
def recipe(base: Path, tmp_path: Path) -> Recipe:
    path = tmp_path / "three.toml"
    path.write_text(RECIPE.format(base=base), encoding="utf-8")
    return Recipe.read(str(path))


@pytest.fixture
def sources(tmp_path: Path) -> dict[str, Sources]:
    write_faq(FAQ, tmp_path / "faq.csv")
    return {
        "qa": Sources((tmp_path / "faq.csv",)),
        "sts": Sources((write_sts(tmp_path / "sts.csv"),)),
        "nli": Sources((write_nli(tmp_path / "nli.csv"),)),
    }


def test_each_stage_starts_from_the_best_of_the_one_before(
    recipe: Recipe, sources: dict[str, Sources], base: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out" / "encoder"
    assert train_recipe(recipe, sources, output) == output
    places = [output.with_name("encoder.nli"), output.with_name("encoder.sts"), output]
    assert sorted(path.name for path in output.parent.iterdir()) == [
        p.name for p in [output, *places[:2]]
    ]
    bases = [record(place)["config"]["base"] for place in places]
    assert bases == [str(base), str(places[0]), str(places[1])]
    # Retrieval before the first step of the last stage is that of the stage before.
    vectors = [load_encoder(place).encode(["배송비가 얼마예요"]) for place in [base, *places]]
    assert len({tuple(vector[0]) for vector in vectors}) == 4


def test_what_a_stage_is_given_is_what_the_stage_before_wrote(
    recipe: Recipe, sources: dict[str, Sources], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = []
    train_tasks = stages.train_tasks

    def watched(tasks: Any, config: Any, *args: Any, **kwargs: Any) -> Path:
        given.append(load_encoder(config.base).fingerprint)
        return train_tasks(tasks, config, *args, **kwargs)

    monkeypatch.setattr(stages, "train_tasks", watched)
    output = train_recipe(recipe, sources, tmp_path / "encoder")
    earlier = record(output)["earlier"]
    assert [stage["stage"] for stage in earlier] == ["nli", "sts"]
    assert given[1:] == [stage["fingerprint"] for stage in earlier]
    assert "accuracy" in earlier[0]["history"][0]
    assert "pearson" in earlier[1]["history"][0]
    assert record(output)["stage"] == "qa"


def test_what_goes_wrong_in_a_later_stage_loses_no_earlier_one(
    recipe: Recipe, sources: dict[str, Sources], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_tasks = stages.train_tasks

    def full(tasks: Any, config: Any, output: Path, *args: Any, **kwargs: Any) -> Path:
        if output.name == "encoder.sts":
            raise OSError("No space left on device")
        return train_tasks(tasks, config, output, *args, **kwargs)

    monkeypatch.setattr(stages, "train_tasks", full)
    with pytest.raises(OSError, match="No space left"):
        train_recipe(recipe, sources, tmp_path / "encoder")
    assert load_encoder(tmp_path / "encoder.nli").dimension == 8
    assert not (tmp_path / "encoder").exists()


def test_all_data_is_read_before_the_first_stage(
    recipe: Recipe, sources: dict[str, Sources], tmp_path: Path
) -> None:
    write_sts(tmp_path / "sts.csv", [*sts_rows(), ("가", "나", 7.0)])
    with pytest.raises(StsError, match="wanted a number from 0 to 5"):
        train_recipe(recipe, sources, tmp_path / "encoder")
    with pytest.raises(RecipeError, match=r"three: no data for sts\. Give --data sts=FILE"):
        train_recipe(recipe, {"nli": sources["nli"]}, tmp_path / "encoder")
    assert not list(tmp_path.glob("encoder*"))


def test_a_directory_of_other_files_in_the_place_of_a_stage_is_refused(
    recipe: Recipe, sources: dict[str, Sources], tmp_path: Path
) -> None:
    (tmp_path / "encoder.sts").mkdir()
    (tmp_path / "encoder.sts" / "thesis.txt").write_text("ten years", encoding="utf-8")
    with pytest.raises(EncoderError, match=r"encoder\.sts: holds files that are no encoder"):
        train_recipe(recipe, sources, tmp_path / "encoder")


def test_pooling_and_clean_up_of_the_first_base_stay(
    bert: Path, recipe: Recipe, sources: dict[str, Sources], tmp_path: Path
) -> None:
    chosen = recipe.changed(
        base=str(bert), pooling="cls", clean_up="hangul-only", epochs=1, learning_rate=1e-3
    )
    output = train_recipe(chosen, sources, tmp_path / "encoder")
    pooling = (output / "1_Pooling" / "config.json").read_text(encoding="utf-8")
    assert '"pooling_mode": "cls"' in pooling
    encoder = load_encoder(output)
    first, second = encoder.encode(["배송비 abc 얼마예요?!", "배송비 얼마예요"])
    np.testing.assert_allclose(first, second, atol=1e-6)

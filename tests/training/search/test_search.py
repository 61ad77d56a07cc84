import dataclasses
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import optuna
import pytest
from filelock import FileLock
from matplotlib import pyplot as plt
from optuna.trial import TrialState
from torch import OutOfMemoryError

from mundap.index.faq.entry import write_faq
from mundap.training.config import TrainingConfig
from mundap.training.data.sources import Sources
from mundap.training.fit.recipe import Recipe
from mundap.training.fit.stages import train_recipe
from mundap.training.fit.task import Tasks
from mundap.training.search import search as module
from mundap.training.search.search import search
from mundap.training.search.space import SearchSpace
from mundap.training.search.study import STUDY_FILE, SearchError
from tests.training.small_base import FAQ

pytestmark = pytest.mark.slow

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def sources(tmp_path: Path) -> dict[str, Sources]:
    write_faq(FAQ, tmp_path / "faq.csv")
    return {"mnrl": Sources((tmp_path / "faq.csv",))}


@pytest.fixture
def recipe(base: Path) -> Recipe:
    return Recipe.of("mnrl").changed(base=str(base), development=0.3)


@pytest.fixture
def space(base: Path) -> SearchSpace:
    return SearchSpace(bases=(str(base),), batch_sizes=(2, 4))


Figures = Callable[[TrainingConfig], list[float]]


def scripted(monkeypatch: pytest.MonkeyPatch, figures: Figures) -> list[TrainingConfig]:
    """Let runs have these figures after each epoch; return the configs that were run."""
    run: list[TrainingConfig] = []

    def train(tasks: Tasks, config: TrainingConfig, output: Path, watcher: Any) -> Path:
        run.append(config)
        history = [{"epoch": 0.0, "mrr@10": 2.0}]
        control = SimpleNamespace(should_training_stop=False)
        args = SimpleNamespace(num_train_epochs=config.epochs)
        for epoch, value in enumerate(figures(config), start=1):
            history.append({"epoch": float(epoch), "mrr@10": value})
            state = SimpleNamespace(epoch=float(epoch))
            watcher.on_evaluate(args, state, control, metrics={"eval_mrr@10": value})
            if control.should_training_stop:
                break
        output.mkdir()
        (output / "training.json").write_text(json.dumps({"history": history}), encoding="utf-8")
        return output

    monkeypatch.setattr(module, "train_tasks", train)
    return run


def by_rate(config: TrainingConfig) -> list[float]:
    """Better the nearer the learning rate is to 2e-3; best in the first epoch."""
    value = 1 / (1 + abs(math.log((config.learning_rate or 0) / 2e-3)))
    return [value * 0.9**epoch for epoch in range(config.epochs)]


def study_of(directory: Path) -> optuna.Study:
    return optuna.load_study(study_name="mundap", storage=f"sqlite:///{directory / STUDY_FILE}")


@pytest.fixture(autouse=True)
def _style_stays() -> Iterator[None]:
    before = dict(plt.rcParams)
    yield
    assert dict(plt.rcParams) == before
    assert plt.get_fignums() == []


def test_a_search_trains_and_leaves_a_recipe_that_trains_again(
    recipe: Recipe, space: SearchSpace, sources: dict[str, Sources], tmp_path: Path
) -> None:
    small = dataclasses.replace(space, learning_rate=(0.02, 0.2), epochs=2)
    lines: list[str] = []
    found = search(recipe, sources, small, trials=2, directory=tmp_path / "s", told=lines.append)
    assert (found.finished, found.pruned, len(lines)) == (2, 0, 2)
    assert lines[0].startswith("trial 1/2: mrr@10 0.")
    names = {path.name for path in (tmp_path / "s").iterdir()}
    assert {"best.toml", "history.png", STUDY_FILE} <= names
    assert (tmp_path / "s/history.png").read_bytes().startswith(PNG)

    (stage,) = Recipe.read(str(found.recipe)).stages
    assert dataclasses.replace(stage.config, refit=None) == found.config
    assert stage.tasks == recipe.stages[0].tasks
    path = train_recipe(
        Recipe.read(str(found.recipe)).changed(refit=False), sources, tmp_path / "e"
    )
    history = json.loads((path / "training.json").read_text(encoding="utf-8"))["history"]
    assert max(row["mrr@10"] for row in history[1:]) == pytest.approx(found.value)
    assert found.value == max(trial.value for trial in study_of(tmp_path / "s").trials)


def test_the_best_of_many_trials_is_found_near_the_optimum(
    recipe: Recipe,
    space: SearchSpace,
    sources: dict[str, Sources],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = scripted(monkeypatch, by_rate)
    found = search(recipe, sources, space, trials=16, directory=tmp_path / "s")
    assert len(run) == 16
    assert 1e-3 < (found.config.learning_rate or 0) < 4e-3
    assert {config.batch_size for config in run} == {2, 4}
    assert {config.epochs for config in run} == {1, 2, 3, 4}
    assert all(1e-5 <= config.weight_decay <= 0.1 for config in run)
    assert all(0 <= config.warmup <= 0.3 for config in run)
    assert all(6e-4 <= (config.learning_rate or 0) <= 6e-3 for config in run)
    assert (tmp_path / "s/importances.png").read_bytes().startswith(PNG)
    first_line = found.recipe.read_text(encoding="utf-8").splitlines()[0]
    assert first_line == (
        f"# Found by `mundap search`: mrr@10 {found.value:.4f}, the best of {found.finished} "
        f"trials ({found.pruned} more were pruned)."
    )


def test_a_trial_below_the_median_is_pruned_but_not_in_its_last_epoch(
    recipe: Recipe,
    space: SearchSpace,
    sources: dict[str, Sources],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number = iter(range(100))

    def figures(config: TrainingConfig) -> list[float]:
        return [1.0 if next(number) < 5 else 0.1] * config.epochs

    scripted(monkeypatch, figures)
    found = search(recipe, sources, space, trials=12, directory=tmp_path / "s")
    trials = study_of(tmp_path / "s").trials
    assert found.pruned > 0
    assert {t.number for t in trials if t.state is TrialState.PRUNED} == {
        t.number for t in trials if t.number >= 5 and t.params["epochs"] > 1
    }
    assert all(set(t.intermediate_values) == {1} for t in trials if t.state is TrialState.PRUNED)
    assert found.value == 1.0


def test_a_search_goes_on_where_it_ended(
    recipe: Recipe,
    space: SearchSpace,
    sources: dict[str, Sources],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = scripted(monkeypatch, by_rate)
    search(recipe, sources, space, trials=3, directory=tmp_path / "s")
    search(recipe, sources, space, trials=3, directory=tmp_path / "s")
    assert len(run) == 3
    found = search(recipe, sources, space, trials=7, directory=tmp_path / "s")
    assert (len(run), found.finished) == (7, 7)
    assert len({config.learning_rate for config in run}) == 7


@pytest.mark.parametrize("end", [KeyboardInterrupt("stopped"), OSError("No space left")])
def test_a_trial_that_was_cut_off_counts_for_nothing(
    end: Any,
    recipe: Recipe,
    space: SearchSpace,
    sources: dict[str, Sources],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number = iter(range(100))

    def figures(config: TrainingConfig) -> list[float]:
        if next(number) == 2:
            raise end
        return by_rate(config)

    scripted(monkeypatch, figures)
    with pytest.raises(type(end), match=str(end)):
        search(recipe, sources, space, trials=4, directory=tmp_path / "s")
    study = study_of(tmp_path / "s")
    study.add_trial(optuna.trial.create_trial(state=TrialState.RUNNING))  # as a kill leaves one
    assert search(recipe, sources, space, trials=4, directory=tmp_path / "s").finished == 4
    states = [trial.state for trial in study_of(tmp_path / "s").trials]
    assert states.count(TrialState.FAIL) == 2
    assert states.count(TrialState.RUNNING) == 0


def test_a_batch_too_large_for_the_memory_does_not_end_the_search(
    recipe: Recipe,
    space: SearchSpace,
    sources: dict[str, Sources],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def figures(config: TrainingConfig) -> list[float]:
        if config.batch_size == 4:
            raise OutOfMemoryError("CUDA out of memory.")
        return [0.5]

    scripted(monkeypatch, figures)
    lines: list[str] = []
    found = search(recipe, sources, space, trials=10, directory=tmp_path / "s", told=lines.append)
    assert found.config.batch_size == 2
    assert any("out of memory" in line for line in lines)
    huge = dataclasses.replace(space, batch_sizes=(4,))
    with pytest.raises(SearchError, match=r"no trial has come to its end\. Ask for more trials"):
        search(recipe, sources, huge, trials=2, directory=tmp_path / "huge")


def test_a_study_of_something_else_is_refused(
    recipe: Recipe,
    space: SearchSpace,
    sources: dict[str, Sources],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scripted(monkeypatch, by_rate)
    search(recipe, sources, space, trials=1, directory=tmp_path / "s")
    wider = dataclasses.replace(space, epochs=9)
    with pytest.raises(SearchError, match=r"study\.db: a study with another space, so its trials"):
        search(recipe, sources, wider, trials=2, directory=tmp_path / "s")
    other = recipe.changed(seed=5)
    with pytest.raises(SearchError, match="a study with another recipe, so its trials do not"):
        search(other, sources, space, trials=2, directory=tmp_path / "s")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / STUDY_FILE).write_bytes(b"no database" * 100)
    with pytest.raises(SearchError, match=r"study\.db: not a study that can be opened \(.+\)\."):
        search(recipe, sources, space, trials=1, directory=tmp_path / "bad")


def test_two_searches_in_one_directory_do_not_run_at_once(
    recipe: Recipe, space: SearchSpace, sources: dict[str, Sources], tmp_path: Path
) -> None:
    with (
        FileLock(tmp_path / ".lock"),
        pytest.raises(SearchError, match="another search is running here"),
    ):
        search(recipe, sources, space, trials=1, directory=tmp_path)


def test_what_cannot_be_searched_is_refused(
    recipe: Recipe, space: SearchSpace, sources: dict[str, Sources], tmp_path: Path
) -> None:
    options: Any = {"directory": tmp_path / "s"}
    with pytest.raises(SearchError, match="trials is 0; wanted at least 1"):
        search(recipe, sources, space, trials=0, **options)
    with pytest.raises(SearchError, match=r"^Nothing is held out to judge by\. Give --development"):
        search(recipe.changed(development=0.0), sources, space, trials=1, **options)
    with pytest.raises(SearchError, match=r"^No data for mnrl\. Give --data mnrl=FILE"):
        search(recipe, {}, space, trials=1, **options)
    staged = dataclasses.replace(recipe, stages=recipe.stages * 2)
    with pytest.raises(SearchError, match="mnrl: has 2 stages; a search varies one"):
        search(staged, sources, space, trials=1, **options)
    assert not (tmp_path / "s").exists()


def test_the_kinds_of_base_have_rates_of_their_own(base: Path) -> None:
    space = SearchSpace(bases=(str(base), "klue/roberta-base"))
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    drawn = [space.draw(study.ask(), TrainingConfig()) for _ in range(40)]
    rates = {name: [c.learning_rate or 0 for c in drawn if c.base == name] for name in space.bases}
    assert 6e-4 <= min(rates[str(base)]) < max(rates[str(base)]) <= 6e-3
    assert 6e-6 <= min(rates["klue/roberta-base"]) < max(rates["klue/roberta-base"]) <= 6e-5
    assert {"learning_rate", "learning_rate_embedded"} < {
        name for trial in study.trials for name in trial.params
    }


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"bases": ()}, "bases or batch_sizes are empty"),
        ({"batch_sizes": (1,)}, "batch_size is 1; wanted 2 to"),
        ({"epochs": 0}, "epochs is 0; wanted 1 to"),
        ({"learning_rate": (1e-3, 1e-4)}, r"learning_rate is 0.001 to 0.0001; wanted a range wit"),
        ({"weight_decay": (0.0, 0.1)}, "weight_decay begins at 0, which a logarithmic"),
        ({"warmup": (0.0, 1.5)}, r"warmup is 0.0 to 1.5; wanted a range within 0 to 1"),
    ],
)
def test_a_space_that_makes_no_sense_is_refused(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        SearchSpace(**options)

"""The recipe `morpheme-transformer`: what each stage gives, and what the warm-up gives a minute.

Every seed draws other ParaKQC intents to train on (see `benchmarks.parakqc`); KorSTS dev is never
trained on. The recipe is run whole and without its warm-up, and `staged-embedded` beside it.

    MUNDAP_DATA_DIR=... python -m benchmarks.morpheme_transformer [SEED ...]
"""

import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.parakqc import Halves, draw_halves
from benchmarks.result import data_dir, write_result
from benchmarks.staged_recipe import measure
from index.encoder import load_encoder
from index.faq import write_faq
from training.recipe import Recipe, Stage
from training.sources import Sources
from training.stages import train_recipe

_TIMED_TEXTS = 2_000


def main() -> None:
    """Measure every stage of each way on the seeds and write the figures."""
    figures: dict[str, Any] = {}
    for seed in map(int, sys.argv[1:] or ["0"]):
        with TemporaryDirectory() as scratch:
            figures[f"seed {seed}"] = _of_seed(seed, Path(scratch))
    options = " ".join(sys.argv[1:])
    write_result("morpheme_transformer", figures, f"benchmarks.morpheme_transformer {options}")


def _of_seed(seed: int, scratch: Path) -> dict[str, Any]:
    halves = draw_halves(data_dir(), seed)
    recipe = Recipe.read("morpheme-transformer").changed(seed=seed)
    warm_up, *later = recipe.stages
    ways = {
        "with warm-up": recipe,
        "without warm-up": replace(recipe, stages=tuple(later)),
        "staged-embedded": Recipe.read("staged-embedded").changed(seed=seed),
    }
    sources = _sources(halves, scratch)
    found: dict[str, Any] = {"untrained": measure("default", halves)}
    for name, way in ways.items():
        found[name] = _stages(way, sources, halves, scratch / name.replace(" ", "-"))
    found["gain per CPU minute of warm-up"] = _gain(found, warm_up.name, later[-1].name)
    found["texts a second"] = {
        name: _speed(scratch / name.replace(" ", "-") / last, halves)
        for name, last in (
            ("with warm-up", later[-1].name),
            ("staged-embedded", ways["staged-embedded"].stages[-1].name),
        )
    }
    return found


def _sources(halves: Halves, scratch: Path) -> dict[str, Sources]:
    questions = scratch / "train.jsonl"
    write_faq(halves.training, questions)
    files = {
        "text": data_dir() / "nsmc_reviews.parquet",
        "sts": data_dir() / "korsts_train.parquet",
        "qa": questions,
    }
    return {name: Sources((path,)) for name, path in files.items()}


def _stages(
    recipe: Recipe, sources: Mapping[str, Sources], halves: Halves, folder: Path
) -> dict[str, Any]:
    """Train one stage after the other, so that each is timed and measured alone."""
    base = recipe.stages[0].config.base
    found: dict[str, Any] = {}
    for stage in recipe.stages:
        started = time.process_time()
        alone: Stage = replace(stage, config=replace(stage.config, base=base))
        base = str(train_recipe(Recipe(recipe.name, (alone,)), sources, folder / stage.name))
        seconds = round(time.process_time() - started, 1)
        found[stage.name] = {"cpu seconds": seconds, **measure(base, halves)}
        print(folder.name, stage.name, found[stage.name], file=sys.stderr)
    return found


def _gain(found: Mapping[str, Any], warm_up: str, last: str) -> dict[str, float]:
    """Return by how much the warm-up raises the last stage's figures, in each CPU minute of it."""
    minutes = found["with warm-up"][warm_up]["cpu seconds"] / 60
    ends = found["with warm-up"][last], found["without warm-up"][last]
    names = ("korsts_dev spearman", "parakqc hit@1")
    values = {name: [_mean(end[name]) for end in ends] for name in names}
    return {name: round((a - b) / minutes, 5) for name, (a, b) in values.items()}


def _mean(figure: Any) -> float:
    return float(figure[0] if isinstance(figure, list) else figure)


def _speed(place: Path, halves: Halves) -> int:
    encoder = load_encoder(place)
    texts = [entry.question for entry in halves.corpus[:_TIMED_TEXTS]]
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        encoder.encode(texts)
        seconds.append(time.perf_counter() - started)
    return round(len(texts) / float(np.median(seconds)))


if __name__ == "__main__":
    main()

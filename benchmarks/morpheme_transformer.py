"""The recipe `morpheme-transformer`: what each stage gives, and what the warm-up gives a minute.

Every seed draws other ParaKQC intents to train on (see `benchmarks.parakqc`); KorSTS dev is never
trained on. From the encoder of its first stage the recipe goes on whole and without its warm-up,
and `staged-embedded`, whose first stage is the same, stays without layers. Before training the
transformer is the untrained encoder (`tests/training/test_morpheme_transformer.py`).

    MUNDAP_DATA_DIR=... python -m benchmarks.morpheme_transformer [SEED ...]
"""

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.parakqc import Halves, draw_halves
from benchmarks.result import data_dir, write_result
from benchmarks.staged_recipe import measure
from mundap.index.encoders.encoder import load_encoder
from mundap.index.faq.entry import write_faq
from mundap.training.data.sources import Sources
from mundap.training.fit.recipe import Recipe, Stage
from mundap.training.fit.stages import train_recipe

_TIMED_TEXTS = 2_000
_WHOLE = "with warm-up"


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
    sources = _sources(halves, scratch)
    (mapped, warm_up, similarity, questions), (_, rows) = (
        Recipe.read(name).changed(seed=seed).stages
        for name in ("morpheme-transformer", "staged-embedded")
    )
    layers = replace(similarity, config=replace(similarity.config, layers=warm_up.config.layers))
    places: dict[str, Path | str] = {}
    found: dict[str, Any] = {"untrained": measure("default", halves)}
    for way, base, stages in (
        ("map", "", [mapped]),
        ("static", "map", [rows]),
        (_WHOLE, "map", [warm_up, similarity, questions]),
        ("without warm-up", "map", [layers, questions]),
    ):
        place = places.get(base, "default")
        found[way], places[way] = _train(stages, place, sources, halves, scratch / way)
    found["gain per CPU minute of warm-up"] = {
        stage.name: _gain(found, warm_up, stage) for stage in (similarity, questions)
    }
    found["texts a second"] = {way: _speed(places[way], halves) for way in ("static", _WHOLE)}
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


def _train(
    stages: Sequence[Stage],
    base: Path | str,
    sources: Mapping[str, Sources],
    halves: Halves,
    folder: Path,
) -> tuple[dict[str, Any], Path | str]:
    """Train one stage after the other from `base`, each timed and measured alone."""
    found: dict[str, Any] = {}
    for stage in stages:
        started = time.process_time()
        alone = replace(stage, config=replace(stage.config, base=str(base)))
        base = train_recipe(Recipe(stage.name, (alone,)), sources, folder / stage.name)
        seconds = round(time.process_time() - started, 1)
        found[stage.name] = {"cpu seconds": seconds, **measure(base, halves)}
        print(folder.name, stage.name, found[stage.name], file=sys.stderr)
    return found, base


def _gain(found: Mapping[str, Any], warm_up: Stage, stage: Stage) -> dict[str, float]:
    """Return by how much the warm-up raises a later stage's figures, in each CPU minute of it."""
    minutes = found[_WHOLE][warm_up.name]["cpu seconds"] / 60
    ends = found[_WHOLE][stage.name], found["without warm-up"][stage.name]
    names = ("korsts_dev spearman", "parakqc hit@1")
    values = {name: [_mean(end[name]) for end in ends] for name in names}
    return {name: round((a - b) / minutes, 5) for name, (a, b) in values.items()}


def _mean(figure: Any) -> float:
    return float(figure[0] if isinstance(figure, list) else figure)


def _speed(place: Path | str, halves: Halves) -> int:
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

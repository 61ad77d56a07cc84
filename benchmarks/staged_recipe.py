"""The recipe `staged-embedded`: similarity and unseen intents by one encoder.

Each seed draws other ParaKQC intents to train on (see `benchmarks.parakqc`); KorSTS dev is never
trained on. The recipe's first stage, which knows no ParaKQC at all, is measured as well.

    MUNDAP_DATA_DIR=... python -m benchmarks.staged_recipe [RECIPE]
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.parakqc import SEEDS, Halves, draw_halves
from benchmarks.result import data_dir, write_result
from mundap.evaluation.ranking import rank_all
from mundap.evaluation.retrieval import evaluate
from mundap.evaluation.run import qrels_of
from mundap.evaluation.sts import evaluate_sts, read_sts
from mundap.index.encoders.registry import load_encoder
from mundap.index.faq.entry import write_faq
from mundap.index.search.dense import DenseRetriever
from mundap.training.data.sources import Sources
from mundap.training.fit.recipe import Recipe
from mundap.training.fit.stages import train_recipe


def main() -> None:
    """Measure the start, each stage and the result on every seed and write the figures."""
    recipe = Recipe.read(sys.argv[1] if len(sys.argv) > 1 else "staged-embedded")
    figures: dict[str, dict[str, Any]] = {}
    for seed in SEEDS:
        halves = draw_halves(data_dir(), seed)
        with TemporaryDirectory() as scratch:
            trained = _train(recipe.changed(seed=seed), halves, Path(scratch))
            places: dict[str, Path | str] = {"untrained": "default", **trained}
            for name, place in places.items():
                found = measure(place, halves)
                figures.setdefault(name, {})[f"seed {seed}"] = found
                print(f"seed {seed}  {name:10} {found}", file=sys.stderr)
    write_result("staged_recipe", {"recipe": recipe.name, **figures})


def _train(recipe: Recipe, halves: Halves, scratch: Path) -> dict[str, Path]:
    """Return the encoder that each stage wrote."""
    questions, output = scratch / "train.jsonl", scratch / "encoder"
    write_faq(halves.training, questions)
    files = {"sts": data_dir() / "korsts_train.parquet", "qa": questions}
    train_recipe(recipe, {name: Sources((path,)) for name, path in files.items()}, output)
    stages = {
        stage.name: output.with_name(f"{output.name}.{stage.name}") for stage in recipe.stages[:-1]
    }
    return {**stages, recipe.stages[-1].name: output}


def measure(place: Path | str, halves: Halves) -> dict[str, Any]:
    """Return the figures of an encoder on KorSTS dev and the intents that were asked about."""
    encoder = load_encoder(place)
    sts = evaluate_sts(encoder, read_sts(data_dir() / "korsts_dev.parquet"))
    hits = rank_all(DenseRetriever.build(encoder, halves.corpus), halves.queries, 10)
    report = evaluate(hits, qrels_of(halves.queries)).to_dict()
    return {
        "korsts_dev spearman": round(sts.spearman, 4),
        "korsts_dev pearson": round(sts.pearson, 4),
        "parakqc hit@1": report["hit@1"],
    }


if __name__ == "__main__":
    main()

"""Do hard negatives help? Accuracy with each kind against none, query by query.

Two tasks: the bundled FAQ with its test queries (`benchmarks.bundled`) and ParaKQC intents
never seen in training (`benchmarks.parakqc`). For each seed, in a process of its own, an
encoder is trained without mined negatives and one with each kind. P-values are of a sign-flip
permutation test over entries, on the sums of Hit@1 differences over their queries and seeds.

    MUNDAP_DATA_DIR=... python -m benchmarks.negatives
"""

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from scipy.stats import permutation_test

from benchmarks.parakqc import draw_halves
from benchmarks.result import data_dir, write_result
from chatbot.bundled import bundled_path
from evaluation.queries import Query, read_queries
from evaluation.ranking import rank_all
from evaluation.retrieval import evaluate
from evaluation.run import qrels_of
from index.dense_retriever import DenseRetriever
from index.encoder import Encoder, load_encoder
from index.faq import FaqEntry, read_faq
from training.bm25_negatives import Bm25Scorer
from training.config import TrainingConfig
from training.encoder_negatives import EncoderScorer
from training.mining import mine
from training.mining_config import MiningConfig
from training.perturbed_negatives import perturb
from training.rounds import Miner, with_negatives
from training.split import Split
from training.trainer import train

SEEDS = (0, 1, 2)
# As many as the best of `benchmarks.bundled` have; none is chosen by a development split, so
# that every kind has the same and nothing but the negatives differs.
EPOCHS = 4
MEASURES = ("hit@1", "mrr@10")
# Query id -> measure -> value.
PerQuery = dict[str, dict[str, float]]
Task = tuple[list[FaqEntry], list[FaqEntry], list[Query]]


def main() -> None:
    """Measure both tasks and write the figures."""
    write_result("negatives", {task.__name__: measure(task) for task in (bundled, parakqc)})


def bundled(seed: int) -> Task:
    """Return what to train on, what to index and what to ask."""
    entries = read_faq(bundled_path("faq"))
    return entries, entries, read_queries(bundled_path("queries.csv"))


def parakqc(seed: int) -> Task:
    """Return what to train on, what to index and what to ask."""
    halves = draw_halves(data_dir(), seed)
    return halves.training, halves.corpus, halves.queries


def measure(task: Callable[[int], Task]) -> dict[str, Any]:
    """Train with each kind of negatives on each seed; return means and tests against none."""
    found: dict[str, dict[int, PerQuery]] = {}
    owners: dict[tuple[int, str], str] = {}
    with ProcessPoolExecutor(len(SEEDS), get_context("spawn")) as pool:
        for seed, of in zip(SEEDS, pool.map(of_seed, [task] * len(SEEDS), SEEDS), strict=True):
            owners |= {(seed, query.query_id): query.entry_id for query in task(seed)[2]}
            for name, per_query in of.items():
                found.setdefault(name, {})[seed] = per_query
    figures = {name: compared(of, found["none"], owners) for name, of in found.items()}
    print(task.__name__, figures, file=sys.stderr, flush=True)
    return figures


def of_seed(task: Callable[[int], Task], seed: int) -> dict[str, PerQuery]:
    """Return the figures of every query for each kind of negatives."""
    training, corpus, queries = task(seed)
    config = TrainingConfig(seed=seed, epochs=EPOCHS, development=0.0)
    split = Split.of_faq(training, config)
    with TemporaryDirectory() as scratch:
        first = load_encoder(train(split, config, Path(scratch) / "none"))
        found = {"none": asked(first, corpus, queries)}
        for name, miner in miners(first, seed).items():
            mined, _ = with_negatives(split, miner)
            path = train(mined, config, Path(scratch) / "mined")
            found[name] = asked(load_encoder(path), corpus, queries)
            hit = np.mean([values["hit@1"] for values in found[name].values()])
            print(f"seed {seed}  {name:18} {hit:.4f}", file=sys.stderr, flush=True)
    return found


def miners(trained: Encoder, seed: int) -> dict[str, Miner]:
    """Return the kinds of negatives under test."""
    config = MiningConfig(seed=seed)
    margin = MiningConfig(seed=seed, relative_margin=0.05)
    default = load_encoder("default")
    return {
        "bm25": lambda pairs: mine(pairs, Bm25Scorer.build, config),
        "model": lambda pairs: mine(pairs, lambda t: EncoderScorer.build(t, trained), config),
        "model, margin 5%": lambda pairs: mine(
            pairs, lambda t: EncoderScorer.build(t, trained), margin
        ),
        "perturb": lambda pairs: perturb(pairs, default, config),
    }


def asked(encoder: Encoder, corpus: Sequence[FaqEntry], queries: list[Query]) -> PerQuery:
    """Search the corpus for every query."""
    run = rank_all(DenseRetriever.build(encoder, corpus), queries, 10)
    return evaluate(run, qrels_of(queries)).per_query


def compared(
    kind: dict[int, PerQuery], none: dict[int, PerQuery], owners: dict[tuple[int, str], str]
) -> dict[str, Any]:
    """Return means of each seed, and the difference from none with its p-value."""
    keys = list(owners)
    differences = np.array([kind[s][q]["hit@1"] - none[s][q]["hit@1"] for s, q in keys])
    sums: dict[str, float] = {}
    for key, difference in zip(keys, differences, strict=True):
        owner = owners[key]
        sums[owner] = sums.get(owner, 0.0) + float(difference)
    means = {
        measure: [
            round(float(np.mean([values[measure] for values in kind[seed].values()])), 4)
            for seed in SEEDS
        ]
        for measure in MEASURES
    }
    return {
        **means,
        "hit@1 mean": round(float(np.mean(means["hit@1"])), 4),
        "hit@1 difference": round(float(differences.mean()), 4),
        "better / worse": [int((differences > 0).sum()), int((differences < 0).sum())],
        "p": round(sign_flip(np.array(list(sums.values()))), 4),
    }


def sign_flip(sums: np.ndarray) -> float:
    """Return the two-sided p-value of the hypothesis that the signs fall by chance."""
    if not sums.any():
        return 1.0
    result = permutation_test(
        (sums,),
        np.sum,
        permutation_type="samples",
        n_resamples=9999,
        rng=np.random.default_rng(0),
    )
    return float(result.pvalue)


if __name__ == "__main__":
    main()

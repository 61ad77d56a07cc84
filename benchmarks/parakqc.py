"""Questions about intents never seen in training, among thousands of chat questions.

ParaKQC (Cho et al. 2020) has ten paraphrases of each intent. Half of the intents train the
encoder; of the other half five paraphrases are indexed, with the chatbot questions as
distractors, and five are asked. Three seeds draw three different halves.

    MUNDAP_DATA_DIR=... python -m benchmarks.parakqc
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.result import data_dir, write_result
from benchmarks.trained import trained_encoder
from mundap.evaluation.queries import Query
from mundap.evaluation.ranking import Ranker, rank_all
from mundap.evaluation.retrieval import evaluate
from mundap.evaluation.run import qrels_of
from mundap.evaluation.tfidf import TfidfRanker
from mundap.index.encoders.registry import load_encoder
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.passages import Passages
from mundap.index.korean.text import clean, match_key
from mundap.index.search.dense import DenseRetriever
from mundap.index.search.retriever import Retriever
from mundap.index.tables.table import read_table
from mundap.training.config import TrainingConfig
from mundap.training.data.split import Split

SEEDS = (0, 1, 2)
INDEXED = 5


@dataclass(frozen=True, slots=True)
class Halves:
    """Entries to train on, and what is indexed and asked of the intents that were not."""

    training: list[FaqEntry]
    corpus: list[FaqEntry]
    queries: list[Query]


def main() -> None:
    """Measure every system on every seed and write the figures."""
    figures: dict[str, dict[str, object]] = {}
    for seed in SEEDS:
        halves = draw_halves(data_dir(), seed)
        config = TrainingConfig(seed=seed)
        trained = trained_encoder(Split.of_faq(halves.training, config), config)
        for name, ranker in rankers(halves.corpus, trained).items():
            report = evaluate(rank_all(ranker, halves.queries, 10), qrels_of(halves.queries))
            figures.setdefault(name, {})[f"seed {seed}"] = report.to_dict()
            print(f"seed {seed}  {name:16} {report.to_dict()['hit@1']}", file=sys.stderr)
    counts = {"passages": len(Passages.of(halves.corpus)), "queries": len(halves.queries)}
    write_result("parakqc", {**counts, **figures})


def draw_halves(folder: Path, seed: int) -> Halves:
    """Split the intents, then each tested intent's paraphrases, by `seed`."""
    rng = np.random.default_rng(seed)
    intents: dict[int, list[str]] = {}
    for row in read_table(folder / "parakqc_dev.parquet").rows:
        intents.setdefault(row["intent_id"], []).append(clean(row["question"]))
    order = rng.permutation(sorted(intents))
    half = len(order) // 2
    training = [_entry(intent, intents[intent]) for intent in order[:half].tolist()]
    corpus: list[FaqEntry] = []
    queries: list[Query] = []
    for intent in order[half:].tolist():
        texts = rng.permutation(np.array(intents[intent], dtype=object)).tolist()
        corpus.append(_entry(intent, texts[:INDEXED]))
        asked = (text for text in texts[INDEXED:])
        queries += [
            Query(f"{intent}-{number}", text, f"p{intent}") for number, text in enumerate(asked)
        ]
    return Halves(training, corpus + distractors(folder), queries)


def distractors(folder: Path) -> list[FaqEntry]:
    """Return every different question of the chatbot data as an entry of its own."""
    rows = read_table(folder / "chatbot_data.parquet").rows
    different = {match_key(row["Q"]): row for row in reversed(rows)}
    return [
        FaqEntry(f"c{number}", clean(row["Q"]), row["A"])
        for number, row in enumerate(reversed(different.values()))
    ]


def rankers(corpus: Sequence[FaqEntry], trained: Path) -> dict[str, Ranker]:
    """Return the systems under test over one corpus."""
    retriever = Retriever.build(load_encoder(trained), corpus)
    return {
        "hybrid": retriever,
        "dense": retriever.dense,
        "dense untrained": DenseRetriever.build(load_encoder("default"), corpus),
        "bm25": retriever.lexical_index,
        "tfidf": TfidfRanker.build(retriever.passages),
    }


def _entry(intent: int, texts: Sequence[str]) -> FaqEntry:
    # The data has no answers; training then pairs paraphrases with one another.
    return FaqEntry(f"p{intent}", texts[0], f"intent {intent}", tuple(texts[1:]))


if __name__ == "__main__":
    main()

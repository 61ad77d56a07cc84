"""Ways to fuse vectors and words: weighted sum, reciprocal ranks, weights fitted elsewhere.

On the test halves of ParaKQC (see benchmarks/parakqc.py; weights fitted on the phrasings of
the training half, which the encoder has seen) and on the bundled test queries (weights fitted on
the development queries). Hit@1 with intervals; every seed trains its own encoder.

    MUNDAP_DATA_DIR=... python -m benchmarks.fusion
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.parakqc import SEEDS, distractors, draw_halves
from benchmarks.result import data_dir, write_result
from benchmarks.trained import trained_encoder
from mundap.chatbot.home.bundled import bundled_path
from mundap.evaluation.fit.fusion import fit_fusion
from mundap.evaluation.queries import Query, read_queries
from mundap.evaluation.ranking import Ranker, rank_all
from mundap.evaluation.retrieval import evaluate
from mundap.evaluation.run import qrels_of
from mundap.index.encoders.registry import load_encoder
from mundap.index.faq.entry import FaqEntry, read_faq
from mundap.index.search.fusion import Fusion
from mundap.index.search.hit import Hit, in_order
from mundap.index.search.retriever import CANDIDATES, Retriever
from mundap.training.config import TrainingConfig
from mundap.training.data.split import Split

# Cormack et al. 2009.
RANK_CONSTANT = 60


@dataclass(frozen=True, slots=True)
class ReciprocalRanks:
    """Sums 1 / (60 + rank) over the rankings by vectors and by words."""

    retriever: Retriever

    def search(self, queries: Sequence[str], k: int) -> list[list[Hit]]:
        """Return up to k hits for each query, `in_order`."""
        rankings = (self.retriever.dense, self.retriever.lexical_index)
        lists = [ranking.search(queries, CANDIDATES) for ranking in rankings]
        return [_fused(found)[:k] for found in zip(*lists, strict=True)]


def _fused(lists: Sequence[Sequence[Hit]]) -> list[Hit]:
    scores: dict[str, float] = {}
    entries: dict[str, FaqEntry] = {}
    for hits in lists:
        for rank, hit in enumerate(hits, start=1):
            entries[hit.entry_id] = hit.entry
            gain = 1 / (RANK_CONSTANT + rank)
            scores[hit.entry_id] = scores.get(hit.entry_id, 0.0) + gain
    return in_order([Hit(entries[i], entries[i].question, score) for i, score in scores.items()])


def main() -> None:
    """Measure both data sets on every seed and write the figures."""
    figures: dict[str, Any] = {}
    bundled = read_faq(bundled_path("faq"))
    development = read_queries(bundled_path("development_queries.csv"))
    queries = read_queries(bundled_path("queries.csv"))
    for seed in SEEDS:
        retriever = _retriever(bundled, bundled, seed)
        fitted = fit_fusion(retriever, development)
        figures[f"bundled seed {seed}"] = _compare(retriever, fitted, queries)
        halves = draw_halves(data_dir(), seed)
        retriever = _retriever(halves.training, halves.corpus, seed)
        figures[f"parakqc seed {seed}"] = _compare(
            retriever, _on_training_half(seed), halves.queries
        )
    write_result("fusion", figures)


def _retriever(training: list[FaqEntry], corpus: list[FaqEntry], seed: int) -> Retriever:
    config = TrainingConfig(seed=seed)
    path = trained_encoder(Split.of_faq(training, config), config)
    return Retriever.build(load_encoder(path), corpus)


def _on_training_half(seed: int) -> Fusion:
    """Fit weights with the untrained encoder: a trained one has seen these phrasings."""
    training = draw_halves(data_dir(), seed).training
    stored = [
        FaqEntry(e.entry_id, e.question, e.answer, e.alternates[: len(e.alternates) // 2])
        for e in training
    ]
    asked = [
        Query(f"{e.entry_id}-{number}", text, e.entry_id)
        for e in training
        for number, text in enumerate(e.alternates[len(e.alternates) // 2 :])
    ]
    retriever = Retriever.build(load_encoder("default"), [*stored, *distractors(data_dir())])
    return fit_fusion(retriever, asked)


def _compare(retriever: Retriever, fitted: Fusion, queries: Sequence[Query]) -> dict[str, Any]:
    systems: dict[str, Ranker] = {
        "dense": retriever.dense,
        "bm25": retriever.lexical_index,
        "reciprocal ranks": ReciprocalRanks(retriever),
        "dense and bm25, equal weights": _with(retriever, Fusion(1.0, 0.0, 1.0, 0.0)),
        "default weights": _with(retriever, Fusion()),
        "fitted weights": _with(retriever, fitted),
    }
    hits = {}
    for name, system in systems.items():
        report = evaluate(rank_all(system, queries, 10), qrels_of(queries)).to_dict()
        hits[name] = [round(value, 4) for value in report["hit@1"]]
        print(f"{name:32} {hits[name]}", file=sys.stderr)
    return {"hit@1": hits, "fitted": fitted.to_json()}


def _with(retriever: Retriever, fusion: Fusion) -> Retriever:
    return Retriever(retriever.dense, retriever.lexical_index, retriever.query_layer, fusion)


if __name__ == "__main__":
    main()

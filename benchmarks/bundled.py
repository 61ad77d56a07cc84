"""Accuracy on the bundled FAQ, and how the thresholds treat queries it cannot answer.

The encoder is trained on the FAQ with three seeds; test queries are never trained on. The
thresholds are fitted on every second out-of-scope query and measured on the others.

    python -m benchmarks.bundled
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.result import write_result
from chatbot.bundled import bundled_path
from evaluation.queries import Query, read_queries, read_texts
from evaluation.ranking import rank_all
from evaluation.retrieval import evaluate
from evaluation.run import qrels_of
from evaluation.tfidf import TfidfRanker
from evaluation.thresholds import fit_confidence
from index.encoder import load_encoder
from index.faq import FaqEntry, read_faq
from index.lexical_index import LexicalIndex
from index.morphemes import content_forms
from index.passages import Passages
from index.retriever import Retriever
from training.config import TrainingConfig
from training.split import Split
from training.trainer import train

SEEDS = (0, 1, 2)
# Overlap of content morphemes below which words alone do not show the way.
LOW_OVERLAP = 0.34


def main() -> None:
    """Measure every system and write the figures."""
    entries = read_faq(bundled_path("faq"))
    queries = read_queries(bundled_path("queries.csv"))
    figures: dict[str, Any] = {"queries": len(queries), "entries": len(entries)}
    passages = Passages.of(entries)
    figures["bm25"] = _accuracy(LexicalIndex.build(passages), queries, entries)
    figures["tfidf"] = _accuracy(TfidfRanker.build(passages), queries, entries)
    untrained = Retriever.build(load_encoder("default"), entries)
    figures["dense untrained"] = _accuracy(untrained, queries, entries)
    for seed in SEEDS:
        with TemporaryDirectory() as scratch:
            config = TrainingConfig(seed=seed)
            path = train(Split.of_faq(entries, config), config, Path(scratch) / "encoder")
            retriever = Retriever.build(load_encoder(path), entries)
        figures[f"dense seed {seed}"] = _accuracy(retriever, queries, entries)
        figures[f"replies seed {seed}"] = _replies(retriever, queries)
    write_result("bundled", figures)


def _accuracy(ranker: Any, queries: list[Query], entries: list[FaqEntry]) -> dict[str, Any]:
    """Return measure -> [mean, low, high], and Hit@1 of the two kinds of query alone."""
    report = evaluate(rank_all(ranker, queries), qrels_of(queries))
    low = _low_overlap(queries, entries)
    hits = np.array([report.per_query[query.query_id]["hit@1"] for query in queries])
    kinds = {"low overlap": hits[low].mean(), "other": hits[~low].mean()}
    print(type(ranker).__name__, report.to_json()["hit@1"], kinds, file=sys.stderr)
    rounded = {name: round(float(value), 4) for name, value in kinds.items()}
    return {
        **report.to_json(),
        "low overlap share": round(float(low.mean()), 4),
        "hit@1 of": rounded,
    }


def _low_overlap(queries: list[Query], entries: list[FaqEntry]) -> np.ndarray:
    stored = {
        entry.entry_id: [set(content_forms(text)) for text in entry.passages] for entry in entries
    }
    best = []
    for query in queries:
        asked = set(content_forms(query.text))
        overlaps = [len(asked & s) / max(1, len(asked | s)) for s in stored[query.entry_id]]
        best.append(max(overlaps))
    return np.array(best) < LOW_OVERLAP


def _replies(retriever: Retriever, queries: list[Query]) -> dict[str, float]:
    """Fit the thresholds on half of the out-of-scope queries; count replies on the rest."""
    beside = read_texts(bundled_path("out_of_scope.csv"))
    fitting = retriever.encoder.encode(beside[0::2])
    vectors = retriever.vector_index.vectors()
    confidence = fit_confidence(retriever.passages, vectors, out_of_scope=fitting)
    found = retriever.search([query.text for query in queries], 1)
    kinds = np.array([confidence.kind(hits[0].score) for hits in found])
    right = np.array([h[0].entry_id == q.entry_id for h, q in zip(found, queries, strict=True)])
    missed = np.array(
        [confidence.kind(hits[0].score) for hits in retriever.search(beside[1::2], 1)]
    )
    shares = {
        "in scope: answered": (kinds == "answer").mean(),
        "in scope: right of the answered": right[kinds == "answer"].mean(),
        "in scope: suggested": (kinds == "suggest").mean(),
        "in scope: don't know": (kinds == "unknown").mean(),
        "out of scope: answered": (missed == "answer").mean(),
        "out of scope: suggested": (missed == "suggest").mean(),
        "out of scope: don't know": (missed == "unknown").mean(),
    }
    return {name: round(float(share), 4) for name, share in shares.items()}


if __name__ == "__main__":
    main()

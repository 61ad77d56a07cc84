"""Latency and quality beside txtai and Haystack: same FAQ, same encoder, same run, one core.

The FAQ is the 11,823 questions of the chatbot data, each an entry of its own. Quality is
answer-level and leave-one-out: questions that share their answer with another one are asked,
what was asked is struck from the list, and the first that remains has to have the same answer.
Latency is warm, from text to ten ranked entries, encoding included; mundap's also reads the
query and states its confidence. Haystack keeps documents in memory, txtai in FAISS and its own
BM25, each as its guide sets up hybrid search.

    pip install -e ".[peers]"
    MUNDAP_DATA_DIR=... python -m benchmarks.peers
"""

import os
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version

import numpy as np

from benchmarks.result import data_dir, write_result
from mundap.evaluation.statistics.bootstrap import estimate
from mundap.index.encoders.encoder import Encoder
from mundap.index.encoders.registry import load_encoder
from mundap.index.faq.entry import FaqEntry, read_faq
from mundap.index.korean.text import match_key
from mundap.index.search.confidence import Confidence
from mundap.index.search.retriever import Retriever

# Query -> ids, best first.
Search = Callable[[str], list[str]]

K, ASKED, WARM = 10, 1_200, 100
# More than the analyses that are remembered: each system analyses every query itself.
BLOCK = 300


def main() -> None:
    """Build every system, ask each the same questions in turn, and write the figures."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    entries = read_faq(data_dir() / "chatbot_data.parquet")
    asked = _asked(entries)
    encoder = load_encoder("default")
    vectors = encoder.encode([entry.question for entry in entries])
    systems: dict[str, Search] = {
        "mundap hybrid with confidence": _mundap(encoder, entries),
        "txtai dense": _txtai(encoder, entries, hybrid=False),
        "txtai hybrid": _txtai(encoder, entries, hybrid=True),
        "haystack dense": _haystack(encoder, entries, vectors, hybrid=False),
        "haystack hybrid": _haystack(encoder, entries, vectors, hybrid=True),
    }
    times: dict[str, list[float]] = {name: [] for name in systems}
    hits: dict[str, list[float]] = {name: [] for name in systems}
    answers = {entry.entry_id: match_key(entry.answer) for entry in entries}
    for start in range(0, len(asked), BLOCK):
        # In turn, so that what slows the machine slows all of them.
        for name, search in systems.items():
            for number, entry in enumerate(asked[start : start + BLOCK], start=start):
                began = time.perf_counter()
                found = search(entry.question)
                if number >= WARM:
                    times[name].append((time.perf_counter() - began) * 1000)
                others = [entry_id for entry_id in found if entry_id != entry.entry_id]
                right = bool(others) and answers[others[0]] == match_key(entry.answer)
                hits[name].append(float(right))
    clusters = [match_key(entry.answer) for entry in asked]
    ours = np.percentile(times["mundap hybrid with confidence"], [50, 99])
    figures = {}
    for name in systems:
        latency = np.percentile(times[name], [50, 99])
        quality = estimate(np.array(hits[name]), clusters, float(np.mean(hits[name])))
        figures[name] = {
            "p50_ms": round(float(latency[0]), 3),
            "p99_ms": round(float(latency[1]), 3),
            "p50 / ours": round(float(latency[0] / ours[0]), 2),
            "p99 / ours": round(float(latency[1] / ours[1]), 2),
            "hit@1": [round(value, 4) for value in quality.to_list()],
        }
    versions = {name: version(name) for name in ("txtai", "haystack-ai")}
    counts = {"entries": len(entries), "asked": len(asked), "versions": versions}
    write_result("peers", {**counts, **figures})


def _asked(entries: Sequence[FaqEntry]) -> list[FaqEntry]:
    answers = [match_key(entry.answer) for entry in entries]
    _, places, counts = np.unique(answers, return_inverse=True, return_counts=True)
    shared = np.flatnonzero(counts[places] > 1)
    drawn = np.random.default_rng(0).choice(shared, ASKED, replace=False)
    return [entries[row] for row in drawn]


def _mundap(encoder: Encoder, entries: Sequence[FaqEntry]) -> Search:
    retriever, confidence = Retriever.build(encoder, entries), Confidence.usual(content=False)

    def search(query: str) -> list[str]:
        ranking = retriever.rank([query], K)[0]
        confidence.probability(ranking.evidence)
        return [hit.entry_id for hit in ranking.hits]

    return search


def _txtai(encoder: Encoder, entries: Sequence[FaqEntry], *, hybrid: bool) -> Search:
    from txtai import Embeddings

    embeddings = Embeddings(
        method="external", transform=lambda texts: encoder.encode(list(texts)), hybrid=hybrid
    )
    embeddings.index((entry.entry_id, entry.question, None) for entry in entries)
    return lambda query: [entry_id for entry_id, _ in embeddings.search(query, K)]


def _haystack(
    encoder: Encoder, entries: Sequence[FaqEntry], vectors: np.ndarray, *, hybrid: bool
) -> Search:
    from haystack import Document
    from haystack.components.joiners import DocumentJoiner
    from haystack.components.retrievers.in_memory import (
        InMemoryBM25Retriever,
        InMemoryEmbeddingRetriever,
    )
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    store = InMemoryDocumentStore(embedding_similarity_function="dot_product")
    store.write_documents(
        [
            Document(id=entry.entry_id, content=entry.question, embedding=vector.tolist())
            for entry, vector in zip(entries, vectors, strict=True)
        ]
    )
    dense = InMemoryEmbeddingRetriever(store, top_k=K)
    words = InMemoryBM25Retriever(store, top_k=K)
    joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=K)

    def search(query: str) -> list[str]:
        found = dense.run(query_embedding=encoder.encode([query])[0].tolist())["documents"]
        if hybrid:
            both = [found, words.run(query=query)["documents"]]
            found = joiner.run(documents=both)["documents"]
        return [document.id for document in found]

    return search


if __name__ == "__main__":
    main()

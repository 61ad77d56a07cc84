"""Measures everything that a report tells, and writes it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from mundap.evaluation.fit.served_confidence import measure_confidence
from mundap.evaluation.latency import Latency, machine, peak_memory
from mundap.evaluation.lint import lint
from mundap.evaluation.queries import Query
from mundap.evaluation.ranking import rank_all
from mundap.evaluation.report.html import to_html
from mundap.evaluation.report.korean import document_in_korean
from mundap.evaluation.report.markdown import to_markdown
from mundap.evaluation.report.measured import Measured
from mundap.evaluation.report.sections import document_of
from mundap.evaluation.robustness import (
    RobustnessFigures,
    measure_robustness,
    with_and_without,
)
from mundap.evaluation.systems import ServedRanker, around
from mundap.index.faq.entry import dump_jsonl
from mundap.index.languages import Language
from mundap.index.progress import Advance
from mundap.index.search.confidence import Confidence
from mundap.index.search.reranker import Reranker
from mundap.index.search.retriever import Retriever

NAME = "report"


def measure(
    retriever: Retriever,
    confidence: Confidence,
    queries: Sequence[Query],
    *,
    facts: Mapping[str, str],
    out_of_scope: Sequence[str] = (),
    reranker: Reranker | None = None,
    careless: bool = True,
    seed: int = 0,
    advance: Advance = lambda done, total: None,
) -> Measured:
    """Rank, compare, judge and time every system.

    `confidence` is not to be fitted on `queries` or `out_of_scope`; `facts` say of which FAQ and
    by what. Not `careless` leaves robustness out, which takes the longest; `advance` follows it.
    """
    entries = retriever.passages.entries
    systems = around(retriever, reranker=reranker)
    # As visitors ask, which is quicker, and may leave an encoder out where words are sure.
    systems["hybrid"] = ServedRanker(retriever)
    texts = [query.text for query in queries]
    robustness = _robustness(retriever, queries, seed, advance) if careless else None
    return Measured.of(
        entries,
        queries,
        {name: rank_all(system, queries) for name, system in systems.items()},
        seed=seed,
        confidence=measure_confidence(retriever, confidence, queries, out_of_scope, seed=seed),
        problems=lint(entries, retriever.encoder),
        latency={name: Latency.of(system, texts) for name, system in systems.items()},
        peak_memory=peak_memory(),
        robustness=robustness,
        facts=_facts(facts, retriever, queries, out_of_scope, seed),
    )


def _robustness(
    retriever: Retriever, queries: Sequence[Query], seed: int, advance: Advance
) -> RobustnessFigures:
    """Measure hybrid retrieval, which a reranker only reorders, with its query layer and bare."""
    read, as_typed = with_and_without(retriever, "hybrid")
    layer = retriever.query_layer
    return measure_robustness(read, as_typed, layer, queries, seed=seed, advance=advance)


def write_documents(
    measured: Measured, directory: Path, *, language: Language = "en"
) -> list[Path]:
    """Write report.html, .md and .json, whose names stay English; return their paths."""
    document = document_of(measured)
    if language == "ko":
        document = document_in_korean(document)
    texts = {
        "html": to_html(document),
        "md": to_markdown(document),
        "json": json.dumps(measured.to_dict(), ensure_ascii=False, indent=2) + "\n",
    }
    directory.mkdir(parents=True, exist_ok=True)
    paths = [directory / f"{NAME}.{suffix}" for suffix in texts]
    for path, text in zip(paths, texts.values(), strict=True):
        path.write_text(text, encoding="utf-8", newline="\n")
    return paths


def _facts(
    told: Mapping[str, str],
    retriever: Retriever,
    queries: Sequence[Query],
    out_of_scope: Sequence[str],
    seed: int,
) -> dict[str, str]:
    asked = "".join(f"{query.query_id}\t{query.text}\t{query.entry_id}\n" for query in queries)
    entries, encoder = retriever.passages.entries, retriever.encoder
    return {
        **told,
        "entries": f"{len(entries):,}, SHA-256 {_digest(dump_jsonl(entries))}",
        "queries": f"{len(queries):,}, SHA-256 {_digest(asked)}",
        "out of scope": f"{len(out_of_scope):,}",
        "vectors": f"{encoder.fingerprint[:16]}, {encoder.dimension} numbers",
        "seed of the intervals": str(seed),
        "machine": machine(),
        "mundap": _version(),
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _version() -> str:
    try:
        return version("mundap")
    except PackageNotFoundError:  # run from a copy of the sources
        return "not installed"

"""What the fitted confidence of a FAQ is worth on queries that it was not fitted on."""

from collections.abc import Sequence

from evaluation.confidence_report import ConfidenceReport
from evaluation.judged import Judged
from evaluation.queries import Query
from index.confidence import Confidence
from index.retriever import Retriever


def measure_confidence(
    retriever: Retriever,
    confidence: Confidence,
    queries: Sequence[Query],
    out_of_scope: Sequence[str],
    *,
    seed: int = 0,
) -> ConfidenceReport:
    """Report on `confidence` for `queries` with a known answer and texts that have none."""
    judged = Judged.queries(retriever, queries) + Judged.out_of_scope(retriever, out_of_scope)
    sure = judged.probabilities(confidence)
    clusters = [query.entry_id for query in queries]
    clusters += [f"out of scope {row}" for row in range(len(out_of_scope))]
    return ConfidenceReport.of(sure, judged.correct, judged.in_scope, clusters=clusters, seed=seed)

"""What the fitted confidence of a FAQ is worth on queries that it was not fitted on."""

from collections.abc import Sequence

from mundap.evaluation.fit.judged import Judged
from mundap.evaluation.queries import Query
from mundap.evaluation.statistics.confidence import ConfidenceFigures
from mundap.index.search.confidence import Confidence
from mundap.index.search.retriever import Retriever


def measure_confidence(
    retriever: Retriever,
    confidence: Confidence,
    queries: Sequence[Query],
    out_of_scope: Sequence[str],
    *,
    seed: int = 0,
) -> ConfidenceFigures:
    """Report on `confidence` for `queries` with a known answer and texts that have none."""
    judged = Judged.queries(retriever, queries) + Judged.out_of_scope(retriever, out_of_scope)
    sure = judged.probabilities(confidence)
    clusters = [query.entry_id for query in queries]
    clusters += [f"out of scope {row}" for row in range(len(out_of_scope))]
    return ConfidenceFigures.of(sure, judged.correct, judged.in_scope, clusters=clusters, seed=seed)

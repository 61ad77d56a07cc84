"""Answer-level retrieval accuracy: ir_measures' figures with intervals."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ir_measures
import numpy as np
from ir_measures import RR, Success, nDCG

from mundap.evaluation.run import Qrels, Run, RunError, trec_order
from mundap.evaluation.statistics.bootstrap import Estimate, estimate

# One answer is right for a query, so Hit@k is what TREC calls success at k.
MEASURES: dict[str, Any] = {
    "hit@1": Success @ 1,
    "hit@3": Success @ 3,
    "hit@10": Success @ 10,
    "mrr@10": RR @ 10,
    "ndcg@10": nDCG @ 10,
}


@dataclass(frozen=True, slots=True)
class RetrievalFigures:
    """Figures of one system: of all queries, and of each (query_id -> measure -> value)."""

    means: dict[str, Estimate]
    per_query: dict[str, dict[str, float]]
    # Groups of queries with the same right entry: what the intervals are drawn from.
    clusters: int

    def to_dict(self) -> dict[str, list[float]]:
        """Return measure -> [value, low, high]."""
        return {name: mean.to_list() for name, mean in self.means.items()}


def evaluate(
    run: Run, qrels: Qrels, measures: Mapping[str, Any] = MEASURES, *, seed: int = 0
) -> RetrievalFigures:
    """Score `run` on every query of `qrels`; one without a ranking counts with value 0.

    `measures` maps names to ir_measures' measures. Ties are taken in trec_eval order.
    Raises RunError when there is no query, or none that the run knows.
    """
    _check(run, qrels)
    found = ir_measures.calc(list(measures.values()), qrels, _without_ties(run, qrels))
    names = {measure: name for name, measure in measures.items()}
    per_query = {query_id: dict.fromkeys(measures, 0.0) for query_id in qrels}
    for metric in found.per_query:
        per_query[metric.query_id][names[metric.measure]] = float(metric.value)
    clusters = [right_entries(right) for right in qrels.values()]
    means = {}
    for name, measure in measures.items():
        values = np.array([per_query[query_id][name] for query_id in qrels])
        means[name] = estimate(values, clusters, float(found.aggregated[measure]), seed=seed)
    return RetrievalFigures(means, per_query, len(set(clusters)))


def _check(run: Run, qrels: Qrels) -> None:
    if not qrels:
        raise RunError("0 queries to evaluate; wanted at least 1.")
    if run and not run.keys() & qrels.keys():
        raise RunError(
            f"no query of the run ({next(iter(run))!r}, ...) is among those with a right entry "
            f"({next(iter(qrels))!r}, ...). Give the qrels that belong to the run."
        )


def _without_ties(run: Run, qrels: Qrels) -> Run:
    """Replace scores by their place in trec_eval order.

    Of the tools behind ir_measures one breaks ties by ids descending (trec_eval), another by
    ids ascending (RR with a cutoff): without ties they agree.
    """
    orders = {query_id: trec_order(run[query_id]) for query_id in qrels if run.get(query_id)}
    return {
        query_id: {entry_id: float(len(order) - row) for row, entry_id in enumerate(order)}
        for query_id, order in orders.items()
    }


def right_entries(right: Mapping[str, int]) -> tuple[str, ...]:
    """Return the ids that answer a query, ascending: queries that share them are a cluster."""
    return tuple(sorted(entry_id for entry_id, relevance in right.items() if relevance > 0))

"""Is one system better than another? The same queries, paired, with the ones that changed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from mundap.evaluation.retrieval import RetrievalFigures, evaluate, right_entries
from mundap.evaluation.run import Qrels, Run, RunError, trec_order
from mundap.evaluation.statistics.bootstrap import Estimate, estimate
from mundap.evaluation.statistics.significance import ALPHA, holm, mcnemar_p, randomisation_p

# Hit@1 is what visitors get; the others also see a right entry that moves below rank 1.
HIT = "hit@1"
MEASURES = (HIT, "mrr@10", "ndcg@10")


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean of each system, how far the second is above the first, and whether by luck.

    `p` is McNemar's for hit@1 and Fisher's randomisation for the others; `p_holm` is corrected
    for the number of systems that are compared with the first.
    """

    before: float
    after: float
    difference: Estimate
    p: float
    p_holm: float

    @property
    def verdict(self) -> str:
        """Say "better", "worse" or, where luck could explain it, "no clear difference"."""
        if self.p_holm >= ALPHA:
            return "no clear difference"
        return "better" if self.difference.mean > 0 else "worse"

    def to_dict(self) -> dict[str, Any]:
        """Return the fields by name, the difference as [value, low, high]."""
        plain = {**asdict(self), "difference": self.difference.to_list()}
        return {**plain, "verdict": self.verdict}


@dataclass(frozen=True, slots=True)
class ChangedQuery:
    """A query that only one of two systems answers right; a rank is None where not found."""

    query_id: str
    entry_ids: tuple[str, ...]
    rank_before: int | None
    rank_after: int | None
    # What came first where the right entry did not.
    wrong_entry_id: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A system against the first: differences by measure, queries fixed and broken."""

    before: str
    after: str
    queries: int
    clusters: int
    # Queries that a run does not name; each counts as not found.
    missing_before: int
    missing_after: int
    differences: dict[str, Difference]
    fixed: tuple[ChangedQuery, ...]
    broken: tuple[ChangedQuery, ...]

    @property
    def worse(self) -> bool:
        """Whether any measure fell by more than luck explains."""
        return any(found.verdict == "worse" for found in self.differences.values())

    def to_dict(self) -> dict[str, Any]:
        """Return the fields by name."""
        differences = {name: found.to_dict() for name, found in self.differences.items()}
        return {**asdict(self), "differences": differences, "worse": self.worse}


def compare(runs: Mapping[str, Run], qrels: Qrels, *, seed: int = 0) -> list[Comparison]:
    """Compare every system after the first with the first, on every query of `qrels`.

    Raises RunError on fewer than two systems, or on what `evaluate` refuses.
    """
    if len(runs) < 2:
        raise RunError(f"{len(runs)} systems to compare; wanted at least 2.")
    reports = {name: _evaluate(name, run, qrels, seed) for name, run in runs.items()}
    first, *others = runs
    compared = [_compare(first, other, runs, reports, qrels, seed) for other in others]
    return _corrected(compared)


def _evaluate(name: str, run: Run, qrels: Qrels, seed: int) -> RetrievalFigures:
    try:
        return evaluate(run, qrels, seed=seed)
    except RunError as error:
        raise RunError(f"{name}: {error}") from None


def _compare(
    before: str,
    after: str,
    runs: Mapping[str, Run],
    reports: Mapping[str, RetrievalFigures],
    qrels: Qrels,
    seed: int,
) -> Comparison:
    hits = {name: _column(reports[name], HIT, qrels) for name in (before, after)}
    changes = zip(qrels, hits[before], hits[after], strict=True)
    changed = {query_id: now > then for query_id, then, now in changes if now != then}
    rows = {
        query_id: _changed(query_id, qrels, runs[before], runs[after], now_right=fixed)
        for query_id, fixed in changed.items()
    }
    fixed = tuple(rows[query_id] for query_id in rows if changed[query_id])
    broken = tuple(rows[query_id] for query_id in rows if not changed[query_id])
    differences = {
        name: _difference(name, reports[before], reports[after], qrels, seed) for name in MEASURES
    }
    return Comparison(
        before=before,
        after=after,
        queries=len(qrels),
        clusters=reports[before].clusters,
        missing_before=len(qrels.keys() - runs[before].keys()),
        missing_after=len(qrels.keys() - runs[after].keys()),
        differences=differences,
        fixed=fixed,
        broken=broken,
    )


def _difference(
    name: str, before: RetrievalFigures, after: RetrievalFigures, qrels: Qrels, seed: int
) -> Difference:
    old, new = (_column(report, name, qrels) for report in (before, after))
    clusters = [right_entries(right) for right in qrels.values()]
    gain = after.means[name].mean - before.means[name].mean
    if name == HIT:
        p = mcnemar_p(int((new > old).sum()), int((new < old).sum()))
    else:
        p = randomisation_p(old, new, clusters, seed=seed)
    return Difference(
        before=before.means[name].mean,
        after=after.means[name].mean,
        difference=estimate(new - old, clusters, gain, seed=seed),
        p=p,
        p_holm=p,
    )


def _corrected(compared: list[Comparison]) -> list[Comparison]:
    """Correct the p of each measure for the number of systems."""
    corrected = {
        name: holm({item.after: item.differences[name].p for item in compared}) for name in MEASURES
    }
    return [
        replace(
            item,
            differences={
                name: replace(found, p_holm=corrected[name][item.after])
                for name, found in item.differences.items()
            },
        )
        for item in compared
    ]


def _column(report: RetrievalFigures, name: str, qrels: Qrels) -> Any:
    return np.array([report.per_query[query_id][name] for query_id in qrels])


def _changed(
    query_id: str, qrels: Qrels, before: Run, after: Run, *, now_right: bool
) -> ChangedQuery:
    entry_ids = right_entries(qrels[query_id])
    order_before, order_after = (trec_order(run.get(query_id, {})) for run in (before, after))
    wrong = order_before if now_right else order_after
    return ChangedQuery(
        query_id,
        entry_ids,
        _rank(order_before, entry_ids),
        _rank(order_after, entry_ids),
        wrong[0] if wrong else None,
    )


def _rank(order: list[str], entry_ids: tuple[str, ...]) -> int | None:
    return next((row + 1 for row, entry_id in enumerate(order) if entry_id in entry_ids), None)

"""Can a confidence be trusted? Figures for any number in [0, 1] that says "this is right"."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np

from mundap.evaluation.statistics.bootstrap import LEVEL, Estimate
from mundap.evaluation.statistics.reliability import (
    ReliabilityBin,
    chance_ece,
    ece,
    equal_mass,
    equal_width,
    reliability_bins,
)
from mundap.evaluation.statistics.selective import (
    Descending,
    Flags,
    Numbers,
    aurc,
    auroc,
    coverage_at,
    fpr_at_95_tpr,
    risk_coverage,
)

RESAMPLES = 1_000
_CELLS = 20

_Figure = Callable[[Numbers], Numbers]


class ConfidenceReportError(ValueError):
    """Confidences and outcomes cannot be reported on."""


@dataclass(frozen=True, slots=True)
class ConfidenceFigures:
    """What a confidence is worth on queries with a known outcome.

    A query out of scope is never correct: an answer to it is wrong. Coverage is a share of all
    queries, so it cannot pass the share that has an answer by much. An AUROC of a class that
    is missing, and the rate that needs it, are None.
    """

    n_in_scope: int
    n_out_of_scope: int
    auroc_scope: Estimate | None
    auroc_correct: Estimate | None
    fpr_at_95_tpr: Estimate | None
    aurc: Estimate
    coverage_at_90: Estimate
    coverage_at_95: Estimate
    brier: Estimate
    # The headline: 15 bins of as many queries each. Bins of equal width, where confidences
    # crowd at the ends, hold one query or three hundred.
    ece: float
    ece_equal_width: float
    # What a perfectly calibrated confidence would show with so few queries.
    ece_by_chance: float
    # (coverage, risk), surest first.
    risk_coverage: tuple[tuple[float, float], ...]
    reliability: tuple[ReliabilityBin, ...]
    # Queries right, wrong and out of scope in each twentieth of [0, 1].
    spread: tuple[tuple[int, int, int], ...]

    @classmethod
    def of(
        cls,
        confidence: Numbers,
        correct: Flags,
        in_scope: Flags,
        *,
        clusters: Sequence[Hashable] | None = None,
        resamples: int = RESAMPLES,
        seed: int = 0,
    ) -> "ConfidenceFigures":
        """Report on `confidence` in [0, 1], shape (n,), with two flags for each query.

        Intervals draw whole `clusters` (a query by itself where None), in and out of scope
        apart, as their proportion is whoever's choice who wrote the queries. No `resamples`,
        no intervals: both ends are the figure. Raises ConfidenceReportError on bad arrays.
        """
        confidence = np.asarray(confidence, dtype=np.float64)
        correct, in_scope = np.asarray(correct, dtype=bool), np.asarray(in_scope, dtype=bool)
        _check(confidence, correct, in_scope)
        weights = _draws(in_scope, clusters, resamples, seed)
        mass, width = equal_mass(confidence), equal_width(confidence)
        descending = Descending.of(confidence)
        curve = risk_coverage(descending, np.ones((1, len(confidence))), correct)[0]
        return cls(
            n_in_scope=int(in_scope.sum()),
            n_out_of_scope=int((~in_scope).sum()),
            **_estimates(descending, confidence, correct, in_scope, weights),
            ece=ece(confidence, correct, mass),
            ece_equal_width=ece(confidence, correct, width),
            ece_by_chance=chance_ece(confidence, mass, seed=seed),
            risk_coverage=tuple((float(share), float(risk)) for share, risk in curve),
            reliability=reliability_bins(confidence, correct, mass),
            spread=_spread(confidence, correct, in_scope),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return every field by name; an estimate is [value, low, high]."""
        fields: dict[str, Any] = asdict(self)
        for name in fields:
            value = getattr(self, name)
            if isinstance(value, Estimate):
                fields[name] = value.to_list()
        fields["risk_coverage"] = [list(point) for point in self.risk_coverage]
        fields["spread"] = [list(counts) for counts in self.spread]
        fields["reliability"] = [item.to_dict() for item in self.reliability]
        return fields


def _check(confidence: Numbers, correct: Flags, in_scope: Flags) -> None:
    if not (confidence.ndim == 1 and confidence.shape == correct.shape == in_scope.shape):
        raise ConfidenceReportError(
            f"confidence, correct and in_scope have shapes {confidence.shape}, {correct.shape} "
            f"and {in_scope.shape}; wanted the same (n,)."
        )
    if not len(confidence):
        raise ConfidenceReportError("0 queries to report on; wanted at least 1.")
    if not ((confidence >= 0) & (confidence <= 1)).all():
        bad = confidence[~((confidence >= 0) & (confidence <= 1))][0]
        raise ConfidenceReportError(
            f"confidence {bad}; wanted a probability in [0, 1]. Calibrate scores first."
        )
    if (correct & ~in_scope).any():
        raise ConfidenceReportError(
            f"{int((correct & ~in_scope).sum())} queries out of scope are marked correct; any "
            "answer to those is wrong. Set correct to False there."
        )


def _spread(
    confidence: Numbers, correct: Flags, in_scope: Flags
) -> tuple[tuple[int, int, int], ...]:
    kinds = (correct, in_scope & ~correct, ~in_scope)
    counts = [np.histogram(confidence[kind], _CELLS, (0.0, 1.0))[0].tolist() for kind in kinds]
    return tuple(zip(*counts, strict=True))


def _estimates(
    descending: Descending, confidence: Numbers, correct: Flags, in_scope: Flags, weights: Numbers
) -> dict[str, Any]:
    gaps = (confidence - correct) ** 2
    figures: dict[str, _Figure] = {
        "aurc": partial(aurc, descending, correct=correct),
        "coverage_at_90": partial(coverage_at, descending, correct=correct, accuracy=0.90),
        "coverage_at_95": partial(coverage_at, descending, correct=correct, accuracy=0.95),
        "brier": lambda drawn: (drawn @ gaps) / drawn.sum(axis=1),
    }
    if in_scope.any() and not in_scope.all():
        figures["auroc_scope"] = partial(auroc, descending, positive=in_scope)
        figures["fpr_at_95_tpr"] = partial(fpr_at_95_tpr, descending, positive=in_scope)
    if correct.any() and not correct.all():
        figures["auroc_correct"] = partial(auroc, descending, positive=correct)
    missing = dict.fromkeys(("auroc_scope", "fpr_at_95_tpr", "auroc_correct"))
    return missing | {name: _estimate(figure, weights) for name, figure in figures.items()}


def _estimate(figure: _Figure, weights: Numbers) -> Estimate:
    value = float(figure(np.ones((1, weights.shape[1])))[0])
    if not len(weights):
        return Estimate(value, value, value)
    tails = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    # A draw without a right reply has no AUROC.
    low, high = np.nanquantile(figure(weights), tails)
    return Estimate(value, float(low), float(high))


def _draws(
    in_scope: Flags, clusters: Sequence[Hashable] | None, resamples: int, seed: int
) -> Numbers:
    """Return how often each query is drawn, shape (resamples, n): whole clusters, by scope."""
    rng = np.random.default_rng(seed)
    weights = np.zeros((resamples, len(in_scope)))
    for rows in (np.flatnonzero(in_scope), np.flatnonzero(~in_scope)):
        if not len(rows):
            continue
        of_rows = [row if clusters is None else clusters[row] for row in rows.tolist()]
        numbers = {cluster: number for number, cluster in enumerate(dict.fromkeys(of_rows))}
        drawn = rng.multinomial(len(numbers), [1 / len(numbers)] * len(numbers), size=resamples)
        weights[:, rows] = drawn[:, [numbers[cluster] for cluster in of_rows]]
    return weights

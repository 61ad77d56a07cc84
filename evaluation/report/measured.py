"""Everything one report tells of a FAQ and the systems that search it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mundap.evaluation.comparison import Comparison, compare
from mundap.evaluation.latency import Latency
from mundap.evaluation.queries import Query
from mundap.evaluation.retrieval import RetrievalFigures, evaluate
from mundap.evaluation.robustness import RobustnessFigures
from mundap.evaluation.run import Run, qrels_of
from mundap.evaluation.statistics.confidence import ConfidenceFigures
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.problems import FaqProblem


@dataclass(frozen=True, slots=True)
class Measured:
    """Systems by name, the one that visitors meet first; what was not measured is empty.

    `confidence` is that of hybrid retrieval, and so is `robustness`; `facts` say how all this
    was measured.
    """

    entries: Sequence[FaqEntry]
    queries: Sequence[Query]
    runs: Mapping[str, Run]
    reports: Mapping[str, RetrievalFigures]
    comparisons: Sequence[Comparison]
    problems: Sequence[FaqProblem] = ()
    confidence: ConfidenceFigures | None = None
    latency: Mapping[str, Latency] = field(default_factory=dict)
    peak_memory: float | None = None
    robustness: RobustnessFigures | None = None
    facts: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        entries: Sequence[FaqEntry],
        queries: Sequence[Query],
        runs: Mapping[str, Run],
        *,
        seed: int = 0,
        **others: Any,
    ) -> "Measured":
        """Score `runs` and compare each with the first; `others` are further fields."""
        qrels = qrels_of(queries)
        reports = {name: evaluate(run, qrels, seed=seed) for name, run in runs.items()}
        comparisons = compare(runs, qrels, seed=seed) if len(runs) > 1 else []
        return cls(entries, queries, runs, reports, comparisons, **others)

    @property
    def served(self) -> str:
        """The system that visitors meet."""
        return next(iter(self.runs))

    def to_dict(self) -> dict[str, Any]:
        """Return the figures by name; the rankings stay out."""
        return {
            "retrieval": {name: report.to_dict() for name, report in self.reports.items()},
            "comparisons": [item.to_dict() for item in self.comparisons],
            "confidence": self.confidence.to_dict() if self.confidence else None,
            "problems": [problem.to_dict() for problem in self.problems],
            "latency": {name: item.to_dict() for name, item in self.latency.items()},
            "peak_memory_mb": self.peak_memory,
            "robustness": self.robustness.to_dict() if self.robustness else None,
            "facts": dict(self.facts),
        }

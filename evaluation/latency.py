"""How long a query takes and how much memory it all needs, in this process, on this machine."""

import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from mundap.evaluation.ranking import Ranker

# Enough for a 95th percentile; a slow encoder should not hold up a report.
MOST = 300
K = 10


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds of a query alone, from its text to ten entries."""

    median: float
    p95: float
    p99: float
    queries: int

    @classmethod
    def of(
        cls,
        ranker: Ranker,
        queries: Sequence[str],
        clock: Callable[[], float] = time.perf_counter,
    ) -> "Latency":
        """Search one query at a time, evenly drawn from `queries`; other work here counts."""
        if not queries:
            raise ValueError("0 queries to time; wanted at least 1.")
        drawn = [queries[row] for row in _evenly(len(queries), MOST)]
        ranker.search(drawn[:1], K)  # the first call pays for what is made once
        taken = []
        for query in drawn:
            start = clock()
            ranker.search([query], K)
            taken.append(1_000 * (clock() - start))
        median, p95, p99 = np.percentile(taken, [50, 95, 99]).tolist()
        return cls(median, p95, p99, len(drawn))

    def to_dict(self) -> dict[str, float]:
        """Return the fields by name."""
        return asdict(self)


def peak_memory() -> float | None:
    """Return the most megabytes this process has held so far; None where it cannot be known."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # macOS counts bytes, everything else kilobytes.
    return peak / (1024**2 if sys.platform == "darwin" else 1024)


def machine() -> str:
    """Return what the figures were taken on, without its name."""
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}"
    )


def _evenly(n: int, most: int) -> Sequence[int]:
    rows: list[int] = np.linspace(0, n - 1, min(n, most)).round().astype(int).tolist()
    return rows

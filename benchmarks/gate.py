"""How often `mundap eval compare --gate` cries wolf, and how large a fall it sees.

    python -m benchmarks.gate

Two simulated encoders answer three queries of each entry. Both are right on 80% of the queries
for the same reasons; on the rest each is right or not by its own luck, the old one so often
that its hit@1 is .88, the new one that it is .88 less the fall.
"""

import numpy as np

from mundap.evaluation.comparison import compare
from mundap.evaluation.run import Qrels, Run

ROUNDS = 200
SHARED, OLD = 0.80, 0.88
# Entries, and how far the new encoder falls.
CASES = ((100, 0.0), (364, 0.0), (100, 0.03), (100, 0.06), (364, 0.02), (364, 0.03))


def ranking(right: str, found: bool, rng: np.random.Generator) -> dict[str, float]:
    """Return a ranking with the right entry first, else second or third."""
    if found:
        return {right: 3.0, "x": 2.0, "y": 1.0}
    return {"x": 3.0, right: 2.0, "y": 1.0} if rng.random() < 0.6 else {"x": 3.0, "y": 2.0}


def simulated(entries: int, fall: float, rng: np.random.Generator) -> tuple[dict[str, Run], Qrels]:
    """Return the runs of both encoders and the right entries."""
    runs: dict[str, Run] = {"old": {}, "new": {}}
    qrels: Qrels = {}
    for number in range(3 * entries):
        query_id, right = f"q{number}", f"e{number // 3}"
        qrels[query_id] = {right: 1}
        shared = rng.random() < SHARED
        for name, hits in (("old", OLD), ("new", OLD - fall)):
            found = shared or rng.random() < (hits - SHARED) / (1 - SHARED)
            runs[name][query_id] = ranking(right, found, rng)
    return runs, qrels


def main() -> None:
    """Print a Markdown table."""
    rng = np.random.default_rng(0)
    print("| queries | fall of hit@1 | gate closes |\n|---:|---:|---:|")
    for entries, fall in CASES:
        closed = sum(compare(*simulated(entries, fall, rng))[0].worse for _ in range(ROUNDS))
        print(f"| {3 * entries:,} | {100 * fall:.0f} points | {closed / ROUNDS:.1%} |", flush=True)


if __name__ == "__main__":
    main()

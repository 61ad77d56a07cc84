"""Mining hard negatives for 100,000 questions: seconds, and memory as their number grows.

Questions of 3i4k, then film reviews of NSMC, two of them a pair; each size is mined in a
process of its own, so that its peak of memory is its own.

    MUNDAP_DATA_DIR=... python -m benchmarks.mining
"""

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.result import data_dir, write_result
from mundap.index.korean.text import clean, match_key
from mundap.index.tables.table import read_table
from mundap.training.data.pairs import Pair
from mundap.training.mining.bm25_negatives import Bm25Scorer
from mundap.training.mining.config import MiningConfig
from mundap.training.mining.mining import mine

SIZES = (12_500, 25_000, 50_000, 100_000)


def main() -> None:
    """Mine each size and write the figures, or mine the one size that is named."""
    if len(sys.argv) > 1:
        print(json.dumps(measured(int(sys.argv[1]))))
        return
    data_dir()
    figures: dict[str, Any] = {f"{size:,} questions": apart(size) for size in SIZES}
    figures["load_average"] = round(os.getloadavg()[0], 2)
    write_result("mining", {"bm25": figures})


def apart(size: int) -> dict[str, Any]:
    """Return the figures of one size, measured in a new process."""
    command = [sys.executable, "-m", "benchmarks.mining", str(size)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    print(size, figures, file=sys.stderr)
    return figures


def measured(size: int) -> dict[str, Any]:
    """Mine four negatives for each question; analysing the texts counts."""
    pairs = question_pairs(data_dir(), size)
    before = peak_mib()
    begin, processor = time.perf_counter(), time.process_time()
    mined = mine(pairs, Bm25Scorer.build, MiningConfig())
    return {
        "seconds": round(time.perf_counter() - begin, 1),
        "processor_seconds": round(time.process_time() - processor, 1),
        "peak_mib_before": before,
        "peak_mib": peak_mib(),
        "negatives": sum(len(pair.negatives) for pair in mined.pairs),
        "anchors_with_too_few": mined.anchors_with_too_few,
    }


def question_pairs(folder: Path, size: int) -> list[Pair]:
    """Return `size` different texts as anchors, each with its neighbour as positive."""
    questions, reviews = (
        [row["text"] for row in read_table(folder / f"{name}.parquet").rows]
        for name in ("intention_3i4k", "nsmc_reviews")
    )
    different: dict[str, str] = {}
    for text in [*questions, *reviews[:size]]:
        if clean(text):
            different.setdefault(match_key(text), clean(text))
    texts = list(different.values())[:size]
    return [Pair(text, texts[row ^ 1], f"g{row // 2}") for row, text in enumerate(texts)]


def peak_mib() -> int:
    """Return the most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()

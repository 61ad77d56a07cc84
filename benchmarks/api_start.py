"""Cold start of the API: from the command to the first answer, and what it holds then.

A fresh process each time, on an existing bundle of 11,823 questions; the files it reads are in
the page cache, as after a restart. One more start lists every module imported on the way.

    MUNDAP_DATA_DIR=... python -m benchmarks.api_start
"""

import argparse
import os
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.api_load import UNLIMITED, build
from benchmarks.api_server import serving
from benchmarks.result import data_dir, write_result
from mundap.index.encoders.shipped import NO_PRETRAINED, SHIPPED
from mundap.index.faq.entry import FaqEntry, read_faq

STARTS = 5
ANSWERS = 1000
# Serving needs none of these, and each costs seconds or a hundred megabytes.
HEAVY = ("torch", "transformers", "sentence_transformers", "gradio", "pandas", "pyarrow", "scipy")


def main() -> None:
    """Start it several times and write the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.api_start")
    parser.add_argument("--pretrained", default=SHIPPED)
    pretrained = parser.parse_args().pretrained
    entries = read_faq(data_dir() / "chatbot_data.parquet")
    with TemporaryDirectory() as scratch:
        bundle = Path(scratch) / "index"
        build(bundle, entries, Path(scratch) / "faq.jsonl", pretrained)
        starts = [_start(bundle, entries) for _ in range(STARTS)]
        modules = _imported(bundle, Path(scratch) / "imports.txt")
    seconds = [start["seconds"] for start in starts]
    processor = [start["processor"] for start in starts]
    figures = {
        "entries": len(entries),
        "seconds_to_first_answer": {"median": median(seconds), "each": seconds},
        # What it takes on a machine that others leave alone, as it does one thing at a time.
        "processor_seconds_to_first_answer": {"median": median(processor), "each": processor},
        "memory_after_first_answer": starts[-1]["first"],
        f"memory_after_{ANSWERS}_answers": starts[-1]["many"],
        "modules_imported": len(modules),
        "heavy_modules_imported": sorted(set(HEAVY) & modules),
        "load_average": round(os.getloadavg()[0], 2),
    }
    fast = pretrained == NO_PRETRAINED
    words = f"benchmarks.api_start --pretrained {pretrained}"
    write_result("api_start_fast" if fast else "api_start", figures, words)


def _start(bundle: Path, entries: list[FaqEntry]) -> dict[str, Any]:
    begin = time.perf_counter()
    with serving(bundle, UNLIMITED) as server:
        server.ask("배송비 얼마예요?")
        seconds = round(time.perf_counter() - begin, 2)
        processor, first = round(server.cpu_seconds(), 2), server.memory()
        for entry in entries[:ANSWERS]:
            server.ask(f"{entry.question} 궁금해요")
        many = server.memory()
    return {"seconds": seconds, "processor": processor, "first": first, "many": many}


def _imported(bundle: Path, listing: Path) -> set[str]:
    """Return the top-level names of what a start and a first answer import."""
    with (
        listing.open("wb") as log,
        serving(bundle, {**UNLIMITED, "PYTHONPROFILEIMPORTTIME": "1"}, log=log) as server,
    ):
        server.ask("배송비 얼마예요?")
    lines = listing.read_text(encoding="utf-8").splitlines()
    listed = (line for line in lines if line.startswith("import time:"))
    return {line.rpartition("|")[2].strip().split(".")[0] for line in listed}


if __name__ == "__main__":
    main()

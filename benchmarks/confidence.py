"""Confidence on ParaKQC: half of the tested intents are left out of the index.

The encoder is trained on other intents (see benchmarks/parakqc.py) and the confidence fitted on
the indexed phrasings alone; the queries were seen by neither. Three seeds.

    MUNDAP_DATA_DIR=... python -m benchmarks.confidence
"""

import sys
from typing import Any

import numpy as np

from benchmarks.parakqc import SEEDS, draw_halves
from benchmarks.result import data_dir, write_result
from benchmarks.trained import trained_encoder
from mundap.evaluation.fit.calibration import fit_confidence
from mundap.evaluation.fit.judged import Judged
from mundap.evaluation.statistics.confidence import ConfidenceFigures
from mundap.index.encoders.registry import load_encoder
from mundap.index.search.confidence import Confidence
from mundap.index.search.retriever import Retriever
from mundap.training.config import TrainingConfig
from mundap.training.data.split import Split


def main() -> None:
    """Measure every seed and write the figures."""
    figures = {f"seed {seed}": _measure(seed) for seed in SEEDS}
    write_result("confidence", figures)


def _measure(seed: int) -> dict[str, Any]:
    halves = draw_halves(data_dir(), seed)
    tested = sorted({query.entry_id for query in halves.queries})
    order = np.random.default_rng(seed).permutation(len(tested))
    left_out = {tested[place] for place in order[: len(tested) // 2]}
    config = TrainingConfig(seed=seed)
    path = trained_encoder(Split.of_faq(halves.training, config), config)
    kept = [entry for entry in halves.corpus if entry.entry_id not in left_out]
    retriever = Retriever.build(load_encoder(path), kept)
    inside = [query for query in halves.queries if query.entry_id not in left_out]
    outside = [query.text for query in halves.queries if query.entry_id in left_out]
    judged = Judged.queries(retriever, inside) + Judged.out_of_scope(retriever, outside)
    return confidence_figures(fit_confidence(retriever), judged)


def confidence_figures(confidence: Confidence, judged: Judged) -> dict[str, Any]:
    """Return how a fitted confidence does on queries it was not fitted on."""
    sure = judged.probabilities(confidence)
    kinds = np.array(judged.kinds(confidence))
    report = ConfidenceFigures.of(sure, judged.correct, judged.in_scope).to_dict()
    for name in ("risk_coverage", "reliability"):
        del report[name]
    inside = judged.in_scope
    answered = kinds == "answer"
    shares = {
        "in scope: answered": answered[inside].mean(),
        "in scope: right of the answered": judged.correct[answered & inside].mean(),
        "in scope: don't know": (kinds == "unknown")[inside].mean(),
        "out of scope: answered": answered[~inside].mean(),
        "out of scope: don't know": (kinds == "unknown")[~inside].mean(),
    }
    print(report["auroc_scope"], report["ece"], shares, file=sys.stderr)
    rounded = {name: round(float(share), 4) for name, share in shares.items()}
    weights = {"intercept": confidence.first.intercept, **confidence.first.weights}
    return {**report, "replies": rounded, "fitted": weights}


if __name__ == "__main__":
    main()

"""Does it help to read query and entry together? A cross-encoder on FAQs that nobody tuned for.

It is trained, from the encoder that ships, on the FAQs that this has learned from: each query with
its entry against the next best of the same FAQ, queries beside the FAQ with what they find. Asked
are the FAQs held back: which of the first hits it puts first, and whether what it says adds to
the evidence that the confidence has, by models of other FAQs. What is asked is a drawn part.

    python -m benchmarks.pair_reader [--queries 2400] [--asked 1500]
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.result import write_result
from benchmarks.usual_sites import Site, faq_site, names_of
from mundap.evaluation.fit.judged import Judged
from mundap.index.encoders.registry import load_encoder
from mundap.index.encoders.shipped import SHIPPED
from mundap.index.korean.text import match_key
from mundap.index.similarity.pair_encoder import PairEncoder, load_pair_encoder
from mundap.training.config import TrainingConfig
from mundap.training.cross_encoder.pairs import TargetPair
from mundap.training.cross_encoder.split import CrossSplit
from mundap.training.cross_encoder.trainer import train_cross_encoder

# Entries that a query is read with, to learn and to be put in a new order.
_DEPTH = 5
_SEED, _FOLDS = 0, 4
# Of queries beside the FAQ at most so many are answered.
_BESIDE = 0.03
# Queries that are timed one by one.
_TIMED = 50

_Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case:
    """A query with the first entries found for it, what speaks for the first, and what is right."""

    faq: str
    kind: str
    query: str
    passages: list[str]
    right: list[bool]
    evidence: _Array


def main() -> None:
    """Train, ask, and write the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pair_reader")
    parser.add_argument("--queries", type=int, default=2400, help="learned from")
    parser.add_argument("--asked", type=int, default=1500)
    given = parser.parse_args()
    rng = np.random.default_rng(_SEED)
    learned = _drawn(list(_cases("learn")), given.queries, rng)
    asked = _drawn(list(_cases("fit")), given.asked, rng)
    with TemporaryDirectory(prefix="mundap-reader-") as scratch:
        busy = time.process_time()
        reader = _trained(learned, Path(scratch) / "reader")
        figures = {"trained_s": round(time.process_time() - busy), **_figures(reader, asked)}
    write_result("pair_reader", {"learned from": len(learned), "asked": len(asked), **figures})


def _cases(part: str) -> Iterator[Case]:
    """Yield what is asked of each FAQ of a part of the training FAQs."""
    pretrained: Any = load_encoder(SHIPPED)
    for name in names_of(part):
        yield from _of_site(faq_site(name, pretrained))
        print(part, name, file=sys.stderr)


def _of_site(site: Site) -> Iterator[Case]:
    for place, one in enumerate(site.asked):
        rankings = site.rank(place, _DEPTH)
        judged = Judged.of(rankings, one.right)
        for number, ranking in enumerate(rankings):
            found = [hit.entry for hit in ranking.hits]
            yield Case(
                faq=site.name,
                kind=one.kind,
                query=one.texts[number],
                passages=[f"{entry.question} {entry.answer}" for entry in found],
                right=[match_key(entry.answer) in one.right[number] for entry in found],
                evidence=judged.evidence[number],
            )


def _drawn(cases: Sequence[Case], most: int, rng: np.random.Generator) -> list[Case]:
    """Return some cases; topics, which are to be offered entries and not answered, are left out."""
    kept = [case for case in cases if case.kind != "ambiguous" and case.right]
    return [kept[place] for place in rng.permutation(len(kept))[:most]]


def _trained(cases: Sequence[Case], output: Path) -> PairEncoder:
    pairs = [
        TargetPair(case.query, passage, float(right))
        for case in cases
        for passage, right in zip(case.passages, case.right, strict=True)
    ]
    config = TrainingConfig(
        base=SHIPPED,
        epochs=1,
        learning_rate=5e-5,
        batch_size=32,
        max_seq_length=112,
        precision="bf16",
        seed=_SEED,
    )
    return load_pair_encoder(train_cross_encoder(CrossSplit(pairs, None, 0), config, output))


def _figures(reader: PairEncoder, cases: Sequence[Case]) -> dict[str, Any]:
    pairs = [(case.query, passage) for case in cases for passage in case.passages]
    said = np.split(reader.closeness(pairs), np.cumsum([len(c.passages) for c in cases])[:-1])
    covered = np.array([case.kind == "queries" for case in cases])
    right = np.array([case.right[0] for case in cases])
    anew = np.array([c.right[int(np.argmax(s))] for c, s in zip(cases, said, strict=True)])
    evidence = np.stack([case.evidence for case in cases])
    read = np.array([_odds(s) for s in said])
    groups = [case.faq for case in cases]
    facts = {"evidence": evidence, "read": read, "both": np.hstack([evidence, read])}
    return {
        "right first": round(float(right[covered].mean()), 4),
        "right first, read anew": round(float(anew[covered].mean()), 4),
        "ms a query": _milliseconds(reader, cases[:_TIMED]),
        **{name: _confidence(each, right, covered, groups) for name, each in facts.items()},
    }


def _odds(shares: _Array) -> list[float]:
    """Return what was said of the first, and the most that was said of another."""
    clipped = np.clip(shares, 1e-6, 1 - 1e-6)
    odds = np.log(clipped / (1 - clipped))
    return [float(odds[0]), float(odds[1:].max(initial=-20.0))]


def _confidence(
    facts: _Array, right: NDArray[np.bool_], covered: NDArray[np.bool_], groups: list[str]
) -> dict[str, float]:
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    sure, inside = (
        cross_val_predict(
            model, facts, flags, groups=groups, cv=GroupKFold(_FOLDS), method="predict_proba"
        )[:, 1]
        for flags in (right, covered)
    )
    least = np.quantile(sure[~covered], 1 - _BESIDE)
    return {
        "AUROC, first right": round(float(roc_auc_score(right, sure)), 4),
        "AUROC, in scope": round(float(roc_auc_score(covered, inside)), 4),
        "answered right": round(float((right & (sure > least))[covered].mean()), 4),
    }


def _milliseconds(reader: PairEncoder, cases: Sequence[Case]) -> float:
    """Return the median of processor time that reading the first entries of one query takes."""
    taken = []
    for case in cases:
        busy = time.process_time()
        reader.closeness([(case.query, passage) for passage in case.passages])
        taken.append(1000 * (time.process_time() - busy))
    return round(float(np.median(taken)), 1)


if __name__ == "__main__":
    main()

"""Fits what a FAQ starts with: the weights of its signals and how sure it is, across many FAQs.

The FAQs are those of `benchmarks/usual_sites.py`. Weights are fitted for one phrasing an entry and
for 16, and lie between for others. What tells queries beside any FAQ is fitted before all else, to
what was asked of the FAQs that the shipped encoder learned from. Everything printed was measured on
FAQs that the fit had not seen.

    python -m benchmarks.usual_fit [--mode foreign]
    python -m benchmarks.usual_fit --unseen

The second fits nothing, and measures what ships on 136 further FAQs that nothing was fitted on.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from benchmarks.result import read_figures, write_result
from benchmarks.usual_figures import by_added, cascade, replies
from benchmarks.usual_sites import Site, in_other_languages, learned_from, sites, unseen
from mundap.evaluation.fit.fusion import Candidates
from mundap.evaluation.fit.judged import Judged
from mundap.evaluation.fit.log_odds import fit_log_odds
from mundap.index.encoders.encoder import Encoder, PieceEncoder
from mundap.index.encoders.registry import load_encoder
from mundap.index.encoders.shipped import SHIPPED
from mundap.index.search.confidence import USUAL_FILE as CONFIDENCE_FILE
from mundap.index.search.confidence import Confidence
from mundap.index.search.fusion import SIGNALS, Fusion
from mundap.index.search.fusion import USUAL_FILE as FUSION_FILE
from mundap.index.search.scope import USUAL_FILE as SCOPE_FILE

# What speaks: words, a pretrained encoder and words, or that encoder alone, as for a query in
# another language. There Korean queries are asked as if nothing were known of their words.
MODES = ("plain", "content", "foreign")
_SPEAK = {
    "plain": SIGNALS[:4],
    "content": SIGNALS,
    "foreign": ("phrasing", "phrasing_centroid", "content", "late"),
}
# FAQs left out together.
FOLDS = 4
# An answer is given from the least probability at which so many are right and so few queries out
# of scope get one.
RIGHT, BESIDE = 0.94, 0.03
# At most so many covered queries are told "I do not know", and at most so many out of scope are
# offered entries: offers begin as far from either limit, within the second if not in both.
UNKNOWN, OFFERED = 0.06, 0.35
_PULL = 1e-3
# How much the probe of queries beside a FAQ may follow single ones; from .03 to 10 all alike.
_FREE = 1.0

_Array = NDArray[np.float64]


def fit_weights(
    known: Sequence[tuple[Candidates, float]], mode: str
) -> dict[str, dict[str, float]]:
    """Return the slopes of every signal for one phrasing an entry and for 16.

    `known` is what was ranked for each FAQ, and how far that is from one phrasing.
    """
    width = len(SIGNALS)
    usable = np.array([name in _SPEAK[mode] for name in SIGNALS])

    def loss(values: _Array) -> tuple[float, _Array]:
        one, many = values[:width], values[width:]
        total, gradient = _PULL * float((values**2).sum()) / 2, _PULL * values
        for candidates, far in known:
            here, slope = candidates.loss((1 - far) * one + far * many)
            total += here
            gradient = gradient + np.concatenate([(1 - far) * slope, far * slope])
        return total, gradient

    start = np.tile(np.where(usable, 3.0, 0.0), 2)
    bounds = [(0.0, None if use else 0.0) for use in np.tile(usable, 2)]
    values = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    parts = {"one": values[:width], "many": values[width:]}
    return {
        name: {s: round(float(v), 3) for s, v in zip(SIGNALS, part, strict=True)}
        for name, part in parts.items()
    }


def fusion_of(weights: dict[str, dict[str, float]], far: float) -> Fusion:
    """Return the weights between the two ends."""
    one, many = weights["one"], weights["many"]
    return Fusion.of_log_odds([(1 - far) * one[name] + far * many[name] for name in SIGNALS])


def fit_confidence_of(parts: Sequence[tuple[Judged, list[str]]]) -> dict[str, Any]:
    """Return the models of a confidence; every FAQ counts the same."""
    every = sum((part for part, _ in parts), Judged.none())
    weights = np.concatenate([np.full(len(part), 200 / len(part)) for part, _ in parts])
    # A topic in a word or two is to be offered entries, however well one fits.
    asked = np.concatenate([np.array(kinds) != "ambiguous" for _, kinds in parts])
    labels = {"first": every.correct & asked, "shown": every.shown}
    return {
        name: asdict(fit_log_odds(every.evidence, right, weights, spread=10.0))
        for name, right in labels.items()
    }


def fit_scope(encoder: Encoder) -> dict[str, Any]:
    """Return the probe of queries beside any FAQ, over the vectors of an encoder."""
    asked = learned_from()
    outside = np.array([kind == "out_of_scope" for kind, _ in asked])
    vectors = encoder.encode([text for _, text in asked])
    # There are nine queries that a FAQ answers for one that it does not: both count the same.
    balanced = LogisticRegression(C=_FREE, class_weight="balanced", max_iter=3000)
    model = balanced.fit(vectors, outside)
    weights, intercept = np.round(model.coef_[0], 4).tolist(), round(float(model.intercept_[0]), 4)
    return {"encoder": encoder.fingerprint, "weights": weights, "intercept": intercept}


def main() -> None:
    """Fit all modes, or some, write what ships and what was measured on FAQs left out."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.usual_fit")
    parser.add_argument("--mode", action="append", choices=MODES, help="fit this alone")
    parser.add_argument("--unseen", action="store_true", help="fit nothing, measure what ships")
    given = parser.parse_args()
    modes = given.mode or MODES
    pretrained: Any = load_encoder(SHIPPED)
    if given.unseen:
        write_result("usual_fit", read_figures("usual_fit") | {"unseen": of_unseen(pretrained)})
        return
    if set(modes) == set(MODES):
        SCOPE_FILE.write_text(json.dumps(fit_scope(pretrained)) + "\n", encoding="utf-8")
    run(list(sites(pretrained)), modes)


def run(found: list[Site], modes: Sequence[str] = MODES) -> None:
    """Fit and measure; see `main`."""
    usual_weights, usual_confidence = (
        json.loads(path.read_text(encoding="utf-8")) for path in (FUSION_FILE, CONFIDENCE_FILE)
    )
    figures = {} if set(modes) == set(MODES) else read_figures("usual_fit")
    by_mode: dict[str, dict[str, tuple[Judged, list[str]]]] = {}
    # "plain" comes last: it takes away what was read
    for mode in sorted(modes, key=MODES.index, reverse=True):
        for site in found:
            if mode == "plain":
                site.unread()
            site.foreign = mode == "foreign"
            site.weigh(fusion_of(usual_weights[mode], site.far))
        known = {site.name: (site.candidates(), site.far) for site in found}
        judged_parts: dict[str, tuple[Judged, list[str]]] = {}
        spoken: dict[str, tuple[Judged, list[str]]] = {}
        for fold in range(FOLDS):
            out = [site for site in found if _fold(site.name) == fold]
            weights = fit_weights([k for name, k in known.items() if _fold(name) != fold], mode)
            for site in out:
                site.weigh(fusion_of(weights, site.far))
                judged_parts[site.name] = site.judged()
                if mode == "foreign":
                    spoken |= {
                        f"{site.name} {language}": replace(each, foreign=True).judged()
                        for language, each in in_other_languages(site).items()
                    }
        first = {name: right_of(*part) for name, part in judged_parts.items()}
        usual_weights[mode] = fit_weights(list(known.values()), mode)
        sure = _held_out(judged_parts, judged_parts | spoken)
        by_mode[mode] = judged_parts
        answer, suggest = thresholds(judged_parts, sure)
        model = fit_confidence_of(list(judged_parts.values()))
        usual_confidence[mode] = {**model, "answer": answer, "suggest": suggest}
        figures[mode] = {
            "right first, in three": by_added(first),
            "replies": replies(judged_parts | spoken, sure, answer, suggest),
        }
    if {"plain", "content"} <= by_mode.keys():
        figures["cascade"] = cascade(by_mode["plain"], by_mode["content"], sure)
    for path, values in {FUSION_FILE: usual_weights, CONFIDENCE_FILE: usual_confidence}.items():
        path.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    write_result("usual_fit", figures)


def of_unseen(pretrained: PieceEncoder) -> dict[str, Any]:
    """Return what the usual weights and the usual confidence come to on FAQs unseen by any fit."""
    confidence = Confidence.usual(content=True)
    parts = {site.name: site.judged() for site in unseen(pretrained)}
    sure = {name: part.odds(confidence) for name, (part, _) in parts.items()}
    return {
        "right first, in three": by_added({name: right_of(*part) for name, part in parts.items()}),
        "replies": replies(parts, sure, confidence.answer, confidence.suggest),
    }


def right_of(part: Judged, kinds: Sequence[str]) -> list[float]:
    """Return how often the right entry comes first for covered queries, and among three."""
    covered = np.array(kinds) == "queries"
    return [float(part.correct[covered].mean()), float(part.shown[covered].mean())]


def _fold(name: str) -> int:
    """Return the fold of a FAQ: the same with more phrasings."""
    return sum(name.partition("+")[0].encode()) % FOLDS


def _held_out(
    parts: dict[str, tuple[Judged, list[str]]], asked: dict[str, tuple[Judged, list[str]]]
) -> dict[str, _Array]:
    """Return both probabilities of every query asked, (n, 2), by models of other FAQs."""
    found = {}
    for fold in range(FOLDS):
        model = fit_confidence_of([p for name, p in parts.items() if _fold(name) != fold])
        confidence = Confidence.from_json(json.dumps({**model, "answer": 0.5, "suggest": 0.5}))
        for name in (name for name in asked if _fold(name) == fold):
            found[name] = asked[name][0].odds(confidence)
    return found


def thresholds(
    parts: dict[str, tuple[Judged, list[str]]], sure: dict[str, _Array]
) -> tuple[float, float]:
    """Return the probabilities of an answer and of offers that keep to the limits on other FAQs."""
    names = [name for name in parts if name.endswith("+0") and name != "bundled+0"]
    kinds = np.concatenate([parts[name][1] for name in names])
    right = np.concatenate([parts[name][0].correct for name in names])
    both = np.concatenate([sure[name] for name in names])
    covered, beside = kinds == "queries", kinds == "out_of_scope"
    for answer in np.arange(0.5, 0.99, 0.01):
        given = both[:, 0] >= answer
        if right[given & covered].mean() >= RIGHT and given[beside].mean() <= BESIDE:
            break

    def worst(least: float) -> tuple[bool, float]:
        offered = ~given & (both[:, 1] >= least)
        unknown, aside = (~given & ~offered)[covered].mean(), offered[beside].mean()
        return bool(aside > OFFERED), float(max(unknown / UNKNOWN, aside / OFFERED))

    suggest = min(np.arange(0.05, answer, 0.005), key=worst)
    return round(float(answer), 2), round(float(suggest), 3)


if __name__ == "__main__":
    main()

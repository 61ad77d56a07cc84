"""Means and spreads of every row, and what differs from the plain one beyond luck."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from benchmarks.objectives.records import Record
from benchmarks.objectives.rows import PLAIN, Row
from benchmarks.objectives.tasks import Questions
from benchmarks.parakqc import SEEDS
from mundap.evaluation.statistics.significance import holm, randomisation_p

# Name -> seed -> what was measured.
Records = Mapping[str, Mapping[int, Record]]
# Seed -> collection -> its questions.
Drawn = Mapping[int, Mapping[str, Questions]]
HARD_NEGATIVES, BASELINE = "hard negatives", "contrastive-random"


def figures(rows: Iterable[Row], records: Records, drawn: Drawn) -> dict[str, Any]:
    """Return the figures of the rows of which every seed has been measured."""
    of_rows = {name: row for row in rows for name in row.names if name in records}
    groups = {n: row.group for n, row in of_rows.items() if set(records[n]) >= set(row.seeds)}
    kinds = [name for name, group in groups.items() if group == HARD_NEGATIVES]
    return {
        "seeds": list(SEEDS),
        "queries": {name: len(questions.queries) for name, questions in drawn[0].items()},
        "rows": {name: {"group": groups[name], **_row(records[name])} for name in groups},
        # Each family is corrected for being several by Holm's method.
        f"against {PLAIN}": _family(kinds, records, drawn)
        | _family([name for name in groups if name == BASELINE], records, drawn),
    }


def _row(of_seeds: Mapping[int, Record]) -> dict[str, Any]:
    every = [of_seeds[seed] for seed in sorted(of_seeds)]
    hits = {c: [float(one.hits[c].mean()) for one in every] for c in every[0].hits}
    spearman = {c: [one.spearman[c] for one in every] for c in every[0].hits}
    return {
        "hit@1": {name: _spread(values) for name, values in hits.items()},
        # Of the encoder that was trained on each one's questions.
        "korsts_dev": {name: _spread(values) for name, values in spearman.items()},
    }


def _spread(values: list[float]) -> dict[str, Any]:
    return {
        "seeds": [round(value, 4) for value in values],
        "mean": round(float(np.mean(values)), 4),
        "deviation": round(float(np.std(values, ddof=1)), 4) if len(values) > 1 else 0.0,
    }


def _family(names: Iterable[str], records: Records, drawn: Drawn) -> dict[str, Any]:
    """Compare each row with PLAIN on every collection; p-values are of all of them together."""
    pairs = [(name, collection) for name in names for collection in drawn[0]]
    found = {f"{n}/{c}": _difference(records[PLAIN], records[n], drawn, c) for n, c in pairs}
    corrected = holm({key: difference["p"] for key, difference in found.items()})
    family: dict[str, Any] = {}
    for name, collection in pairs:
        key = f"{name}/{collection}"
        of_row = family.setdefault(name, {})
        of_row[collection] = {**found[key], "p, Holm": round(corrected[key], 4)}
    return family


def _difference(
    plain: Mapping[int, Record], other: Mapping[int, Record], drawn: Drawn, collection: str
) -> dict[str, Any]:
    """Compare query by query; all queries of an entry, of every seed, are one cluster."""
    before = np.concatenate([plain[seed].hits[collection] for seed in SEEDS]).astype(float)
    after = np.concatenate([other[seed].hits[collection] for seed in SEEDS]).astype(float)
    clusters = [cluster for seed in SEEDS for cluster in drawn[seed][collection].clusters]
    return {
        "difference": round(float((after - before).mean()), 4),
        "fixed": int((after > before).sum()),
        "broken": int((after < before).sum()),
        "p": round(randomisation_p(before, after, clusters), 4),
    }

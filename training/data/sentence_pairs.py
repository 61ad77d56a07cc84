"""Pairs of sentences that people judged: similarity from 0 to 5, or what follows from what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np

from mundap.evaluation.sts import SentencePair, read_sts
from mundap.index.korean.text import clean, match_key
from mundap.index.tables.table import Table, read_table, require_columns
from mundap.training.config import TrainingConfig
from mundap.training.data.pairs import Pair, PairError

NLI_COLUMNS = ("premise", "hypothesis", "label")
NLI_LABELS = ("entailment", "neutral", "contradiction")


@dataclass(frozen=True, slots=True)
class NliPair:
    """A premise, a hypothesis, and whether it follows: one of NLI_LABELS."""

    premise: str
    hypothesis: str
    label: str


PairT = TypeVar("PairT")


@dataclass(frozen=True, slots=True)
class SentenceSplit(Generic[PairT]):
    """Pairs of all data sets to train on; what is held out, by data set and all together."""

    pairs: list[PairT]
    development: Mapping[str, list[PairT]] | None
    held_out: list[PairT]

    @property
    def development_size(self) -> int:
        """Number of pairs that judge."""
        return len(self.held_out) if self.development else 0

    def whole(self) -> "SentenceSplit[PairT]":
        """Return everything to train on and nothing held out."""
        return SentenceSplit([*self.pairs, *self.held_out], None, [])


def sts_split(paths: Sequence[Path], config: TrainingConfig) -> SentenceSplit[SentencePair]:
    """Read similarity files and hold out a share of each, as many of every score."""
    read = {name: read_sts(path) for name, path in _named(paths).items()}
    return _split(read, {n: [pair.score for pair in pairs] for n, pairs in read.items()}, config)


def nli_split(paths: Sequence[Path], config: TrainingConfig) -> SentenceSplit[NliPair]:
    """Read inference files and hold out a share of each, as many of every label."""
    read = {name: read_nli(path) for name, path in _named(paths).items()}
    ranks = {n: [float(NLI_LABELS.index(p.label)) for p in pairs] for n, pairs in read.items()}
    return _split(read, ranks, config)


def read_nli(path: Path) -> list[NliPair]:
    """Read columns premise, hypothesis and label of CSV, Parquet, JSON Lines or Excel.

    Raises TableError on an unreadable table or a missing column, PairError on a bad row.
    """
    return nli_of(read_table(path), path)


def nli_of(table: Table, path: Path) -> list[NliPair]:
    """Do what `read_nli` does with the table of `path`, which is read already."""
    require_columns(table, NLI_COLUMNS, path)
    pairs = []
    for number, row in enumerate(table.rows, start=2):
        texts = [clean(str(row[column])) for column in NLI_COLUMNS[:2]]
        if not all(texts):
            raise PairError(f"{path}, row {number}: premise or hypothesis is empty. Drop the row.")
        if row["label"] not in NLI_LABELS:
            raise PairError(
                f"{path}, row {number}: label {row['label']!r}; wanted {', '.join(NLI_LABELS)}."
            )
        pairs.append(NliPair(texts[0], texts[1], str(row["label"])))
    if len(pairs) < 2:
        raise PairError(f"{path}: {len(pairs)} pairs; wanted at least 2.")
    return pairs


def triplets(pairs: Sequence[NliPair], path: Path) -> list[Pair]:
    """Return premise, entailed hypothesis and, as hard negatives, what contradicts the premise.

    Pairs of one premise are one group. `path` is for the error when nothing is entailed.
    """
    contradictions: dict[str, list[str]] = {}
    for pair in pairs:
        if pair.label == "contradiction":
            contradictions.setdefault(match_key(pair.premise), []).append(pair.hypothesis)
    found = [
        Pair(pair.premise, pair.hypothesis, key, tuple(contradictions.get(key, ())))
        for pair in pairs
        if pair.label == "entailment" and (key := match_key(pair.premise))
    ]
    if not found:
        raise PairError(f"{path}: no row is labelled entailment, so there is no positive.")
    return found


def _named(paths: Sequence[Path]) -> dict[str, Path]:
    """Name each data set after its file; of files with the same name by the whole path."""
    stems = [path.stem for path in paths]
    return {p.stem if stems.count(p.stem) == 1 else str(p): p for p in paths}


def _split(
    read: Mapping[str, list[PairT]], ranks: Mapping[str, list[float]], config: TrainingConfig
) -> SentenceSplit[PairT]:
    kept: list[PairT] = []
    development: dict[str, list[PairT]] = {}
    for name, pairs in read.items():
        out = _every_nth(ranks[name], config.development, config.seed)
        kept.extend(pair for row, pair in enumerate(pairs) if row not in out)
        if out:
            development[name] = [pairs[row] for row in sorted(out)]
    held_out = [pair for pairs in development.values() for pair in pairs]
    return SentenceSplit(kept, development or None, held_out)


def _every_nth(ranks: Sequence[float], share: float, seed: int) -> set[int]:
    """Draw a share of the rows at even steps along their ranks: systematic sampling.

    So every stretch of scores gives its share even where it has few rows. At least two of
    four rows or more, as one correlates with nothing; none of fewer.
    """
    count = max(2, round(share * len(ranks)))
    if share == 0 or len(ranks) < 4:
        return set()
    rng = np.random.default_rng(seed)
    order = np.lexsort((rng.random(len(ranks)), np.asarray(ranks)))
    steps = (np.arange(count) + rng.random()) * len(ranks) / count
    return {int(row) for row in order[steps.astype(np.int64)]}

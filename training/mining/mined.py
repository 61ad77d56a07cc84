"""Pairs with their hard negatives, how close those came, and the file they lie in."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.table import Table

from mundap.index.tables.table_writer import write_table
from mundap.training.data.pairs import Pair

QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


@dataclass(frozen=True, slots=True)
class Negative:
    """A text chosen for a pair; `filler` was drawn at random where mining found too few."""

    text: str
    score: float
    filler: bool = False


@dataclass(frozen=True, slots=True)
class Mined:
    """Pairs with new negatives; `scores[i]` is what the source gives the positive of pair i."""

    source: str
    pairs: list[Pair]
    scores: list[float]
    negatives: list[tuple[Negative, ...]]
    wanted: int

    @classmethod
    def of(
        cls,
        source: str,
        pairs: Sequence[Pair],
        scores: Sequence[float],
        negatives: Sequence[tuple[Negative, ...]],
        wanted: int,
    ) -> "Mined":
        """Put the negatives into the pairs, in place of any they had."""
        filled = [
            Pair(pair.anchor, pair.positive, pair.group, tuple(n.text for n in found))
            for pair, found in zip(pairs, negatives, strict=True)
        ]
        return cls(source, filled, list(scores), list(negatives), wanted)

    @property
    def anchors_with_too_few(self) -> int:
        """Number of different anchors with a pair that has fewer mined negatives than wanted."""
        short = {
            pair.anchor
            for pair, found in zip(self.pairs, self.negatives, strict=True)
            if sum(not negative.filler for negative in found) < self.wanted
        }
        return len(short)

    @property
    def pairs_left_short(self) -> int:
        """Number of pairs with fewer negatives than wanted, random ones counted."""
        return sum(len(found) < self.wanted for found in self.negatives)

    def summary(self) -> str:
        """Say in one sentence how many anchors have too few."""
        anchors = len({pair.anchor for pair in self.pairs})
        return (
            f"{len(self.pairs):,} pairs of {anchors:,} anchors; {self.anchors_with_too_few:,} "
            f"anchors have fewer than {self.wanted} negatives from {self.source}, and "
            f"{self.pairs_left_short:,} pairs are left with fewer."
        )

    def table(self) -> Table:
        """Return a terminal table: quantiles of positive and of negative scores."""
        table = Table(
            title=f"Scores by {self.source}",
            caption=f"{self._above():.1%} of the mined negatives score above their positive",
        )
        for name in ("", "number", *(f"{share:.0%}" for share in QUANTILES)):
            table.add_column(name, justify="right" if name else "left")
        for name, scores in self._columns().items():
            values = np.quantile(scores, QUANTILES).tolist() if len(scores) else []
            table.add_row(name, f"{len(scores):,}", *(f"{value:.2f}" for value in values))
        return table

    def write(self, path: Path) -> None:
        """Write anchor, positive, negatives and group, lossless for `pairs_of`."""
        flat = Path(path).suffix.lower() in {".csv", ".xlsx"}
        rows = [asdict(pair) for pair in self.pairs]
        for row in rows:
            texts = list(row["negatives"])
            row["negatives"] = json.dumps(texts, ensure_ascii=False) if flat else texts
        columns = ["anchor", "positive", "negatives", "group"]
        write_table(pd.DataFrame(rows, columns=columns), path)

    def _columns(self) -> dict[str, NDArray[np.float64]]:
        found = [negative for negatives in self.negatives for negative in negatives]
        return {
            "positives": np.array(self.scores),
            "mined": np.array([n.score for n in found if not n.filler]),
            "random": np.array([n.score for n in found if n.filler]),
        }

    def _above(self) -> float:
        above = [
            negative.score > score
            for score, negatives in zip(self.scores, self.negatives, strict=True)
            for negative in negatives
            if not negative.filler
        ]
        return float(np.mean(above)) if above else 0.0

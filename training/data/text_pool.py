"""The different texts of some pairs, and which of them are right answers to which."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mundap.index.korean.text import match_key
from mundap.training.data.pairs import Pair


@dataclass(frozen=True, slots=True)
class TextPool:
    """Every different anchor and positive (by `match_key`), and the groups each belongs to.

    `anchors` and `positives` hold the row of each pair's text, in the order of the pairs.
    """

    texts: tuple[str, ...]
    anchors: NDArray[np.int64]
    positives: NDArray[np.int64]
    _rows: dict[str, int]
    _groups: tuple[frozenset[str], ...]
    _members: dict[str, NDArray[np.int64]]

    @classmethod
    def of(cls, pairs: Sequence[Pair]) -> "TextPool":
        """Collect the texts; negatives that the pairs have already are not among them."""
        rows: dict[str, int] = {}
        texts: list[str] = []
        groups: list[set[str]] = []
        sides: list[tuple[int, int]] = []
        for pair in pairs:
            pair_rows = []
            for text in (pair.anchor, pair.positive):
                row = rows.setdefault(match_key(text), len(rows))
                if row == len(texts):
                    texts.append(text)
                    groups.append(set())
                groups[row].add(pair.group)
                pair_rows.append(row)
            sides.append((pair_rows[0], pair_rows[1]))
        anchors, positives = np.array(sides, dtype=np.int64).reshape(-1, 2).T
        frozen = tuple(map(frozenset, groups))
        return cls(tuple(texts), anchors, positives, rows, frozen, _members(frozen))

    def row(self, text: str) -> int | None:
        """Return the row of a text, or None for one that the pairs do not hold."""
        return self._rows.get(match_key(text))

    def known(self, anchor: int, positive: int) -> NDArray[np.int64]:
        """Return the rows, with repeats, of all texts that share an answer with either text.

        One text may stand under several answers (two entries with the same question): what
        belongs to any of them may be right.
        """
        groups = self._groups[anchor] | self._groups[positive]
        return np.concatenate([self._members[group] for group in groups])


def _members(groups: Sequence[frozenset[str]]) -> dict[str, NDArray[np.int64]]:
    members: dict[str, list[int]] = {}
    for row, names in enumerate(groups):
        for name in names:
            members.setdefault(name, []).append(row)
    return {name: np.array(rows) for name, rows in members.items()}

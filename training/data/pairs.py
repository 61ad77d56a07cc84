"""Training pairs: two texts that mean the same or belong together."""

import hashlib
import itertools
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from mundap.index.faq.entry import FaqEntry
from mundap.index.korean.text import clean, match_key
from mundap.index.tables.table import Table, require_columns

# Pairs of phrasings drawn from one entry: all of seven phrasings' 21, a sample of larger ones.
PHRASING_PAIRS = 24

# Phrasings with their answer, phrasings with one another, or both.
PairKinds = Literal["both", "answers", "alternates"]


class PairError(ValueError):
    """Training data cannot be used."""


@dataclass(frozen=True, slots=True)
class Pair:
    """An anchor and its positive, the negatives mined for it, and the answer they belong to.

    Pairs with the same `group` have the same answer: none is a negative of another.
    """

    anchor: str
    positive: str
    group: str
    negatives: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything to encode for this pair."""
        return (self.anchor, self.positive, *self.negatives)


def pairs_from_faq(
    entries: Sequence[FaqEntry], *, seed: int = 0, kinds: PairKinds = "both"
) -> list[Pair]:
    """Return, entry by entry, each phrasing with the answer and phrasings with one another.

    Phrasings are the question and its alternates. Up to PHRASING_PAIRS pairs of them are
    drawn from an entry, those with the question first.
    """
    rng = np.random.default_rng(seed)
    pairs: list[Pair] = []
    for entry in entries:
        group = match_key(entry.answer)
        texts = list(dict.fromkeys(clean(text) for text in entry.passages))
        if kinds != "alternates":
            pairs.extend(Pair(text, clean(entry.answer), group) for text in texts)
        if kinds != "answers":
            pairs.extend(Pair(a, b, group) for a, b in _phrasing_pairs(texts, rng))
    return pairs


def pairs_of(table: Table, path: Path) -> list[Pair]:
    """Take columns anchor, positive and optionally negatives (a list) and group of a table.

    Without a group column, pairs that share an anchor or a positive belong together. Raises
    TableError or PairError naming the row of the file at `path`.
    """
    require_columns(table, ["anchor", "positive"], path)
    rows = table.rows
    pairs = []
    for number, row in enumerate(rows, start=2):
        anchor, positive = clean(str(row["anchor"])), clean(str(row["positive"]))
        if not anchor or not positive:
            raise PairError(f"{path}, row {number}: an anchor or positive is empty. Drop the row.")
        negatives = _negatives(row.get("negatives", ""), path, number)
        pairs.append(Pair(anchor, positive, str(row.get("group", "")).strip(), negatives))
    if not pairs:
        raise PairError(f"{path}: no rows. Add at least two pairs with different answers.")
    unnamed = [number for number, pair in enumerate(pairs, start=2) if not pair.group]
    if 0 < len(unnamed) < len(pairs):
        raise PairError(
            f"{path}, row {unnamed[0]}: the group is empty. Fill it or drop the column."
        )
    return _grouped(pairs) if unnamed else pairs


def require_answers(pairs: Sequence[Pair]) -> None:
    """Raise PairError unless one answer can be the negative of another."""
    groups = {pair.group for pair in pairs}
    if len(groups) < 2:
        raise PairError(
            f"{len(pairs)} training pairs of {len(groups)} answers; wanted at least 2 "
            "different answers, so that one can be the negative of another."
        )


def random_negatives(pairs: Sequence[Pair], count: int, seed: int) -> list[tuple[str, ...]]:
    """Draw `count` positives of other answers for each of `pairs`, which have two or more."""
    rng = np.random.default_rng(seed)
    drawn = []
    for pair in pairs:
        row: list[str] = []
        while len(row) < count:
            other = pairs[int(rng.integers(len(pairs)))]
            if other.group != pair.group:
                row.append(other.positive)
        drawn.append(tuple(row))
    return drawn


def data_digest(pairs: Sequence[Any]) -> str:
    """Return the SHA-256 of pairs, which are dataclasses of any kind, in their order."""
    digest = hashlib.sha256()
    for pair in pairs:
        digest.update(json.dumps(asdict(pair), ensure_ascii=False).encode())
    return digest.hexdigest()


def _phrasing_pairs(texts: list[str], rng: np.random.Generator) -> list[tuple[str, str]]:
    # `combinations` lists those with the question first.
    with_question = [(texts[0], other) for other in texts[1:]]
    rest = list(itertools.combinations(texts[1:], 2)) if len(texts) <= 64 else []
    if len(with_question) >= PHRASING_PAIRS:
        chosen = rng.choice(len(with_question), PHRASING_PAIRS, replace=False)
        return [with_question[index] for index in sorted(chosen)]
    room = min(len(rest), PHRASING_PAIRS - len(with_question))
    chosen = rng.choice(max(1, len(rest)), room, replace=False)
    return with_question + [rest[index] for index in sorted(chosen)]


def _negatives(cell: object, path: Path, number: int) -> tuple[str, ...]:
    if isinstance(cell, str):
        if not cell.strip():
            return ()
        try:
            cell = json.loads(cell)
        except json.JSONDecodeError:
            cell = None
    if not isinstance(cell, Sequence | np.ndarray) or isinstance(cell, str):
        raise PairError(
            f"{path}, row {number}: negatives are {cell!r}; wanted a list of texts, in CSV as "
            'JSON such as ["...", "..."].'
        )
    return tuple(text for text in (clean(str(value)) for value in cell) if text)


def _grouped(pairs: list[Pair]) -> list[Pair]:
    """Put pairs that share a text, directly or through others, into one group (union-find)."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.setdefault(key, key) != key:
            parent[key] = key = parent[parent[key]]
        return key

    for pair in pairs:
        parent[root(match_key(pair.anchor))] = root(match_key(pair.positive))
    return [
        Pair(pair.anchor, pair.positive, root(match_key(pair.positive)), pair.negatives)
        for pair in pairs
    ]

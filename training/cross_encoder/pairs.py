"""What a cross-encoder learns from: two texts, and how close it shall find them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mundap.evaluation.sts import HIGHEST, SentencePair
from mundap.index.korean.text import clean
from mundap.index.tables.table import read_table, require_columns
from mundap.training.data.pairs import Pair, PairError, random_negatives, require_answers
from mundap.training.mining.bm25_negatives import Bm25Scorer
from mundap.training.mining.config import MiningConfig
from mundap.training.mining.mining import mine

LABEL_COLUMNS = ("sentence1", "sentence2", "label")
# Against each positive: texts that share words with the anchor, and texts that share nothing,
# which are what a reranker mostly meets below the first few hits.
HARD = 3
RANDOM = 1


@dataclass(frozen=True, slots=True)
class TargetPair:
    """Two texts, and how close they are: 0 have nothing in common, 1 say the same."""

    one: str
    other: str
    target: float


def pairs_of_questions(
    pairs: Sequence[Pair], *, hard: int = HARD, random: int = RANDOM, seed: int = 0
) -> list[TargetPair]:
    """Return each pair as a 1, and its anchor with texts of other answers as 0s.

    Hard negatives are those that the pairs have; pairs without any get the closest by BM25.
    Raises PairError unless there are two answers.
    """
    require_answers(pairs)
    if hard and not any(pair.negatives for pair in pairs):
        pairs = mine(pairs, Bm25Scorer.build, MiningConfig(count=hard, seed=seed)).pairs
    drawn = random_negatives(pairs, random, seed)
    found: dict[tuple[str, str], float] = {}
    for pair, others in zip(pairs, drawn, strict=True):
        found[pair.anchor, pair.positive] = 1.0
        for other in (*pair.negatives[:hard], *others):
            found.setdefault((pair.anchor, other), 0.0)
    return [TargetPair(one, other, target) for (one, other), target in found.items()]


def pairs_of_scores(pairs: Sequence[SentencePair]) -> list[TargetPair]:
    """Return people's scores from 0 to 5 as targets from 0 to 1."""
    return [TargetPair(p.sentence1, p.sentence2, p.score / HIGHEST) for p in pairs]


def read_labelled(path: Path) -> list[TargetPair]:
    """Read columns sentence1, sentence2 and label: 1 say the same, 0 do not.

    Raises TableError on an unreadable table or a missing column, PairError on a bad row.
    """
    table = read_table(path)
    require_columns(table, LABEL_COLUMNS, path)
    pairs = []
    for number, row in enumerate(table.rows, start=2):
        one, other = (clean(str(row[column])) for column in LABEL_COLUMNS[:2])
        if not one or not other:
            raise PairError(f"{path}, row {number}: a sentence is empty. Fill it or drop the row.")
        if str(row["label"]) not in {"0", "1"}:
            raise PairError(
                f"{path}, row {number}: label {row['label']!r}; wanted 1 (the same) or 0 (not)."
            )
        pairs.append(TargetPair(one, other, float(row["label"])))
    if not pairs:
        raise PairError(f"{path}: no rows. Add pairs of both labels.")
    return pairs

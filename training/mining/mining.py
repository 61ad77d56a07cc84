"""Hard negatives out of the pairs' own texts: close to the anchor, of another answer."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mundap.training.data.pairs import Pair, PairError
from mundap.training.data.text_pool import TextPool
from mundap.training.mining.config import MiningConfig
from mundap.training.mining.mined import Mined, Negative

# Scores held at once: 64 MB.
_BLOCK = 2**24
# Random texts looked at for each negative that is missing.
_TRIES = 16


class Scorer(Protocol):
    """How close texts are to one another; higher is closer, 0 has nothing in common."""

    @property
    def source(self) -> str:
        """What the negatives are called by in reports."""

    def scores(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the score of every text for the texts in `rows`, shape (len(rows), texts)."""


def mine(
    pairs: Sequence[Pair],
    build: Callable[[Sequence[str]], Scorer],
    config: MiningConfig,
    advance: Callable[[int, int], None] | None = None,
) -> Mined:
    """Give each pair `config.count` negatives out of the texts of all pairs, closest first.

    A negative never shares a group with the anchor or the positive, under any spelling that
    `match_key` holds for the same. `build` makes the scorer for the different texts. What
    is drawn depends on the seed and the place of the pair alone. Memory grows with the
    number of texts, as scores are held for a block of anchors at a time.
    Raises PairError when there are not two groups.
    """
    check_groups(pairs)
    pool = TextPool.of(pairs)
    scorer = build(pool.texts)
    scores: list[float] = []
    negatives: list[tuple[Negative, ...]] = []
    for block, rows in _blocks(pool, scorer):
        for number, row in zip(block, rows, strict=True):
            score = float(row[pool.positives[number]])
            scores.append(score)
            row[pool.known(pool.anchors[number], pool.positives[number])] = -np.inf
            negatives.append(_draw(row, config.highest(score), config, number, pool))
        if advance is not None:
            advance(len(scores), len(pairs))
    return Mined.of(scorer.source, pairs, scores, negatives, config.count)


def check_groups(pairs: Sequence[Pair]) -> None:
    """Raise PairError unless the pairs have two answers to tell apart."""
    groups = {pair.group for pair in pairs}
    if len(groups) < 2:
        raise PairError(
            f"{len(pairs)} pairs of {len(groups)} answers; wanted at least 2 different answers, "
            "so that one can be the negative of another."
        )


def _blocks(
    pool: TextPool, scorer: Scorer
) -> Iterator[tuple[range, Iterator[NDArray[np.float32]]]]:
    """Yield runs of pair numbers with a row of scores, free to be changed, for each."""
    size = max(1, _BLOCK // len(pool.texts))
    for start in range(0, len(pool.anchors), size):
        block = range(start, min(start + size, len(pool.anchors)))
        different, places = np.unique(pool.anchors[block.start : block.stop], return_inverse=True)
        scores = scorer.scores(different)
        yield block, (scores[place].copy() for place in places)


def draw_fillers(
    scores: NDArray[np.float32],
    highest: float,
    number: int,
    texts: Sequence[str],
    rng: np.random.Generator,
) -> list[Negative]:
    """Draw up to `number` texts at random of those that score at most `highest` and not -inf."""
    drawn = rng.integers(len(scores), size=_TRIES * number)
    free = np.isfinite(scores[drawn]) & (scores[drawn] <= highest)
    rows = list(dict.fromkeys(drawn[free].tolist()))[:number]
    return [Negative(texts[row], float(scores[row]), filler=True) for row in rows]


def _draw(
    scores: NDArray[np.float32],
    highest: float,
    config: MiningConfig,
    number: int,
    pool: TextPool,
) -> tuple[Negative, ...]:
    """Draw from the window of ranks, then at random; known positives have score -inf."""
    rng = np.random.default_rng([config.seed, number])
    window = ranked(scores, config.last)[config.first - 1 :]
    window = window[scores[window] <= highest]
    chosen = np.sort(rng.permutation(len(window))[: config.count])
    rows = window[chosen]
    found = [Negative(pool.texts[row], float(scores[row])) for row in rows]
    if config.fill and len(found) < config.count:
        scores[rows] = -np.inf
        found += draw_fillers(scores, highest, config.count - len(found), pool.texts, rng)
    return tuple(found)


def ranked(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Return the k rows with the highest scores above 0, best first, ties in row order."""
    # Few of many texts share a word with an anchor: zeros left in make the partition crawl.
    rows = np.flatnonzero(scores > 0)
    if k < len(rows):
        rows = rows[scores[rows] >= np.partition(scores[rows], -k)[-k]]
    return rows[np.lexsort((rows, -scores[rows]))[:k]]

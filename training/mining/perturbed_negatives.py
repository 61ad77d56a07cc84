"""Negatives that are edits of the positive: nearly its words, another meaning."""

from collections.abc import Callable, Sequence

import numpy as np

from mundap.index.encoders.encoder import Encoder, Vectors
from mundap.training.data.pairs import Pair
from mundap.training.data.text_pool import TextPool
from mundap.training.mining.config import MiningConfig
from mundap.training.mining.korean_edits import Edit, KoreanEdits
from mundap.training.mining.mined import Mined, Negative
from mundap.training.mining.mining import check_groups, draw_fillers

SOURCE = "perturb"
# Pairs whose edits are encoded at once.
_BLOCK = 1024


def perturb(
    pairs: Sequence[Pair],
    encoder: Encoder,
    config: MiningConfig,
    advance: Callable[[int, int], None] | None = None,
) -> Mined:
    """Give each pair up to `config.count` edits of its positive.

    A score is the encoder's cosine with the anchor; ranks play no part, as a text has four
    edits at most. An edit that happens to be a text of the same answer is left out.
    Raises PairError when there are not two groups.
    """
    check_groups(pairs)
    perturber = _Perturber(pairs, encoder, config)
    scores: list[float] = []
    negatives: list[tuple[Negative, ...]] = []
    for start in range(0, len(pairs), _BLOCK):
        for score, found in perturber.block(range(start, min(start + _BLOCK, len(pairs)))):
            scores.append(score)
            negatives.append(found)
        if advance is not None:
            advance(len(scores), len(pairs))
    return Mined.of(SOURCE, pairs, scores, negatives, config.count)


class _Perturber:
    """The texts of the pairs, their vectors and their edits."""

    def __init__(self, pairs: Sequence[Pair], encoder: Encoder, config: MiningConfig) -> None:
        self._config = config
        self._encoder = encoder
        self._pool = TextPool.of(pairs)
        self._vectors = encoder.encode(self._pool.texts)
        self._edits = KoreanEdits.of(self._pool.texts, encoder)
        self._edited: dict[int, list[Edit]] = {}

    def block(self, numbers: range) -> list[tuple[float, tuple[Negative, ...]]]:
        """Return the positive's score and the negatives of some pairs."""
        rngs = [np.random.default_rng([self._config.seed, number]) for number in numbers]
        edits = [self._new(number, rng) for number, rng in zip(numbers, rngs, strict=True)]
        vectors = self._encode([text for texts in edits for text in texts])
        return [
            self._choose(number, texts, vectors, rng)
            for number, texts, rng in zip(numbers, edits, rngs, strict=True)
        ]

    def _new(self, number: int, rng: np.random.Generator) -> list[str]:
        """Return the edits of a pair's positive that are no known positive, shuffled."""
        anchor, positive = self._pool.anchors[number], self._pool.positives[number]
        known = set(self._pool.known(anchor, positive).tolist())
        if positive not in self._edited:  # a text is the positive of many anchors
            self._edited[positive] = self._edits.edit(self._pool.texts[positive])
        found = {edit.text for edit in self._edited[positive]}
        new = sorted(text for text in found if self._pool.row(text) not in known)
        return [new[row] for row in rng.permutation(len(new))]

    def _encode(self, texts: Sequence[str]) -> dict[str, Vectors]:
        different = list(dict.fromkeys(texts))
        return dict(zip(different, self._encoder.encode(different), strict=True))

    def _choose(
        self,
        number: int,
        edits: Sequence[str],
        vectors: dict[str, Vectors],
        rng: np.random.Generator,
    ) -> tuple[float, tuple[Negative, ...]]:
        anchor, positive = self._pool.anchors[number], self._pool.positives[number]
        scores = self._vectors @ self._vectors[anchor]
        score = float(scores[positive])
        highest = self._config.highest(score)
        scored = [Negative(text, float(vectors[text] @ self._vectors[anchor])) for text in edits]
        kept = [negative for negative in scored if negative.score <= highest]
        found = kept[: self._config.count]
        if self._config.fill and len(found) < self._config.count:
            taken = [self._pool.row(negative.text) for negative in found]
            scores[self._pool.known(anchor, positive)] = -np.inf
            scores[[row for row in taken if row is not None]] = -np.inf
            missing = self._config.count - len(found)
            found += draw_fillers(scores, highest, missing, self._pool.texts, rng)
        return score, tuple(found)

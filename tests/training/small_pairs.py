"""Pairs of a handful of answers, and a scorer and hypothesis strategies to mine them with."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from mundap.index.tables.table import read_table
from mundap.training.data.pairs import Pair, pairs_of

WORDS = ("환불", "배송비", "쿠폰", "교환", "Refund", "언제", "얼마", "되나요", "ㅠㅠ", "😀")


def read_pairs(path: Path) -> list[Pair]:
    return pairs_of(read_table(path), path)


class LetterScorer:
    """Scores texts by the share of letters they have in common; ties abound."""

    source = "letters"

    def __init__(self, texts: Sequence[str]) -> None:
        self._sets = [set(text) for text in texts]

    def scores(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        shared = [
            [len(self._sets[row] & other) / len(self._sets[row] | other) for other in self._sets]
            for row in rows
        ]
        return np.array(shared, dtype=np.float32).reshape(len(rows), len(self._sets))


texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
# Cased and spaced otherwise: the same text to `match_key`.
spelt = st.tuples(texts, st.sampled_from([str, str.upper, lambda text: f" {text} "])).map(
    lambda pair: pair[1](pair[0])
)
pairs = (
    st.lists(st.tuples(spelt, spelt, st.sampled_from("가나다라")), min_size=2, max_size=14)
    .map(lambda rows: [Pair(anchor, positive, group) for anchor, positive, group in rows])
    .filter(lambda found: len({pair.group for pair in found}) > 1)
)

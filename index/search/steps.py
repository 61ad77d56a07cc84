"""A query on its way: what is seen of it before it is ranked, and what is found."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mundap.index.query.query_layer import Reading
from mundap.index.search.entry_scores import EntryScores
from mundap.index.search.lexical import QueryWords
from mundap.index.search.ranking import Ranking


@dataclass(frozen=True, slots=True)
class Seen:
    """A query by its words and its static vector, and the places of the entries these propose.

    `bm25` knows that of every entry; each way of looking proposes `count` entries of `category`.
    `is_foreign` says that no entry has a word of it, as it is in another language.
    """

    reading: Reading
    vector: NDArray[np.float32]
    words: QueryWords
    bm25: EntryScores
    near: set[int]
    count: int
    category: str | None
    is_foreign: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A ranking without how its first came first, and what tells that.

    `dense` is how near in meaning each entry that was ranked is, `row` the passage of the first.
    """

    ranking: Ranking
    dense: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    row: int = 0

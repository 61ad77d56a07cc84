"""Queries asked as new ones, although some of them have become phrasings of the FAQ."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mundap.evaluation.fit.reduction import Reduction
from mundap.index.faq.passages.passages import Passages
from mundap.index.korean.text import match_key
from mundap.index.search.ranking import Ranking
from mundap.index.search.retriever import Retriever

# In so many parts the alternates that are asked are left out, one part after the other.
_PARTS = 10


def alternate_rows(passages: Passages, keys: Sequence[str]) -> list[int]:
    """Return for each `match_key` the row of an alternate that is the same, or -1.

    The question of an entry is never one: without it there would be no entry.
    """
    questions = set(passages.bounds[:-1].tolist())
    rows = {match_key(text): row for row, text in enumerate(passages.texts) if row not in questions}
    return [rows.get(key, -1) for key in keys]


def rank_apart(retriever: Retriever, queries: Sequence[str], k: int) -> list[Ranking]:
    """Return up to k hits for each query, in their order, each as one that is new.

    A query that is an alternate of an entry finds itself and so tells nothing of others: it is
    asked while that alternate is left out, with a tenth of those that are asked.
    """
    rows = np.array(
        alternate_rows(retriever.passages, [match_key(query) for query in queries]), dtype=np.int64
    )
    if not (rows >= 0).any():
        return retriever.rank(queries, k)
    # Neighbouring rows are of one entry, which so loses as few at once as can be.
    part = np.where(rows < 0, -1, rows % _PARTS)
    reduction = Reduction.of(retriever)
    found: dict[int, Ranking] = {}
    for number in np.unique(part).tolist():
        places = np.flatnonzero(part == number)
        asked = reduction.without(_kept(retriever, rows[places])) if number >= 0 else retriever
        rankings = asked.rank([queries[place] for place in places.tolist()], k)
        found |= dict(zip(places.tolist(), rankings, strict=True))
    return [found[place] for place in range(len(queries))]


def _kept(retriever: Retriever, left_out: NDArray[np.int64]) -> NDArray[np.bool_]:
    kept = np.ones(len(retriever.passages), dtype=bool)
    kept[left_out] = False
    return kept

"""A retriever whose cosines a test names."""

import math
from collections.abc import Sequence

import numpy as np

from mundap.index.encoders.encoder import Vectors
from mundap.index.faq.entry import FaqEntry
from mundap.index.query.query_layer import Reading
from mundap.index.search.fusion import Fusion
from mundap.index.search.ranking import EncodedQuery, Ranking
from mundap.index.search.retriever import Retriever

DENSE_ONLY = Fusion(dense=1, centroid=0, bm25=0, coverage=0)


class CosineEncoder:
    """Gives "... 7" a vector whose cosine with that of "10" is .7, and words alone that of "10"."""

    fingerprint = "cosines"
    dimension = 2

    def encode(self, texts: Sequence[str]) -> Vectors:
        cosines = [int(last) / 10 if (last := text.split()[-1]).isdigit() else 1 for text in texts]
        rows = [(cosine, math.sqrt(1 - cosine**2)) for cosine in cosines]
        return np.array(rows, dtype=np.float32).reshape(len(texts), 2)


def entry(entry_id: str, *texts: str, answer: str = "", category: str = "") -> FaqEntry:
    return FaqEntry(entry_id, texts[0], answer or f"{entry_id}의 답", texts[1:], category)


def ranked(entries: Sequence[FaqEntry], fusion: Fusion, query: str, k: int = 9) -> Ranking:
    """Rank by `CosineEncoder` without the query layer, which might repair a number."""
    retriever = Retriever.build(CosineEncoder(), entries, fusion)
    vectors = CosineEncoder().encode([query])
    [ranking] = retriever.rank_encoded([Reading(query, ())], [EncodedQuery(vectors[0])], k)
    return ranking

"""The systems that can be measured side by side, each built once."""

from collections.abc import Callable, Sequence

from mundap.evaluation.ranking import Ranker
from mundap.evaluation.tfidf import TfidfRanker
from mundap.index.encoders.encoder import Encoder
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.name_learning import NameLearning
from mundap.index.faq.passages.passages import Passages
from mundap.index.search.hit import Hit
from mundap.index.search.lexical import LexicalIndex
from mundap.index.search.reranker import TOP, Reranker
from mundap.index.search.retriever import CANDIDATES, Retriever

# What visitors meet comes first.
SYSTEMS = ("hybrid", "dense", "bm25", "tfidf")
WITHOUT_ENCODER = ("bm25", "tfidf")
RERANKED = "reranked"


class ServedRanker:
    """Hybrid retrieval as a bot asks it: query by query, in steps, among as many candidates."""

    def __init__(self, retriever: Retriever) -> None:
        self._retriever = retriever

    def search(self, queries: Sequence[str], k: int) -> list[list[Hit]]:
        """Return up to k hits for each query, best first, and no more than it proposes."""
        depth = min(k, CANDIDATES)
        return [list(self._retriever.rank_in_steps(query, depth).hits) for query in queries]


class RerankedRanker:
    """Hybrid retrieval with a second look at its first hits."""

    def __init__(self, retriever: Retriever, reranker: Reranker) -> None:
        self._retriever = retriever
        self._reranker = reranker

    def search(self, queries: Sequence[str], k: int) -> list[list[Hit]]:
        """Return up to k hits for each query, best first."""
        found = self._retriever.search(queries, max(k, TOP))
        return [
            self._reranker.rerank(query, hits)[:k]
            for query, hits in zip(queries, found, strict=True)
        ]


def build_systems(
    names: Sequence[str], entries: Sequence[FaqEntry], encoder: Callable[[], Encoder]
) -> dict[str, Ranker]:
    """Return the systems of `names`, in their order; `encoder` is called where one needs it."""
    if set(names) <= set(WITHOUT_ENCODER):
        passages = Passages.of(entries)
        return {name: _lexical(name, passages) for name in names}
    return around(Retriever.build(encoder(), entries), names)


def around(
    retriever: Retriever, names: Sequence[str] = SYSTEMS, reranker: Reranker | None = None
) -> dict[str, Ranker]:
    """Return the systems of `names` that share what `retriever` is made of; reranked first."""
    first = {RERANKED: RerankedRanker(retriever, reranker)} if reranker is not None else {}
    parts: dict[str, Ranker] = {"hybrid": retriever, "dense": retriever.dense}
    parts["bm25"] = retriever.lexical_index
    others = {name: parts.get(name) or _lexical(name, retriever.passages) for name in names}
    return {**first, **others}


def _lexical(name: str, passages: Passages) -> Ranker:
    if name != "bm25":
        return TfidfRanker.build(passages)
    return LexicalIndex.build(passages, names=NameLearning.of(passages.entries).names)

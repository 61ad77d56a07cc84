"""Whatever ranks entries for queries, and its rankings as a run."""

from collections.abc import Sequence
from typing import Protocol

from mundap.evaluation.queries import Query
from mundap.evaluation.run import Run
from mundap.index.search.hit import Hit

# Entries kept for each query; a FAQ with fewer gives all it has.
DEPTH = 100


class Ranker(Protocol):
    """Queries in, ranked entries out: `Retriever`, `LexicalIndex`, `TfidfRanker`."""

    def search(self, queries: Sequence[str], k: int) -> list[list[Hit]]:
        """Return up to k hits for each query, best first, no entry twice."""


def rank_all(ranker: Ranker, queries: Sequence[Query], depth: int = DEPTH) -> Run:
    """Search every query to `depth`; a query that finds nothing stays in the run, empty."""
    found = ranker.search([query.text for query in queries], depth)
    return {
        query.query_id: {hit.entry_id: hit.score for hit in hits}
        for query, hits in zip(queries, found, strict=True)
    }

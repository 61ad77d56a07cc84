"""Why an entry came first: what a person can check with their own eyes."""

from dataclasses import dataclass

from mundap.index.query.query_layer import Step
from mundap.index.search.ranking import Ranking


@dataclass(frozen=True, slots=True)
class Reasons:
    """How the first hit of a ranking was found.

    `question` is the phrasing of it that lies nearest to what was searched for; `shared` the
    content words both have, in the order of the query. Ranks are those of `Ranking`.
    """

    searched: str
    steps: tuple[Step, ...]
    question: str
    dense_rank: int
    bm25_rank: int
    shared: tuple[str, ...]

    @classmethod
    def of(cls, ranking: Ranking) -> "Reasons | None":
        """Return the reasons for the first hit; None where nothing was found."""
        if not ranking.hits:
            return None
        return cls(
            ranking.reading.text,
            ranking.reading.steps,
            ranking.hits[0].question,
            ranking.dense_rank,
            ranking.bm25_rank,
            ranking.shared,
        )

"""Queries whose right answer is known, judged: what a calibration is fitted and measured on."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mundap.evaluation.queries import Query
from mundap.index.korean.text import match_key
from mundap.index.search.confidence import EVIDENCE, Confidence, ReplyKind
from mundap.index.search.evidence import SHOWN, Evidence
from mundap.index.search.ranking import Ranking
from mundap.index.search.retriever import Retriever


@dataclass(frozen=True, slots=True)
class Judged:
    """Evidence for each query, shape (n, 11) in the order of `EVIDENCE`, and four flags.

    `correct` says that the first hit is right, `shown` that one of the first three is, `foreign`
    that the query is in a language that no entry is written in: its evidence is of another kind,
    judged by what is usual for such queries and nothing to fit a FAQ's confidence on.
    """

    evidence: NDArray[np.float64]
    correct: NDArray[np.bool_]
    shown: NDArray[np.bool_]
    in_scope: NDArray[np.bool_]
    foreign: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.correct)

    def __add__(self, other: "Judged") -> "Judged":
        pairs = zip(self._arrays(), other._arrays(), strict=True)
        return Judged(*(np.concatenate(pair) for pair in pairs))

    def probabilities(self, confidence: Confidence) -> NDArray[np.float64]:
        """Return how sure `confidence` is of each best hit, shape (n,)."""
        judged = zip(self._judges(confidence), self.evidence.tolist(), strict=True)
        return np.array([judge.probability(Evidence(*row)) for judge, row in judged])

    def odds(self, confidence: Confidence) -> NDArray[np.float64]:
        """Return the probabilities that the first is right and that one shown is, shape (n, 2).

        `confidence` judges all, foreign ones too.
        """
        models = (confidence.first, confidence.shown)
        rows = [Evidence(*row) for row in self.evidence.tolist()]
        return np.array([[model.probability(row) for model in models] for row in rows])

    def kinds(self, confidence: Confidence) -> list[ReplyKind]:
        """Return what `confidence` makes of each query."""
        judged = zip(self._judges(confidence), self.evidence.tolist(), strict=True)
        return [judge.kind(Evidence(*row)) for judge, row in judged]

    def without_foreign(self) -> "Judged":
        """Return the queries that the FAQ's own confidence judges."""
        return Judged(*(array[~self.foreign] for array in self._arrays()))

    def _judges(self, confidence: Confidence) -> list[Confidence]:
        foreign = confidence.for_foreign() if self.foreign.any() else confidence
        return [foreign if each else confidence for each in self.foreign]

    def _arrays(self) -> tuple[NDArray[Any], ...]:
        return self.evidence, self.correct, self.shown, self.in_scope, self.foreign

    @classmethod
    def none(cls) -> "Judged":
        """Return no queries."""
        flags = np.empty(0, dtype=bool)
        return cls(np.empty((0, len(EVIDENCE))), flags, flags, flags, flags)

    @classmethod
    def of(cls, rankings: Sequence[Ranking], answers: Sequence[Set[str]]) -> "Judged":
        """Judge rankings; `answers` are the keys of the right ones of each, none out of scope."""
        nothing = Evidence(0.0, 0.0, 0.0)
        evidence = [ranking.evidence or nothing for ranking in rankings]
        right = [
            [match_key(hit.entry.answer) in wanted for hit in ranking.hits[:SHOWN]]
            for ranking, wanted in zip(rankings, answers, strict=True)
        ]
        values = np.array([[getattr(one, name) for name in EVIDENCE] for one in evidence])
        return cls(
            values.reshape(-1, len(EVIDENCE)),
            np.array([any(flags[:1]) for flags in right], dtype=bool),
            np.array([any(flags) for flags in right], dtype=bool),
            np.array([bool(wanted) for wanted in answers], dtype=bool),
            np.array([ranking.is_foreign for ranking in rankings], dtype=bool),
        )

    @classmethod
    def queries(cls, retriever: Retriever, queries: Sequence[Query]) -> "Judged":
        """Judge queries in scope; an entry with the same answer as the right one is right."""
        answers = {e.entry_id: match_key(e.answer) for e in retriever.passages.entries}
        rankings = retriever.rank([query.text for query in queries], SHOWN)
        return cls.of(rankings, [{answers[query.entry_id]} for query in queries])

    @classmethod
    def out_of_scope(cls, retriever: Retriever, texts: Sequence[str]) -> "Judged":
        """Judge queries that no entry answers."""
        return cls.of(retriever.rank(texts, SHOWN), [set()] * len(texts))

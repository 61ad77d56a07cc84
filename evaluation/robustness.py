"""How much of its accuracy retrieval keeps when questions are typed carelessly."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mundap.evaluation.perturbations import PERTURBATIONS, perturbed
from mundap.evaluation.queries import Query
from mundap.evaluation.ranking import Ranker
from mundap.evaluation.statistics.bootstrap import Estimate, estimate
from mundap.evaluation.systems import around
from mundap.index.korean.text import clean
from mundap.index.progress import Advance
from mundap.index.query.query_layer import QueryLayer, Reading
from mundap.index.search.hit import Hit
from mundap.index.search.retriever import Retriever

Hits = NDArray[np.float64]


class AsTyped:
    """A retriever whose query layer is passed by."""

    def __init__(self, retriever: Retriever) -> None:
        self._retriever = retriever

    def search(self, queries: Sequence[str], k: int) -> list[list[Hit]]:
        """Return up to k hits for each query, best first."""
        readings = [Reading(clean(query), ()) for query in queries]
        found = self._retriever.rank_encoded(readings, self._retriever.encode(readings), k)
        return [list(ranking.hits) for ranking in found]


class ReadFirst:
    """Any ranker behind a query layer."""

    def __init__(self, layer: QueryLayer, ranker: Ranker) -> None:
        self._layer = layer
        self._ranker = ranker

    def search(self, queries: Sequence[str], k: int) -> list[list[Hit]]:
        """Return up to k hits for each query, best first."""
        return self._ranker.search([self._layer.read(query).text for query in queries], k)


def with_and_without(retriever: Retriever, name: str) -> tuple[Ranker, Ranker]:
    """Return the system `name` (see `evaluation/systems.py`) behind the query layer, and bare."""
    plain = around(retriever, [name])[name]
    if plain is retriever:
        return retriever, AsTyped(retriever)
    return ReadFirst(retriever.query_layer, plain), plain


@dataclass(frozen=True, slots=True)
class KindFigures:
    """Hit@1 over the queries that one kind of carelessness changes, before and after it."""

    kind: str
    queries: int
    clean: Estimate
    # Behind the query layer, and with the query searched for as typed.
    read: Estimate
    as_typed: Estimate
    # Of the same queries: clean minus careless.
    read_loss: Estimate
    as_typed_loss: Estimate

    def to_dict(self) -> dict[str, Any]:
        """Return the figures, each as [value, low, high]."""
        names = ("clean", "read", "as_typed", "read_loss", "as_typed_loss")
        return {"queries": self.queries} | {name: getattr(self, name).to_list() for name in names}


@dataclass(frozen=True, slots=True)
class RobustnessFigures:
    """One system: what the layer does to clean queries, and what it does to careless ones."""

    queries: int
    clean: Estimate
    # Clean queries that the layer changes, and those whose first hit thereby becomes right, wrong.
    changed: int
    mended: int
    hurt: int
    kinds: tuple[KindFigures, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        counts = {name: getattr(self, name) for name in ("queries", "changed", "mended", "hurt")}
        kinds = {report.kind: report.to_dict() for report in self.kinds}
        return {**counts, "clean": self.clean.to_list(), "kinds": kinds}


def measure_robustness(
    read: Ranker,
    as_typed: Ranker,
    layer: QueryLayer,
    queries: Sequence[Query],
    *,
    seed: int = 0,
    advance: Advance = lambda done, total: None,
) -> RobustnessFigures:
    """Compare a ranker behind `layer`, and without it, on clean and on perturbed queries.

    Each perturbation is drawn once for every query, from `seed`. Losses are paired: query by
    query; their intervals draw whole entries (see `evaluation/statistics/bootstrap.py`).
    """
    texts = [clean(query.text) for query in queries]
    before = {ranker: _hits(ranker, texts, queries) for ranker in (read, as_typed)}
    kinds = []
    for number, kind in enumerate(PERTURBATIONS, start=1):
        careless = [perturbed(text, kind, seed) for text in texts]
        places = [at for at, text in enumerate(texts) if careless[at] != text]
        if places:
            kinds.append(_kind(kind, careless, places, queries, before, read, as_typed))
        advance(number, len(PERTURBATIONS))
    changed = sum(layer.read(text).text != text for text in texts)
    gain = before[read] - before[as_typed]
    return RobustnessFigures(
        queries=len(texts),
        clean=_estimate(before[read], queries),
        changed=changed,
        mended=int((gain > 0).sum()),
        hurt=int((gain < 0).sum()),
        kinds=tuple(kinds),
    )


def _kind(
    kind: str,
    careless: Sequence[str],
    places: Sequence[int],
    queries: Sequence[Query],
    before: dict[Ranker, Hits],
    read: Ranker,
    as_typed: Ranker,
) -> KindFigures:
    asked = [queries[at] for at in places]
    clean_hits = {ranker: hits[list(places)] for ranker, hits in before.items()}
    after = {
        ranker: _hits(ranker, [careless[at] for at in places], asked) for ranker in (read, as_typed)
    }
    return KindFigures(
        kind=kind,
        queries=len(asked),
        clean=_estimate(clean_hits[read], asked),
        read=_estimate(after[read], asked),
        as_typed=_estimate(after[as_typed], asked),
        read_loss=_estimate(clean_hits[read] - after[read], asked),
        as_typed_loss=_estimate(clean_hits[as_typed] - after[as_typed], asked),
    )


def _hits(ranker: Ranker, texts: Sequence[str], queries: Sequence[Query]) -> Hits:
    """Return 1 where the right entry comes first, else 0, shape (queries,)."""
    found = ranker.search(texts, 1)
    return np.array(
        [
            float(bool(hits) and hits[0].entry_id == query.entry_id)
            for hits, query in zip(found, queries, strict=True)
        ]
    )


def _estimate(values: Hits, queries: Sequence[Query]) -> Estimate:
    return estimate(values, [query.entry_id for query in queries], float(values.mean()))

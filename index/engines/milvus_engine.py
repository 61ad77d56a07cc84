"""Milvus as an engine: a collection of a server for each index, searched from any machine."""

import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mundap.index.encoders.encoder import Vectors
from mundap.index.engines.engine import (
    EngineAbsentError,
    EngineAwayError,
    EngineError,
    RowHits,
    Rows,
    require_queries,
    require_vectors,
)
from mundap.index.engines.milvus_collection import CATEGORY, MESSAGE, ROW, VECTOR, Collection
from mundap.index.engines.milvus_server import MilvusServer

COLLECTION_FILE = "milvus.json"

_LOG = logging.getLogger(__name__)
# Hits and rows that Milvus gives at most in one answer.
MOST = 16_384
# Up to this many vectors a scan is exact and takes milliseconds; above, a graph is searched.
_SCAN_LIMIT = 50_000
_SEARCH_WIDTH, _WIDEST = 128, 32_768
# Queries of one message, so that its answer comes in the time for which one is waited.
_TOGETHER = 256
# How often an answer may lack rows, and the seconds between two looks.
_LOOKS, _LOOK = 10, 0.02
# Seconds that a collection may take until it is loaded: where nobody waits for an answer, and where
# a server begins, which may do so without.
_LOAD, _LOAD_AT_START = 600.0, 3.0


class MilvusEngine:
    """An `Engine` over one collection, whose rows are numbered as those of the bundle.

    A category is a number there, its place among the sorted ones: what an owner has called it is
    part of no expression. A search is answered from what is loaded, without waiting for writers:
    a collection never changes once it is built.
    """

    files = (COLLECTION_FILE,)

    def __init__(self, collection: Collection, categories: Sequence[str]) -> None:
        if len(categories) != collection.rows:
            raise EngineError(
                f"{len(categories)} passages but {collection.rows} vectors; wanted as many."
            )
        self.collection = collection
        self._categories = categories
        self._is_verified = False

    @classmethod
    def build(
        cls,
        vectors: Vectors,
        categories: Sequence[str],
        uri: str,
        name: str,
        replicas: int = 1,
    ) -> "MilvusEngine":
        """Make the collection `name` of `vectors`, shape (n, dimension), and load it.

        As many nodes as `replicas` hold it. Raises EngineError where Milvus does not take it.
        """
        require_vectors(vectors)
        index: Literal["FLAT", "HNSW"] = "FLAT" if len(vectors) <= _SCAN_LIMIT else "HNSW"
        rows, dimension = vectors.shape
        engine = cls(Collection(uri, name, rows, dimension, index, replicas), categories)
        engine.collection.create(vectors, engine._numbers)
        engine.verify()
        return engine

    @classmethod
    def open(cls, directory: Path, categories: Sequence[str]) -> "MilvusEngine":
        """Open what `seal` left in `directory`; raises EngineError where it is not that any more.

        Where Milvus does not answer it is opened all the same, and looked at once it does.
        """
        path = directory / COLLECTION_FILE
        try:
            collection = Collection(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise EngineError(
                f"{path}: not what a bundle keeps of a collection ({error}). Rebuild with `mundap "
                "index build`."
            ) from None
        engine = cls(collection, categories)
        try:
            engine._verify(_LOAD_AT_START)
        except EngineAbsentError:
            raise
        except EngineAwayError as error:
            _LOG.warning("%s: opened all the same. %s", path, error)
        return engine

    def seal(self, directory: Path) -> None:
        """Write which collection it is; the caller makes the write durable."""
        text = json.dumps(asdict(self.collection), indent=2)
        (directory / COLLECTION_FILE).write_text(f"{text}\n", encoding="utf-8")

    def verify(self) -> None:
        """Raise EngineError unless the collection is there, whole, as this version makes it."""
        self._verify(_LOAD)

    def _verify(self, patience: float) -> None:
        self.collection.verify(patience)
        self._is_verified = True

    @property
    def dimension(self) -> int:
        """Number of columns of the vectors."""
        return self.collection.dimension

    @property
    def kind(self) -> str:
        """How Milvus keeps the vectors: each exactly as it was given."""
        return f"milvus-{self.collection.index.lower()}"

    def count(self, category: str | None = None) -> int:
        """Return how many vectors there are, or are of `category`; Milvus is not asked."""
        if category is None:
            return self.collection.rows
        place = self._places.get(category)
        return 0 if place is None else int(self._counts[place])

    def search(self, queries: Vectors, k: int, *, category: str | None = None) -> list[RowHits]:
        """Return the k nearest rows of each query, shape (n, dimension); 16,384 at most.

        Those of `category` alone where one is given. Raises EngineAwayError where Milvus does not
        answer.
        """
        require_queries(queries, k, self.dimension)
        available = self.count(category)
        k = min(k, available, MOST)
        if not k or not len(queries):
            return [RowHits(np.empty(0, np.int64), np.empty(0, np.float32)) for _ in queries]
        found: list[RowHits] = []
        for begin in range(0, len(queries), _TOGETHER):
            answer = self._searched(
                k,
                available,
                data=queries[begin : begin + _TOGETHER],
                filter="" if category is None else f"{CATEGORY} == {self._places[category]}",
            )
            found += [
                RowHits(np.array(hits.ids, np.int64), np.array(hits.distances, np.float32))
                for hits in answer
            ]
        return found

    def cosines(self, rows: Rows, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the cosine of each of `rows` with one query, shape (dimension,).

        Milvus works them out: its vectors would come as text, and reading that takes longest.
        """
        found = np.full(len(rows), np.nan, np.float32)
        for begin in range(0, len(rows), MOST):
            part = rows[begin : begin + MOST]
            wanted = np.unique(part)
            [hits] = self._searched(
                len(wanted), len(wanted), data=query[None], filter=_among(wanted)
            )
            given = dict(zip(hits.ids, hits.distances, strict=True))
            found[begin : begin + MOST] = [given.get(row, np.nan) for row in part.tolist()]
        (missed,) = np.isnan(found).nonzero()  # a graph may not lead to all of them
        if len(missed):
            found[missed] = self.vectors(rows[missed]) @ query
        return found

    def vectors(self, rows: Rows | None = None) -> Vectors:
        """Return the vectors of `rows`, else of all in their order, as they were given."""
        if rows is None:
            rows = np.arange(self.collection.rows)
        found = np.empty((len(rows), self.dimension), np.float32)
        step = min(MOST, max(1, MESSAGE // (4 * self.dimension)))
        for begin in range(0, len(rows), step):
            part = rows[begin : begin + step]
            found[begin : begin + step] = self._vectors_of(part)
        return found

    def _vectors_of(self, rows: Rows) -> Vectors:
        # The same row may be asked for twice; Milvus gives each once, in an order of its own.
        wanted, places = np.unique(rows, return_inverse=True)
        answer = self._whole(
            lambda answer: len(answer) == len(wanted),
            "query",
            filter=_among(wanted),
            limit=len(wanted),
            output_fields=[ROW, VECTOR],
        )
        given = {one[ROW]: one[VECTOR] for one in answer}
        vectors = np.array([given[row] for row in wanted.tolist()], dtype=np.float32)
        return vectors[places]

    def _searched(self, k: int, available: int, **values: Any) -> Any:
        """Search for the k nearest of so many that a filter leaves."""
        # A graph may not lead to all of them, but to some.
        least = k if self.collection.index == "FLAT" else 1
        return self._whole(
            lambda answer: all(len(hits.ids) >= least for hits in answer),
            "search",
            limit=k,
            output_fields=[CATEGORY],  # without any, some give the vectors
            search_params={"metric_type": "IP", "params": self._width(k, available)},
            **values,
        )

    def _whole(self, is_whole: Callable[[Any], bool], method: str, **values: Any) -> Any:
        """Ask until nothing is missing: a node that has just come answers before it has loaded.

        Milvus 2.3.5 gives such answers as if they were good ones; another node has the rest.
        """
        for _ in range(_LOOKS):
            answer = self._verified(method, **values)
            if is_whole(answer):
                return answer
            time.sleep(_LOOK)
        raise self.collection.away("gave fewer rows than it has; a node may still be loading it")

    def _width(self, k: int, available: int) -> dict[str, int]:
        """Return how widely a graph is searched: the more widely, the less a filter leaves."""
        if self.collection.index == "FLAT":
            return {}
        share = available / self.collection.rows
        return {"ef": min(_WIDEST, max(_SEARCH_WIDTH, k, int(_SEARCH_WIDTH / share)))}

    def _verified(self, method: str, **values: Any) -> Any:
        """Ask what a visitor waits for; what was not there before is looked at first."""
        try:
            if not self._is_verified:
                self._verify(0.0)
            return self.collection.ask(method, **values)
        except EngineError as error:
            self._is_verified = False
            MilvusServer.at(self.collection.uri).tell(str(error))  # a visitor is told nothing of it
            raise

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(sorted(set(self._categories)))}

    @cached_property
    def _numbers(self) -> Rows:
        """The number of each row's category."""
        return np.array([self._places[name] for name in self._categories], np.int64)

    @cached_property
    def _counts(self) -> Rows:
        return np.bincount(self._numbers, minlength=len(self._places))


def _among(rows: Rows) -> str:
    """Return the expression that keeps these rows, which are sorted and each there once."""
    first, last = int(rows[0]), int(rows[-1])
    if last - first + 1 == len(rows):
        return f"{ROW} >= {first} and {ROW} <= {last}"
    return f"{ROW} in {rows.tolist()}"

"""Milvus as an engine: a collection of a server for each index, searched from any machine."""

import json
import logging
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np

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
from mundap.index.engines.milvus_server import BUILD, MilvusServer, pymilvus

COLLECTION_FILE = "milvus.json"

_LOG = logging.getLogger(__name__)
# Hits and rows that Milvus gives at most in one answer.
MOST = 16_384
# Up to this many vectors a scan is exact and takes milliseconds; above, a graph is searched.
_SCAN_LIMIT = 50_000
_LINKS, _BUILD_WIDTH, _SEARCH_WIDTH, _WIDEST = 32, 200, 128, 32_768
# Bytes of vectors in one message; Milvus takes 64 MiB.
_MESSAGE = 8 * 1024 * 1024
# Seconds between two looks whether Milvus is done.
_LOOK = 0.1
_ROW, _CATEGORY, _VECTOR = "row", "category", "vector"


@dataclass(frozen=True, slots=True)
class Collection:
    """What a bundle keeps of a collection: where it is, and what it has to look like."""

    uri: str
    name: str
    rows: int
    dimension: int
    index: Literal["FLAT", "HNSW"]


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
        self._server = MilvusServer.at(collection.uri)
        self._categories = categories
        self._is_verified = False

    @classmethod
    def build(
        cls, vectors: Vectors, categories: Sequence[str], uri: str, name: str
    ) -> "MilvusEngine":
        """Make the collection `name` of `vectors`, shape (n, dimension), and load it.

        Raises EngineError where Milvus does not take it.
        """
        require_vectors(vectors)
        index: Literal["FLAT", "HNSW"] = "FLAT" if len(vectors) <= _SCAN_LIMIT else "HNSW"
        engine = cls(Collection(uri, name, *vectors.shape, index), categories)
        engine._create(vectors)
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
            engine.verify()
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
        wanted, found = self._fields(), self._found_fields()
        if found != wanted:
            raise EngineError(
                f"Milvus at {self.collection.uri}: collection {self.collection.name} has the "
                f"fields {found}; wanted {wanted}. Another version or program made it: rebuild "
                "with `mundap index build`."
            )
        if self._load_state() == "NotLoad":
            self._ask("load_collection", _async=True, timeout=BUILD)
        while self._load_state() == "Loading":
            time.sleep(_LOOK)
        [counted] = self._ask(
            "query", filter="", output_fields=["count(*)"], consistency_level="Strong"
        )
        if counted["count(*)"] != self.collection.rows:
            raise EngineError(
                f"Milvus at {self.collection.uri}: collection {self.collection.name} holds "
                f"{counted['count(*)']:,} vectors; wanted {self.collection.rows:,}. Rebuild with "
                "`mundap index build`, or go back with `mundap index rollback`."
            )
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
        found = self._verified(
            "search",
            data=queries,
            limit=k,
            filter="" if category is None else f"{_CATEGORY} == {self._places[category]}",
            output_fields=[_CATEGORY],  # without any, some give the vectors
            search_params={"metric_type": "IP", "params": self._width(k, available)},
        )
        return [
            RowHits(np.array(hits.ids, np.int64), np.array(hits.distances, np.float32))
            for hits in found
        ]

    def vectors(self, rows: Rows | None = None) -> Vectors:
        """Return the vectors of `rows`, else of all in their order, as they were given."""
        if rows is None:
            rows = np.arange(self.collection.rows)
        found = np.empty((len(rows), self.dimension), np.float32)
        step = min(MOST, max(1, _MESSAGE // (4 * self.dimension)))
        for begin in range(0, len(rows), step):
            part = rows[begin : begin + step]
            found[begin : begin + step] = self._vectors_of(part)
        return found

    def _vectors_of(self, rows: Rows) -> Vectors:
        # The same row may be asked for twice; Milvus gives each once, in an order of its own.
        wanted, places = np.unique(rows, return_inverse=True)
        first, last = int(wanted[0]), int(wanted[-1])
        if last - first + 1 == len(wanted):
            among = f"{_ROW} >= {first} and {_ROW} <= {last}"
        else:
            among = f"{_ROW} in {wanted.tolist()}"
        answer = self._verified(
            "query", filter=among, limit=len(wanted), output_fields=[_ROW, _VECTOR]
        )
        given = {one[_ROW]: one[_VECTOR] for one in answer}
        if len(given) != len(wanted):
            raise EngineAwayError(
                f"Milvus at {self.collection.uri}: collection {self.collection.name} gave "
                f"{len(given):,} of {len(wanted):,} rows. Rebuild with `mundap index build`."
            )
        vectors = np.array([given[row] for row in wanted.tolist()], dtype=np.float32)
        return vectors[places]

    def _width(self, k: int, available: int) -> dict[str, int]:
        """Return how widely a graph is searched: the more widely, the less a filter leaves."""
        if self.collection.index == "FLAT":
            return {}
        share = available / self.collection.rows
        return {"ef": min(_WIDEST, max(_SEARCH_WIDTH, k, int(_SEARCH_WIDTH / share)))}

    def _create(self, vectors: Vectors) -> None:
        milvus = pymilvus()
        schema = milvus.MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field(_ROW, milvus.DataType.INT64, is_primary=True)
        schema.add_field(_CATEGORY, milvus.DataType.INT64)
        schema.add_field(_VECTOR, milvus.DataType.FLOAT_VECTOR, dim=self.dimension)
        self._ask("create_collection", schema=schema, consistency_level="Eventually", timeout=BUILD)
        places = np.array([self._places[name] for name in self._categories])
        step = max(1, _MESSAGE // (4 * self.dimension))
        for begin in range(0, len(vectors), step):
            rows = range(begin, min(begin + step, len(vectors)))
            data = [{_ROW: row, _CATEGORY: int(places[row]), _VECTOR: vectors[row]} for row in rows]
            self._ask("insert", data=data, timeout=BUILD)
        self._ask("flush", timeout=BUILD)
        index = milvus.MilvusClient.prepare_index_params()
        graph = {"M": _LINKS, "efConstruction": _BUILD_WIDTH}
        index.add_index(
            _VECTOR,
            index_type=self.collection.index,
            metric_type="IP",
            params={} if self.collection.index == "FLAT" else graph,
        )
        self._ask("create_index", index_params=index, sync=False, timeout=BUILD)
        while self._ask("describe_index", index_name=_VECTOR).get("state") == "InProgress":
            time.sleep(_LOOK)

    def _fields(self) -> dict[str, str]:
        return {
            _ROW: "INT64",
            _CATEGORY: "INT64",
            _VECTOR: f"FLOAT_VECTOR of {self.collection.dimension}",
        }

    def _found_fields(self) -> dict[str, str]:
        fields = self._ask("describe_collection")["fields"]
        return {
            field["name"]: field["type"].name
            + (f" of {field['params']['dim']}" if "dim" in field["params"] else "")
            for field in fields
        }

    def _load_state(self) -> str:
        return str(self._ask("get_load_state")["state"].name)

    def _verified(self, method: str, **values: Any) -> Any:
        """Ask what a visitor waits for; what was not there before is looked at first."""
        if not self._is_verified:
            self.verify()
        try:
            return self._ask(method, **values)
        except EngineAwayError:
            self._is_verified = False
            raise

    def _ask(self, method: str, **values: Any) -> Any:
        return self._server.ask(method, self.collection.name, **values)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(sorted(set(self._categories)))}

    @cached_property
    def _counts(self) -> Rows:
        places = self._places
        return np.bincount([places[name] for name in self._categories], minlength=len(places))

"""One collection of a Milvus server: made, looked at, asked."""

import time
from dataclasses import dataclass
from typing import Any, Literal

from mundap.index.encoders.encoder import Vectors
from mundap.index.engines.engine import EngineAwayError, EngineError, Rows
from mundap.index.engines.milvus_server import BUILD, MilvusServer, pymilvus

ROW, CATEGORY, VECTOR = "row", "category", "vector"
# Bytes of vectors in one message; Milvus takes 64 MiB.
MESSAGE = 8 * 1024 * 1024
LINKS, BUILD_WIDTH = 32, 200
# Seconds between two looks whether Milvus is done.
_LOOK = 0.1
# How often a node may count too few: one that has just come does so before it has loaded.
_COUNTS = 5


@dataclass(frozen=True, slots=True)
class Collection:
    """What a bundle keeps of a collection: where it is, and what it has to look like."""

    uri: str
    name: str
    rows: int
    dimension: int
    index: Literal["FLAT", "HNSW"]
    # How many of its nodes hold the vectors, so that others answer when one dies.
    replicas: int = 1

    def ask(self, method: str, **values: Any) -> Any:
        """Ask the server about this collection; see `MilvusServer.ask`."""
        return MilvusServer.at(self.uri).ask(method, self.name, **values)

    def create(self, vectors: Vectors, categories: Rows) -> None:
        """Make it of `vectors`, each with the number of its category; raises EngineError.

        `verify` has it loaded.
        """
        milvus = pymilvus()
        schema = milvus.MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field(ROW, milvus.DataType.INT64, is_primary=True)
        schema.add_field(CATEGORY, milvus.DataType.INT64)
        schema.add_field(VECTOR, milvus.DataType.FLOAT_VECTOR, dim=self.dimension)
        # It never changes once it is built, so that no search has to wait for what is written.
        self.ask("create_collection", schema=schema, consistency_level="Eventually", timeout=BUILD)
        step = max(1, MESSAGE // (4 * self.dimension))
        for begin in range(0, self.rows, step):
            data = [
                {ROW: row, CATEGORY: int(categories[row]), VECTOR: vectors[row]}
                for row in range(begin, min(begin + step, self.rows))
            ]
            self.ask("insert", data=data, timeout=BUILD)
        self.ask("flush", timeout=BUILD)
        index = milvus.MilvusClient.prepare_index_params()
        graph = {"M": LINKS, "efConstruction": BUILD_WIDTH}
        index.add_index(
            VECTOR,
            index_type=self.index,
            metric_type="IP",
            params={} if self.index == "FLAT" else graph,
        )
        self.ask("create_index", index_params=index, sync=False, timeout=BUILD)
        # None as well, until it has begun.
        while (state := self._index_state()) != "Finished":
            if state == "Failed":
                raise EngineError(
                    f"Milvus at {self.uri}: the index of collection {self.name} could not be made; "
                    "its own log has the reason."
                )
            time.sleep(_LOOK)

    def verify(self, patience: float = 0.0) -> None:
        """Raise EngineError unless it is there, whole, as this version makes it; have it loaded.

        That may take `patience` seconds; raises EngineAwayError where it takes longer.
        """
        wanted, found = self._fields(), self._found_fields()
        if found != wanted:
            raise EngineError(
                f"Milvus at {self.uri}: collection {self.name} has the fields {found}; wanted "
                f"{wanted}. Another version or program made it: rebuild with `mundap index build`."
            )
        if self._load_state() == "NotLoad":
            copies = {"replica_number": self.replicas} if self.replicas > 1 else {}
            self.ask("load_collection", _async=True, timeout=BUILD, **copies)
        end = time.monotonic() + patience
        while self._load_state() == "Loading":
            if time.monotonic() > end:
                raise self.away("is still being loaded")
            time.sleep(_LOOK)
        for _ in range(_COUNTS):
            if (counted := self._counted()) == self.rows:
                return
            time.sleep(_LOOK)
        raise EngineError(
            f"Milvus at {self.uri}: collection {self.name} holds {counted:,} vectors; wanted "
            f"{self.rows:,}. Rebuild with `mundap index build`, or go back with `mundap index "
            "rollback`."
        )

    def away(self, met: str) -> EngineAwayError:
        """Return, and log, what keeps it from being searched now."""
        reason = f"Milvus at {self.uri}: collection {self.name} {met}. It is asked again by itself."
        MilvusServer.at(self.uri).tell(reason)
        return EngineAwayError(reason)

    def _counted(self) -> int:
        [found] = self.ask(
            "query", filter="", output_fields=["count(*)"], consistency_level="Strong"
        )
        return int(found["count(*)"])

    def _fields(self) -> dict[str, str]:
        return {ROW: "INT64", CATEGORY: "INT64", VECTOR: f"FLOAT_VECTOR of {self.dimension}"}

    def _found_fields(self) -> dict[str, str]:
        return {
            field["name"]: field["type"].name
            + (f" of {field['params']['dim']}" if "dim" in field["params"] else "")
            for field in self.ask("describe_collection")["fields"]
        }

    def _index_state(self) -> str:
        found = self.ask("describe_index", index_name=VECTOR, timeout=BUILD)
        return "Failed" if found is None else str(found["state"])

    def _load_state(self) -> str:
        return str(self.ask("get_load_state")["state"].name)

"""Where on a Milvus server the collections of a bundle lie, and which of them serve.

NAME_000003_dense   vectors of generation 3; there is one collection for each index that it has
NAME_dense          the alias of the generation that serves
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mundap.index.encoders.encoder import Vectors
from mundap.index.engines.engine import EngineAbsentError, EngineError
from mundap.index.engines.milvus_engine import MilvusEngine
from mundap.index.engines.milvus_server import BUILD, MilvusServer, require_uri

# Milvus allows 255 characters, of which a number and the name of an index take some.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}")


@dataclass(frozen=True, slots=True)
class MilvusPlace:
    """A server, and what the names of a bundle's collections begin with.

    Raises EngineError where the address holds a password, or the name is none for Milvus.
    """

    uri: str
    name: str

    def __post_init__(self) -> None:
        require_uri(self.uri)
        if not _NAME.fullmatch(self.name):
            raise EngineError(
                f"{self.name!r} cannot begin the name of a collection; wanted up to 200 Latin "
                "letters, digits and _, no digit first (--collection)."
            )

    @classmethod
    def new(cls, uri: str, directory: Path) -> "MilvusPlace":
        """Return a place that no other bundle has."""
        letters = re.sub(r"[^A-Za-z0-9]+", "_", directory.resolve().name).strip("_")[:100]
        return cls(uri, "_".join(filter(None, ["mundap", letters, secrets.token_hex(4)])))

    def require_reachable(self) -> None:
        """Raise EngineError where the server does not answer."""
        self._server.forget()
        self._server.ask("list_collections")

    def require_free(self, generation: int) -> None:
        """Raise EngineError where there are collections of a generation."""
        if there := self._collections(generation):
            raise EngineError(
                f"Milvus at {self.uri}: there is {', '.join(there)} already, which another builder "
                "made, of a copy of this index perhaps. Name another place with --collection."
            )

    def build(
        self, generation: int, index: str, vectors: Vectors, categories: Sequence[str]
    ) -> MilvusEngine:
        """Make the collection of one index of a generation; raises EngineError."""
        return MilvusEngine.build(
            vectors, categories, self.uri, f"{self._begin(generation)}{index}"
        )

    def point(self, generation: int) -> None:
        """Let each alias name the collection of a generation; raises EngineError."""
        for name in self._collections(generation):
            alias = self._alias(name)
            try:
                self._server.ask("describe_alias", alias)
                self._server.ask("alter_alias", name, alias)
            except EngineAbsentError:
                self._server.ask("create_alias", name, alias)

    def require_pointed(self, generation: int) -> None:
        """Raise EngineError where an alias names anything but the collection of a generation."""
        for name in self._collections(generation):
            alias = self._alias(name)
            try:
                found = self._server.ask("describe_alias", alias)["collection_name"]
            except EngineAbsentError:
                found = "nothing"
            if found != name:
                raise EngineError(
                    f"Milvus at {self.uri}: alias {alias} names {found}, but {name} serves. "
                    f"`mundap index promote DIRECTORY {generation}` puts it right."
                )

    def drop(self, generation: int) -> None:
        """Remove the collections of a generation, what is there of them; raises EngineError."""
        for name in self._collections(generation):
            for alias in self._server.ask("list_aliases", name)["aliases"]:
                self._server.ask("drop_alias", alias)
            self._server.ask("drop_collection", name, timeout=BUILD)

    @property
    def _server(self) -> MilvusServer:
        return MilvusServer.at(self.uri)

    def _begin(self, generation: int) -> str:
        return f"{self.name}_{generation:06d}_"

    def _alias(self, collection: str) -> str:
        return f"{self.name}_{collection.rpartition('_')[2]}"

    def _collections(self, generation: int) -> list[str]:
        names = self._server.ask("list_collections")
        return sorted(name for name in names if name.startswith(self._begin(generation)))

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
    """A server, what the names of a bundle's collections begin with, and how many nodes hold each.

    Raises EngineError where the address holds a password, or the name is none for Milvus.
    """

    uri: str
    name: str
    replicas: int = 1

    def __post_init__(self) -> None:
        require_uri(self.uri)
        if not _NAME.fullmatch(self.name):
            raise EngineError(
                f"{self.name!r} cannot begin the name of a collection; wanted up to 200 Latin "
                "letters, digits and _, no digit first (--collection)."
            )

    @classmethod
    def new(cls, uri: str, directory: Path, replicas: int = 1) -> "MilvusPlace":
        """Return a place that no other bundle has."""
        letters = re.sub(r"[^A-Za-z0-9]+", "_", directory.resolve().name).strip("_")[:100]
        name = "_".join(filter(None, ["mundap", letters, secrets.token_hex(4)]))
        return cls(uri, name, replicas)

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
        name = f"{self.name}_{generation:06d}_{index}"
        return MilvusEngine.build(vectors, categories, self.uri, name, self.replicas)

    def point(self, generation: int) -> None:
        """Let each alias name the collection of a generation, and none another's.

        Raises EngineError.
        """
        wanted = self._collections(generation)
        for name in wanted:
            alias = self._alias(name)
            try:
                self._server.ask("describe_alias", alias)
                self._server.ask("alter_alias", name, alias, timeout=BUILD)
            except EngineAbsentError:
                self._server.ask("create_alias", name, alias, timeout=BUILD)
        # Of an index that this generation does not have.
        for name in self._collections():
            if name not in wanted:
                self._drop_aliases(name)

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
            self._drop_aliases(name)
            self._server.ask("drop_collection", name, timeout=BUILD)

    def _drop_aliases(self, collection: str) -> None:
        for alias in self._server.ask("list_aliases", collection)["aliases"]:
            self._server.ask("drop_alias", alias, timeout=BUILD)

    @property
    def _server(self) -> MilvusServer:
        return MilvusServer.at(self.uri)

    def _alias(self, collection: str) -> str:
        return f"{self.name}_{collection.rpartition('_')[2]}"

    def _collections(self, generation: int | None = None) -> list[str]:
        """Return those of a generation, or of all; none of a bundle whose name begins like ours."""
        number = r"\d{6}" if generation is None else f"{generation:06d}"
        own = re.compile(rf"{self.name}_{number}_[a-z]+")
        return sorted(name for name in self._server.ask("list_collections") if own.fullmatch(name))

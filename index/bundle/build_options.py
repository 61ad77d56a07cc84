"""What is indexed and where, as `mundap index build` takes it."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Literal

from mundap.index.encoders.shipped import SHIPPED


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """The options of that command which say what to build; the text beside each is its help.

    Whoever builds in another process makes one and runs `arguments`. Raises ValueError where
    `wait` is negative, or FAISS is to keep the vectors on a server.
    """

    output: Annotated[Path, "Bundle directory; keeps older generations."]
    faq: Annotated[Path | None, "FAQ file or folder; without it the bundled one."] = None
    encoder: Annotated[str, '"default", an encoder directory or a hub name.'] = "default"
    queries: Annotated[
        Path | None, "Queries (columns query, entry_id) to fit the confidence on."
    ] = None
    out_of_scope: Annotated[Path | None, "Queries (column query) that the FAQ cannot answer."] = (
        None
    )
    wait: Annotated[float, "Seconds to wait for another rebuild."] = 0.0
    pretrained: Annotated[
        str, 'Encoder that reads questions with their answers; "none" for none.'
    ] = SHIPPED
    engine: Annotated[
        Literal["faiss", "milvus"] | None,
        "What keeps the vectors; else what does so now, or faiss.",
    ] = None
    uri: Annotated[str | None, "Address of Milvus, http://HOST:19530."] = None
    collection: Annotated[
        str | None, "What the names of its collections begin with; else one of this index's own."
    ] = None
    replicas: Annotated[
        int | None, "Nodes of Milvus that hold the vectors, each all of them; else 1."
    ] = None

    def __post_init__(self) -> None:
        if self.wait < 0:
            raise ValueError(f"wait is {self.wait}; wanted 0 seconds or more.")
        if self.engine == "faiss" and (self.uri or self.collection or self.replicas):
            raise ValueError(
                "--uri, --collection and --replicas are of --engine milvus, not faiss."
            )
        if self.replicas is not None and self.replicas < 1:
            raise ValueError(f"--replicas {self.replicas}: wanted at least 1.")

    def arguments(self) -> list[str]:
        """Return what follows `mundap` on the command line that builds this."""
        found = ["index", "build"]
        for name, value in asdict(self).items():
            if value is not None:
                found += [f"--{name.replace('_', '-')}", str(value)]
        return found

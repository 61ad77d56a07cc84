"""The engine of a generation, whichever one left something in its directory."""

from collections.abc import Sequence
from pathlib import Path

from mundap.index.engines.engine import Engine
from mundap.index.engines.faiss_engine import FaissEngine
from mundap.index.engines.milvus_engine import COLLECTION_FILE, MilvusEngine


def open_engine(directory: Path, categories: Sequence[str]) -> Engine:
    """Open what an engine's `seal` left in `directory`; raises EngineError where it is damaged."""
    if (directory / COLLECTION_FILE).exists():
        return MilvusEngine.open(directory, categories)
    return FaissEngine.open(directory, categories)

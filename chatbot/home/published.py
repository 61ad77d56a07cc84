"""Whether the FAQ of a home is its file, or what was published from the store."""

from pathlib import Path

from mundap.chatbot.home.sources import STORE, recorded_sources
from mundap.chatbot.home.unfinished import Unfinished

# Of each speed one.
INDEXES = {"full": "index", "fast": "index-fast"}


def prepared_record(index: Path) -> Path:
    """Return where what an index was made from is recorded."""
    return index.with_suffix(".json")


def unfinished_record(index: Path) -> Path:
    """Return where a publication or roll-back that has begun is recorded."""
    return index.with_suffix(".publishing.json")


def is_published(index: Path) -> bool:
    """Return whether an index was made from the store."""
    if STORE in (recorded_sources(prepared_record(index)) or {}):
        return True
    begun = Unfinished.read(unfinished_record(index))
    return begun is not None and begun.has_happened(index)


def is_from_store(directory: Path) -> bool:
    """Return whether the FAQ of a home's directory is the store's: published once, at any speed."""
    return any(is_published(directory / name) for name in INDEXES.values())

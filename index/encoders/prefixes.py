"""What a transformer reads before a text, by whether that is asked or found."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

Side = Literal["query", "passage"]
# Where sentence-transformers keeps them, under `prompts`.
_FILE = "config_sentence_transformers.json"
# That library has another word for what is found.
_NAMES: Mapping[Side, tuple[str, ...]] = {"query": ("query",), "passage": ("passage", "document")}


def stored_prefixes(directory: Path) -> dict[str, str]:
    """Return the prefixes that the encoder in a directory was trained with, by their names."""
    path = directory / _FILE
    if not path.exists():
        return {}
    found = json.loads(path.read_text(encoding="utf-8")).get("prompts") or {}
    return {name: prefix for name, prefix in found.items() if prefix}


def prefix_for(side: Side, prefixes: Mapping[str, str | None]) -> str:
    """Return what stands before such a text, "" where nothing does."""
    return next((found for name in _NAMES[side] if (found := prefixes.get(name))), "")


def pieces_around(special: Sequence[int]) -> tuple[int, int]:
    """Return how many pieces stand before a text and after it.

    `special` are those of the prefix alone: 1 for a mark, 0 for a piece.
    """
    after = next((n for n, mark in enumerate(reversed(special)) if not mark), len(special) - 1)
    return len(special) - after, after

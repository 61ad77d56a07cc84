"""What an encoder is, in words that a report can print."""

import json
from pathlib import Path
from typing import Any

from mundap.index.encoders.encoder import EncoderError
from mundap.index.encoders.pretrained_config import CONFIG_FILE
from mundap.index.encoders.registry import encoder_directory, kind_of

# What training leaves beside the weights.
_RECORD_FILE = "training.json"


def encoder_words(path_or_name: str | Path) -> str:
    """Return its kind, its name where it has one, and what it was trained on."""
    kind = kind_of(path_or_name)
    try:
        directory = encoder_directory(path_or_name)
    except EncoderError:
        return kind.called
    name = _values(directory / CONFIG_FILE).get("name")
    named = f"{name}, {kind.called}" if isinstance(name, str) else kind.called
    record = _values(directory / _RECORD_FILE)
    if not record:
        return f"{named}, as it comes"
    pairs = record.get("pairs")
    return f"{named}, trained on {pairs:,} pairs" if pairs else f"{named}, trained"


def _values(file: Path) -> dict[str, Any]:
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}

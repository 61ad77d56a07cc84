"""An encoder directory of a megabyte that loads as the embedded encoder does."""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from mundap.index.korean.morphemes import MORPHEME_COUNT, dictionary_version

_DIMENSION, _NGRAM_ROWS = 4, 64


def small_encoder(directory: Path, seed: int = 0) -> Path:
    """Write an encoder of random vectors over what may lie in `directory`, and return that."""
    directory.mkdir(parents=True, exist_ok=True)
    shape = (MORPHEME_COUNT + _NGRAM_ROWS, _DIMENSION)
    table = np.random.default_rng(seed).standard_normal(shape).astype(np.float32)
    save_file({"embedding.weight": table}, directory / "model.safetensors")
    config = {
        "dimension": _DIMENSION,
        "ngram_rows": _NGRAM_ROWS,
        "dictionary": dictionary_version(),
        "encoder": "mundap-morpheme-1",
    }
    (directory / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return directory

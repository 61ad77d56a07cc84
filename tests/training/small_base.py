"""A random encoder of eight columns: the whole dictionary in two megabytes."""

from pathlib import Path

import torch

from index.morpheme_encoder import MorphemeConfig
from index.morphemes import dictionary_version
from training.morpheme_module import MorphemeEmbedding

DIMENSION = 8


def write_small_base(directory: Path) -> Path:
    """Write it into an empty `directory` and return that."""
    config = MorphemeConfig(DIMENSION, ngram_rows=64, dictionary=dictionary_version())
    torch.manual_seed(0)
    MorphemeEmbedding(torch.randn(config.rows, DIMENSION), config).save(str(directory))
    return directory

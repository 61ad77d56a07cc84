"""Engines of vectors without a FAQ."""

from typing import Literal

import numpy as np

from mundap.index.encoders.encoder import Vectors, unit_rows
from mundap.index.engines.engine import Rows
from mundap.index.engines.faiss_engine import FaissEngine
from mundap.index.engines.faiss_kinds import IndexKind


def random_rows(count: int, dimension: int, seed: int = 0) -> Vectors:
    return unit_rows(np.random.default_rng(seed).standard_normal((count, dimension)))


def engine_of(
    vectors: Vectors, kind: IndexKind | Literal["auto"] = "auto", some: Rows | None = None
) -> FaissEngine:
    """Index `vectors`; the rows `some` are of the category of that name."""
    categories = np.full(len(vectors), "", dtype=object)
    if some is not None:
        categories[some] = "some"
    return FaissEngine.build(vectors, categories.tolist(), kind)

"""The retrieval systems that can be measured, as an option names them."""

from enum import StrEnum


class Mode(StrEnum):
    """A retrieval system that can be measured."""

    HYBRID = "hybrid"
    DENSE = "dense"
    BM25 = "bm25"
    TFIDF = "tfidf"

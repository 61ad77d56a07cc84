"""An encoder of a few lines for tests that are not about encoders."""

import zlib
from collections.abc import Sequence

import numpy as np

from mundap.index.encoders.encoder import ReadText, Vectors, unit_rows


class TinyEncoder:
    """Counts character pairs, hashed into a few columns; remembers what it was asked to encode."""

    def __init__(self, fingerprint: str = "tiny-1", dimension: int = 32) -> None:
        self.fingerprint = fingerprint
        self.dimension = dimension
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.encoded.extend(texts)
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            for start in range(len(text) - 1):
                vector[zlib.crc32(text[start : start + 2].encode()) % self.dimension] += 1
        return unit_rows(vectors)


class TinyReader(TinyEncoder):
    """Reads each character pair as a piece of its own; remembers the passages it was to read."""

    def __init__(self, fingerprint: str = "reader-1", dimension: int = 64) -> None:
        super().__init__(fingerprint, dimension)
        self.read: list[str] = []

    def encode_together(self, texts: Sequence[str]) -> Vectors:
        return self.encode(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return self.encode(texts)

    def read_passages(self, texts: Sequence[str]) -> list[ReadText]:
        self.read.extend(texts)
        return self.read_queries(texts)

    def read_queries(self, texts: Sequence[str]) -> list[ReadText]:
        whole = TinyEncoder(dimension=self.dimension)
        pairs = [[text[at : at + 2] for at in range(len(text) - 1)] for text in texts]
        return [
            ReadText(whole.encode([text])[0], whole.encode(pieces))
            for text, pieces in zip(texts, pairs, strict=True)
        ]

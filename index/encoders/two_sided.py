"""What encoders share that read queries and passages each with a prefix of their own."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from mundap.index.encoders.encoder import ReadText, Vectors
from mundap.index.encoders.prefixes import Side


class TwoSidedEncoder(ABC):
    """A `PieceEncoder` of what reads texts of one side."""

    def __init__(self, fingerprint: str) -> None:
        self._fingerprint = fingerprint

    @property
    def fingerprint(self) -> str:
        """See `Encoder`."""
        return self._fingerprint

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `PieceEncoder`; transformers give even an empty text a vector with norm 1."""
        return self._vectors(texts, "query")

    def encode_together(self, texts: Sequence[str]) -> Vectors:
        """See `PieceEncoder`."""
        return self.encode(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See `PieceEncoder`."""
        return self._vectors(texts, "passage")

    def read_queries(self, texts: Sequence[str]) -> list[ReadText]:
        """See `PieceEncoder`."""
        return self._read(texts, "query")

    def read_passages(self, texts: Sequence[str]) -> list[ReadText]:
        """See `PieceEncoder`; pieces take 100 KB a long text, so give some hundred at a time."""
        return self._read(texts, "passage")

    @abstractmethod
    def _vectors(self, texts: Sequence[str], side: Side) -> Vectors:
        """Return unit vectors, shape (len(texts), dimension)."""

    @abstractmethod
    def _read(self, texts: Sequence[str], side: Side) -> list[ReadText]:
        """Return texts with their pieces."""

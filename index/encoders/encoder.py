"""What turns texts into vectors, as the rest of the project sees it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

DEFAULT_ENCODER = "default"

Vectors = NDArray[np.float32]

# Notes and logs beside the weights: they change no vector, so they are not part of the identity.
_NOT_IDENTITY = frozenset({"README.md", "training.json", "learning_curve.png", ".gitattributes"})


class EncoderError(ValueError):
    """An encoder is missing, damaged or does not fit what it is used with."""


class Encoder(Protocol):
    """Texts in, unit vectors out."""

    @property
    def fingerprint(self) -> str:
        """Hex digest; two encoders with the same one give the same vectors."""

    @property
    def dimension(self) -> int:
        """Number of columns of every vector."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return finite float32 vectors, shape (len(texts), dimension).

        Rows have norm 1, except the zero-information vector (all zeros) of a text that says
        nothing the encoder knows, such as an empty one: its cosine with everything is 0.
        """


@dataclass(frozen=True, slots=True)
class ReadText:
    """A text as a pretrained encoder reads it.

    `vector` is its unit vector, shape (dimension,); `pieces` are those of its pieces, shape
    (pieces, dimension): none for an empty text.
    """

    vector: NDArray[np.float32]
    pieces: Vectors


class PieceEncoder(Encoder, Protocol):
    """An encoder that reads queries and passages each in their way, and piece by piece.

    `encode` gives the vectors of queries.
    """

    def encode_together(self, texts: Sequence[str]) -> Vectors:
        """Return nearly what `encode` does, sooner: texts may weigh a little on each other."""

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of passages, shape (len(texts), dimension)."""

    def read_passages(self, texts: Sequence[str]) -> list[ReadText]:
        """Return passages with their pieces."""

    def read_queries(self, texts: Sequence[str]) -> list[ReadText]:
        """Return queries with their pieces."""


def unit_rows(vectors: NDArray[np.floating]) -> Vectors:
    """Scale each row to norm 1; zero rows stay zero. Raises ValueError on NaN or infinity."""
    rows = np.asarray(vectors, dtype=np.float32)
    if rows.ndim != 2:
        raise ValueError(f"vectors have shape {rows.shape}; wanted (n, dimension).")
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.isfinite(norms).all() and not np.isfinite(rows).all():
        bad = int(np.flatnonzero(~np.isfinite(rows).all(axis=1))[0])
        raise ValueError(f"vector in row {bad} holds NaN or infinity.")
    unit: Vectors = np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0)
    return unit


def directory_fingerprint(directory: Path) -> str:
    """Return the SHA-256 over names and contents of the files that decide an encoder's vectors."""
    return fingerprint_of(file_digests(directory))


def file_digests(directory: Path) -> dict[Path, bytes]:
    """Return the SHA-256 of each of those files, by its path below `directory`, in order."""
    digests: dict[Path, bytes] = {}
    for file in sorted(path for path in directory.rglob("*") if path.is_file()):
        if file.name not in _NOT_IDENTITY:
            with file.open("rb") as content:
                digest = hashlib.file_digest(content, "sha256").digest()
            digests[file.relative_to(directory)] = digest
    return digests


def fingerprint_of(digests: Mapping[Path, bytes]) -> str:
    """Return the `directory_fingerprint` of what `file_digests` found."""
    whole = hashlib.sha256()
    for path, digest in digests.items():
        whole.update(f"{path.as_posix()}\0".encode() + digest)
    return whole.hexdigest()

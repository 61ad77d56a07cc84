"""A pretrained encoder as it is served: onnxruntime, a tokenizer and a table of words, no torch.

A directory holds the layers as `encoder.onnx` with weights in eight bits, the table of words as
`embeddings.npy` in eight bits with a scale for each row in `scales.npy`, `tokenizer.json`, and
`config.json`. The table stays outside the graph, memory-mapped: a process holds the rows it uses.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mundap.index.encoders.encoder import (
    EncoderError,
    ReadText,
    Vectors,
    fingerprint_of,
    unit_rows,
)
from mundap.index.encoders.prefixes import Side
from mundap.index.encoders.pretrained_config import PretrainedConfig
from mundap.index.encoders.shipped import SHIPPED, SHIPPED_DIRECTORY
from mundap.index.encoders.two_sided import TwoSidedEncoder
from mundap.index.first_line import first_line

_NEEDS = ("onnxruntime", "tokenizers")
# Many texts are read by so many threads, each alone; a query by the one that asks.
_THREADS = min(4, os.cpu_count() or 1)
# Pieces of texts that are read together: fewer leave half of the time for what each call takes,
# many round by a range that is not theirs.
_TOGETHER = 64


class PretrainedEncoder(TwoSidedEncoder):
    """An `EncoderKind` and a `PieceEncoder` over such a directory."""

    is_embedded: ClassVar[bool] = False
    # Training begins from its layers in full precision.
    learning_rate: ClassVar[float | None] = 2e-5
    calibration: ClassVar[Path | None] = Path(__file__).with_name("sts_pretrained.json")
    called: ClassVar[str] = "a pretrained transformer in 8 bits"
    not_exported: ClassVar[str] = "is an ONNX graph as it is, so there is nothing to export."

    def __init__(
        self,
        config: PretrainedConfig,
        session: Any,
        tokenizer: Any,
        table: tuple[NDArray[np.int8], NDArray[np.float32]],
        fingerprint: str,
    ) -> None:
        super().__init__(fingerprint)
        self._config = config
        self._session = session
        self._tokenizer = tokenizer
        self._rows, self._scales = table

    @classmethod
    def holds(cls, path_or_name: str | Path) -> bool:
        """See `EncoderKind`: the shipped one by its name, or a directory that says so."""
        return str(path_or_name) == SHIPPED or PretrainedConfig.is_in(Path(path_or_name))

    @classmethod
    def directory(cls, path_or_name: str | Path) -> Path:
        """See `EncoderKind`."""
        return SHIPPED_DIRECTORY if str(path_or_name) == SHIPPED else Path(path_or_name)

    @classmethod
    def load(cls, path_or_name: str | Path) -> "PretrainedEncoder":
        """See `EncoderKind`; every file is verified first."""
        directory = cls.directory(path_or_name)
        config = PretrainedConfig.read(directory)
        fingerprint = fingerprint_of(config.verify(directory))
        if missing := [name for name in _NEEDS if not find_spec(name)]:
            raise EncoderError(
                f"{directory}: needs {' and '.join(missing)}. Install it: "
                f"`pip install {' '.join(missing)}`."
            )
        try:
            session = _session(directory / "encoder.onnx")
            tokenizer = _tokenizer(directory / "tokenizer.json", config.max_length)
            encoder = cls(config, session, tokenizer, _table(directory), fingerprint)
            encoder.encode([""])  # what loads may still lack something of this machine to run
        except Exception as error:  # each library has exceptions of its own
            raise EncoderError(
                f"{directory}: cannot be run by the installed onnxruntime and tokenizers "
                f"({first_line(error)}). Install the versions that constraints.txt names."
            ) from None
        return encoder

    @property
    def dimension(self) -> int:
        """See `Encoder`."""
        return self._config.dimension

    def encode_together(self, texts: Sequence[str]) -> Vectors:
        """See `PieceEncoder`: in half the time, with a cosine of .998 to what `encode` returns.

        Texts of one length are read together, and round their products by one range.
        """
        found = np.zeros((len(texts), self.dimension), np.float32)
        ids = [self._ids(self._config.prefixes["query"] + text) for text in texts]
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="encoder") as pool:
            parts = list(_together(ids))
            of_parts = pool.map(lambda rows: self._means([ids[row] for row in rows]), parts)
            for rows, means in zip(parts, of_parts, strict=True):
                found[rows] = means
        return unit_rows(found)

    def _vectors(self, texts: Sequence[str], side: Side) -> Vectors:
        vectors = [text.vector for text in self._read(texts, side)]
        return np.array(vectors, dtype=np.float32).reshape(len(texts), self.dimension)

    def _read(self, texts: Sequence[str], side: Side) -> list[ReadText]:
        marked = [self._config.prefixes[side] + text for text in texts]
        if len(marked) < 2:
            return [self._read_one(text) for text in marked]
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="encoder") as pool:
            return list(pool.map(self._read_one, marked))

    def _read_one(self, marked: str) -> ReadText:
        """Read a text alone: products round by the range of all that is read with them."""
        ids = self._ids(marked)
        embedded = self._rows[ids].astype(np.float32) * self._scales[ids][:, None]
        feed = {"embedded": embedded[None], "attention_mask": np.ones((1, len(ids)), np.int64)}
        states: Vectors = self._session.run(["states"], feed)[0][0]
        pieces = states[self._config.before : len(states) - self._config.after]
        return ReadText(unit_rows(states.mean(axis=0, keepdims=True))[0], unit_rows(pieces))

    def _means(self, together: Sequence[list[int]]) -> Vectors:
        """Return the mean of the states of each text, shape (n, dimension)."""
        longest = max(map(len, together))
        ids = np.array([one + [0] * (longest - len(one)) for one in together])
        is_piece = np.arange(longest) < np.array([[len(one)] for one in together])
        embedded = self._rows[ids].astype(np.float32) * self._scales[ids][..., None]
        embedded[~is_piece] = 0
        feed = {"embedded": embedded, "attention_mask": is_piece.astype(np.int64)}
        states: Vectors = self._session.run(["states"], feed)[0]
        means: Vectors = states.mean(axis=1, where=is_piece[..., None])
        return means

    def _ids(self, marked: str) -> list[int]:
        # Half of a surrogate pair is no text to the tokenizer.
        ids: list[int] = self._tokenizer.encode(marked.encode("utf-8", "replace").decode()).ids
        return ids


def _together(ids: Sequence[list[int]]) -> Iterator[list[int]]:
    """Yield rows of about one length, no more than are to be read together; the longest first."""
    rows = sorted(range(len(ids)), key=lambda row: -len(ids[row]))
    begin = 0
    while begin < len(rows):
        count = max(1, _TOGETHER // len(ids[rows[begin]]))
        yield rows[begin : begin + count]
        begin += count


def _session(graph: Path) -> Any:
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    # A query is too little work for two, and threads that wait for work take a core.
    options.intra_op_num_threads = 1
    # Lengths vary: what is kept for each would only grow.
    options.enable_mem_pattern = False
    options.enable_cpu_mem_arena = False
    return InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])


def _tokenizer(path: Path, max_length: int) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.enable_truncation(max_length)
    return tokenizer


def _table(directory: Path) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    rows = np.load(directory / "embeddings.npy", mmap_mode="r", allow_pickle=False)
    scales = np.load(directory / "scales.npy", allow_pickle=False)
    return np.asarray(rows), scales.astype(np.float32)

"""A transformer exported to ONNX as an `Encoder`: onnxruntime and a tokenizer, no torch."""

from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from mundap.index.encoders.encoder import (
    EncoderError,
    ReadText,
    Vectors,
    directory_fingerprint,
    unit_rows,
)
from mundap.index.encoders.prefixes import Side, pieces_around, prefix_for, stored_prefixes
from mundap.index.encoders.two_sided import TwoSidedEncoder
from mundap.index.first_line import first_line

GRAPHS = "onnx"
# The outputs that hold the vectors of texts and of their pieces.
OUTPUT, PIECES = "sentence_embedding", "last_hidden_state"
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
# Texts of like length together: padding is work too.
_BATCH = 32


class OnnxEncoder(TwoSidedEncoder):
    """An `EncoderKind` and a `PieceEncoder` over what `mundap export onnx` wrote."""

    is_embedded: ClassVar[bool] = False
    learning_rate: ClassVar[float | None] = None
    calibration: ClassVar[Path | None] = None
    called: ClassVar[str] = "a transformer as an ONNX graph"
    not_exported: ClassVar[str] = "is an ONNX export already. Name the one it was made from."

    def __init__(
        self, session: Any, tokenizer: Any, prefixes: Mapping[str, str], fingerprint: str
    ) -> None:
        super().__init__(fingerprint)
        self._session = session
        self._prefixes = prefixes
        self._tokenizer = tokenizer
        self._inputs = [given.name for given in session.get_inputs()]
        (shape,) = (o.shape for o in session.get_outputs() if o.name == OUTPUT)
        self._dimension = int(shape[-1])

    @classmethod
    def holds(cls, path_or_name: str | Path) -> bool:
        """See `EncoderKind`: a directory with a graph and no weights for torch."""
        directory = Path(path_or_name)
        graphs = any((directory / GRAPHS).glob("*.onnx"))
        return graphs and not any((directory / name).exists() for name in _WEIGHTS)

    @classmethod
    def directory(cls, path_or_name: str | Path) -> Path:
        """See `EncoderKind`."""
        return Path(path_or_name)

    @classmethod
    def load(cls, path_or_name: str | Path) -> "OnnxEncoder":
        """See `EncoderKind`; there must be one graph."""
        directory = Path(path_or_name)
        if not find_spec("onnxruntime"):
            raise EncoderError(
                f"{directory}: an ONNX encoder, which needs onnxruntime. Install it: "
                "pip install onnxruntime"
            )
        graphs = sorted((directory / GRAPHS).glob("*.onnx"))
        if len(graphs) != 1:
            raise EncoderError(f"{directory}: {len(graphs)} ONNX graphs; wanted one.")
        from onnxruntime import InferenceSession
        from tokenizers import Tokenizer

        try:
            session = InferenceSession(graphs[0], providers=["CPUExecutionProvider"])
            tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
            prefixes = stored_prefixes(directory)
            return cls(session, tokenizer, prefixes, directory_fingerprint(directory))
        except Exception as error:  # each library has exceptions of its own
            raise EncoderError(
                f"{directory}: not a loadable ONNX encoder ({first_line(error)}). Export it again."
            ) from None

    @property
    def dimension(self) -> int:
        """See `Encoder`."""
        return self._dimension

    def _vectors(self, texts: Sequence[str], side: Side) -> Vectors:
        vectors = np.empty((len(texts), self._dimension), dtype=np.float32)
        for rows, found in self._batches(texts, side, [OUTPUT]):
            (vectors[rows],) = found
        return unit_rows(vectors)

    def _read(self, texts: Sequence[str], side: Side) -> list[ReadText]:
        prefix = prefix_for(side, self._prefixes)
        before, after = pieces_around(self._tokenizer.encode(prefix.strip()).special_tokens_mask)
        read: dict[int, ReadText] = {}
        for rows, (vectors, states, mask) in self._batches(texts, side, [OUTPUT, PIECES]):
            ends = np.maximum(before, mask.sum(axis=1) - after)
            for row, vector, all_pieces, end in zip(rows, vectors, states, ends, strict=True):
                pieces = unit_rows(all_pieces[before:end])
                read[int(row)] = ReadText(unit_rows(vector[None])[0], pieces)
        return [read[row] for row in range(len(texts))]

    def _batches(
        self, texts: Sequence[str], side: Side, outputs: Sequence[str]
    ) -> Iterator[tuple[Any, list[Any]]]:
        """Yield rows of texts of like length, with what the graph makes of them."""
        prefix = prefix_for(side, self._prefixes)
        order = np.argsort([len(text) for text in texts], kind="stable")
        for start in range(0, len(texts), _BATCH):
            rows = order[start : start + _BATCH]
            yield rows, self._run([f"{prefix}{texts[row]}" for row in rows], outputs)

    def _run(self, texts: list[str], outputs: Sequence[str]) -> list[Any]:
        """Return the outputs, and the mask of the texts where pieces are among them."""
        found = self._tokenizer.encode_batch(texts)
        tokens = {
            "input_ids": [one.ids for one in found],
            "attention_mask": [one.attention_mask for one in found],
            "token_type_ids": [one.type_ids for one in found],
        }
        feed = {name: np.array(tokens[name], dtype=np.int64) for name in self._inputs}
        mask = [np.array(tokens["attention_mask"])] if PIECES in outputs else []
        return [*self._session.run(list(outputs), feed), *mask]

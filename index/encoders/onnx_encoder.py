"""A transformer exported to ONNX as an `Encoder`: onnxruntime and a tokenizer, no torch."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from mundap.index.encoders.encoder import EncoderError, Vectors, directory_fingerprint, unit_rows
from mundap.index.first_line import first_line

GRAPHS = "onnx"
# The output that holds the vectors; `last_hidden_state` is there for other libraries.
OUTPUT = "sentence_embedding"
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
# Texts of like length together: padding is work too.
_BATCH = 32


class OnnxEncoder:
    """An `EncoderKind` over what `mundap export onnx` wrote."""

    is_embedded: ClassVar[bool] = False
    learning_rate: ClassVar[float | None] = None
    calibration: ClassVar[Path | None] = None
    called: ClassVar[str] = "a transformer as an ONNX graph"
    not_exported: ClassVar[str] = "is an ONNX export already. Name the one it was made from."

    def __init__(self, session: Any, tokenizer: Any, fingerprint: str) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self._fingerprint = fingerprint
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
            return cls(session, tokenizer, directory_fingerprint(directory))
        except Exception as error:  # each library has exceptions of its own
            raise EncoderError(
                f"{directory}: not a loadable ONNX encoder ({first_line(error)}). Export it again."
            ) from None

    @property
    def fingerprint(self) -> str:
        """See `Encoder`."""
        return self._fingerprint

    @property
    def dimension(self) -> int:
        """See `Encoder`."""
        return self._dimension

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`; transformers give even an empty text a vector with norm 1."""
        vectors = np.empty((len(texts), self._dimension), dtype=np.float32)
        order = np.argsort([len(text) for text in texts], kind="stable")
        for start in range(0, len(texts), _BATCH):
            rows = order[start : start + _BATCH]
            vectors[rows] = self._run([texts[row] for row in rows])
        return unit_rows(vectors)

    def _run(self, texts: list[str]) -> Any:
        found = self._tokenizer.encode_batch(texts)
        tokens = {
            "input_ids": [one.ids for one in found],
            "attention_mask": [one.attention_mask for one in found],
            "token_type_ids": [one.type_ids for one in found],
        }
        feed = {name: np.array(tokens[name], dtype=np.int64) for name in self._inputs}
        return self._session.run([OUTPUT], feed)[0]

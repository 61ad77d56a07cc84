"""A cross-encoder: reads both sentences at once, so it compares better and a thousand times slower.

Loads torch, and the weights, with the first pair that it compares.
"""

import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mundap.index.encoders.encoder import EncoderError, directory_fingerprint
from mundap.index.first_line import first_line
from mundap.index.korean.text import clean
from mundap.index.similarity.scale import LINEAR, StsScale

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder as Weights

# Both sentences together; cost grows with the square.
MAX_SEQ_LENGTH = 256
_BATCH = 32


def is_cross_encoder(directory: Path) -> bool:
    """Whether `directory` holds a transformer that ends in a classifier or a regression."""
    try:
        config = json.loads((directory / "config.json").read_text(encoding="utf-8"))
        return str(config["architectures"][0]).endswith("ForSequenceClassification")
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        return False


class CrossEncoder:
    """A `PairEncoder` over a sentence-transformers cross-encoder with one output."""

    has_cosines = False
    usual_scale: StsScale = LINEAR

    def __init__(self, directory: Path, fingerprint: str) -> None:
        self._directory = directory
        self._fingerprint = fingerprint
        self._weights: Weights | None = None
        self._lock = threading.Lock()

    @classmethod
    def open(cls, directory: Path) -> "CrossEncoder":
        """Name a directory; its weights are loaded with the first pair."""
        return cls(directory, directory_fingerprint(directory))

    @property
    def fingerprint(self) -> str:
        """See `PairEncoder`."""
        return self._fingerprint

    def closeness(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        """See `PairEncoder`: the logistic function of the output, in [0, 1].

        Raises EncoderError when the weights cannot be loaded, or have several outputs.
        """
        cleaned = [(clean(one), clean(other)) for one, other in pairs]
        # One at a time: threads of torch would only take each other's cores.
        with self._lock:
            weights = self._weights = self._weights or self._load()
            outputs = _predict(weights, cleaned)
        if not np.isfinite(outputs).all():
            raise EncoderError(f"{self._directory}: gives NaN or infinity; its weights are bad.")
        return outputs

    def _load(self) -> "Weights":
        try:
            from sentence_transformers import CrossEncoder as Weights

            weights: Weights = Weights(str(self._directory), local_files_only=True)
        except Exception as error:  # each kind of weights and tokenizer has exceptions of its own
            raise EncoderError(
                f"{self._directory}: not a loadable cross-encoder ({first_line(error)})."
            ) from None
        if weights.num_labels != 1:
            raise EncoderError(
                f"{self._directory}: a classifier of {weights.num_labels} classes; wanted a "
                "cross-encoder with one output, trained on similarity scores."
            )
        weights.max_seq_length = min(MAX_SEQ_LENGTH, weights.max_seq_length or MAX_SEQ_LENGTH)
        return weights


def _predict(weights: "Weights", pairs: list[tuple[str, str]]) -> NDArray[np.float64]:
    from torch.nn import Sigmoid

    outputs = weights.predict(
        pairs, batch_size=_BATCH, show_progress_bar=False, activation_fn=Sigmoid()
    )
    return np.asarray(outputs, dtype=np.float64).reshape(len(pairs))

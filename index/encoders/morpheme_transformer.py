"""A small transformer over morphemes, read with numpy alone.

Each word starts as its row of the embedded encoder's table (`morpheme_encoder.py`), and a
position before them as the sum of all. The layers weigh each position anew and propose a change of
it, counted as much as the position itself is long; what comes out is pooled. Before training
weights are one and proposals zero: the pooled vector is that of the embedded encoder.
`training/modules/morpheme_transformer.py` reads the same directory with torch.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from mundap.index.encoders.encoder import EncoderError, Vectors, directory_fingerprint, unit_rows
from mundap.index.encoders.morpheme_encoder import (
    CONFIG_FILE,
    WEIGHTS_FILE,
    Features,
    MorphemeConfig,
    open_table,
)
from mundap.index.encoders.sentence_encoder import MAX_SEQ_LENGTH, Pooling
from mundap.index.encoders.weight_table import WeightTable

# The base of that name: the embedded encoder with untrained layers over it.
MORPHEME_TRANSFORMER = "morpheme-transformer"
LAYERS = 3
# What the names of all weights but the table's begin with.
NETWORK = "network."
_KIND = "mundap-morpheme-transformer-1"
_POOLING_FILE = "1_Pooling/config.json"
_EPSILON = 1e-5
# Texts of one length at once: the arrays stay small.
_BATCH = 64

Weights = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class TransformerConfig(MorphemeConfig):
    """The table's values and the sizes of the layers over it."""

    encoder: str = _KIND
    layers: int = LAYERS
    heads: int = 4
    # Columns between the two projections of a layer: twice the dimension, half of the usual, so
    # that a processor is enough.
    feed_forward: int = 512
    # Words of a text and the position before them; what is longer is cut.
    positions: int = MAX_SEQ_LENGTH

    def __post_init__(self) -> None:
        MorphemeConfig.__post_init__(self)
        for name, least in (("layers", 0), ("heads", 1), ("feed_forward", 1), ("positions", 2)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} is {getattr(self, name)}; wanted {least} or more")
        if self.dimension % self.heads:
            raise ValueError(
                f"heads is {self.heads}; wanted a divisor of dimension, {self.dimension}"
            )

    def features(self, text: str) -> Features:
        """Return the rows of as many words of a text as there are positions for."""
        found = MorphemeConfig.features(self, text)
        kept = slice(int(np.searchsorted(found.words, self.positions - 1)))
        return Features(found.rows[kept], found.weights[kept], found.tags[kept], found.words[kept])


def is_morpheme_transformer(path_or_name: str | Path) -> bool:
    """Whether a directory holds this kind of encoder, or a name is that of the untrained one."""
    if str(path_or_name) == MORPHEME_TRANSFORMER:
        return True
    try:
        config = json.loads((Path(path_or_name) / CONFIG_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(config, dict) and config.get("encoder") == _KIND


class MorphemeTransformerEncoder:
    """An `Encoder` over such a directory; see the module's docstring."""

    def __init__(
        self,
        table: WeightTable,
        weights: Weights,
        config: TransformerConfig,
        pooling: Pooling,
        fingerprint: str,
    ) -> None:
        self._table = table
        self._weights = weights
        self._config = config
        self._pooling = pooling
        self._fingerprint = fingerprint

    @classmethod
    def load(cls, directory: Path) -> "MorphemeTransformerEncoder":
        """Open `directory`.

        Raises EncoderError when it is damaged, or is the name of what only training builds.
        """
        if not directory.is_dir():
            raise EncoderError(
                f"{directory}: a base to train from, which says no more than the default encoder "
                f"before. Train it: mundap train --base {MORPHEME_TRANSFORMER}"
            )
        config = TransformerConfig.read(directory)
        table = open_table(directory, config)
        weights, pooling = _read_weights(directory, config), read_pooling(directory)
        encoder = cls(table, weights, config, pooling, directory_fingerprint(directory))
        encoder.encode(["문답"])  # loads the analyser, before a visitor asks
        return encoder

    @property
    def fingerprint(self) -> str:
        """See `Encoder`."""
        return self._fingerprint

    @property
    def dimension(self) -> int:
        """See `Encoder`."""
        return self._config.dimension

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`; a text of symbols alone (emoji, "?!") has the zero vector too."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        found = [self._config.features(text) for text in texts]
        # Texts of one length need no padding and no mask.
        lengths = np.array([text.words[-1] + 1 if text.words.size else 0 for text in found])
        for length in np.unique(lengths[lengths > 0]).tolist():
            (rows,) = np.nonzero(lengths == length)
            for start in range(0, len(rows), _BATCH):
                batch = rows[start : start + _BATCH]
                words = np.stack([self._look_up(found[row], length) for row in batch])
                vectors[batch] = self._pool(self._changed(words))
        return unit_rows(vectors)

    def _look_up(self, text: Features, length: int) -> Vectors:
        """Return the sum of a text and its words, shape (1 + length, dimension)."""
        words = np.zeros((1 + length, self.dimension), dtype=np.float32)
        np.add.at(words, text.words + 1, self._table[text.rows] * text.weights[:, None])
        words[0] = words.sum(axis=0)
        return words

    def _changed(self, words: Vectors) -> Vectors:
        weights, root = self._weights, np.float32(self.dimension**0.5)
        size = np.linalg.norm(words, axis=-1, keepdims=True)
        direction = np.divide(words, size, out=np.zeros_like(words), where=size > 0)
        hidden = direction * root + weights["position"][: words.shape[1]]
        for number in range(self._config.layers):
            hidden = self._layer(hidden, f"layers.{number}.")
        hidden = self._norm(hidden, "exit")
        weight = 2 / (1 + np.exp(-self._linear(hidden, "weigh")))
        changed: Vectors = weight * words + size * self._linear(hidden, "change") / root
        return changed

    def _layer(self, hidden: Vectors, name: str) -> Vectors:
        hidden = hidden + self._attend(self._norm(hidden, f"{name}attention_norm"), name)
        inner = self._linear(self._norm(hidden, f"{name}norm"), f"{name}up")
        # GELU in its tanh form.
        inner *= 0.5 * (1 + np.tanh(0.7978845608 * (inner + 0.044715 * inner * inner * inner)))
        return hidden + self._linear(inner, f"{name}down")

    def _attend(self, hidden: Vectors, name: str) -> Vectors:
        texts, length, dimension = hidden.shape
        shape = (texts, length, 3, self._config.heads, dimension // self._config.heads)
        query, key, value = (
            self._linear(hidden, f"{name}attention").reshape(shape).transpose(2, 0, 3, 1, 4)
        )
        scores = query @ key.swapaxes(-1, -2) / np.float32(shape[-1] ** 0.5)
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares = scores / scores.sum(axis=-1, keepdims=True)
        together = (shares @ value).swapaxes(1, 2).reshape(texts, length, dimension)
        return self._linear(together, f"{name}attention_out")

    def _linear(self, hidden: Vectors, name: str) -> Vectors:
        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        # One product of two matrices: numpy takes a stack of them one by one.
        flat: Vectors = hidden.reshape(-1, hidden.shape[-1]) @ weight.T + bias
        return flat.reshape(*hidden.shape[:-1], -1)

    def _norm(self, hidden: Vectors, name: str) -> Vectors:
        centred = hidden - hidden.mean(axis=-1, keepdims=True)
        spread = np.sqrt(np.square(centred).mean(axis=-1, keepdims=True) + _EPSILON)
        out: Vectors = centred / spread * self._weights[f"{name}.weight"]
        return out + self._weights[f"{name}.bias"]

    def _pool(self, words: Vectors) -> Vectors:
        if self._pooling == "cls":
            return words[:, 0]
        pooled: Vectors = words.max(axis=1) if self._pooling == "max" else words.mean(axis=1)
        return pooled


def weight_shapes(config: TransformerConfig) -> dict[str, tuple[int, ...]]:
    """Return the name and shape of every weight beside the table."""
    width, inner = config.dimension, config.feed_forward
    linear = {"attention": (3 * width, width), "attention_out": (width, width)}
    linear |= {"up": (inner, width), "down": (width, inner)}
    shapes: dict[str, tuple[int, ...]] = {"position": (config.positions, width)}
    shapes |= {"masked": (width,), "change.weight": (width, width), "change.bias": (width,)}
    shapes |= {"weigh.weight": (1, width), "weigh.bias": (1,)}
    shapes |= {"exit.weight": (width,), "exit.bias": (width,)}
    for number in range(config.layers):
        layer = f"layers.{number}"
        for norm in ("attention_norm", "norm"):
            shapes |= {f"{layer}.{norm}.{part}": (width,) for part in ("weight", "bias")}
        for name, shape in linear.items():
            shapes |= {f"{layer}.{name}.weight": shape, f"{layer}.{name}.bias": shape[:1]}
    return shapes


def _read_weights(directory: Path, config: TransformerConfig) -> Weights:
    from safetensors import SafetensorError, safe_open

    path = directory / WEIGHTS_FILE
    found: dict[str, NDArray[np.float32]] = {}
    try:
        with safe_open(path, framework="numpy") as file:
            there = set(file.keys())
            for name, shape in weight_shapes(config).items():
                if NETWORK + name in there:
                    found[name] = file.get_tensor(NETWORK + name)
                if name not in found or found[name].shape != shape:
                    raise ValueError(f"no {NETWORK}{name} of shape {shape}")
    except (OSError, ValueError, SafetensorError) as error:
        raise EncoderError(f"{path}: damaged ({error}). Train the encoder again.") from None
    return found


def read_pooling(directory: Path) -> Pooling:
    """Return how `directory` pools; raises EncoderError where it does not say."""
    path = directory / _POOLING_FILE
    try:
        mode = json.loads(path.read_text(encoding="utf-8"))["pooling_mode"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EncoderError(f"{path}: damaged ({error}). Train the encoder again.") from None
    found: Pooling | None = next((known for known in get_args(Pooling) if known == mode), None)
    if found is None:
        raise EncoderError(f"{path}: pooling_mode is {mode!r}; wanted mean, cls or max.")
    return found

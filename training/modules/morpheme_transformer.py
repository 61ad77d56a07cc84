"""The transformer over morphemes as a sentence-transformers module, for training.

Reads and writes the directory that `mundap.index.encoders.morpheme_transformer` describes.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Normalize
from sentence_transformers.sentence_transformer.modules import Pooling as PoolingModule
from torch import Tensor, nn
from torch.nn import functional

from mundap.index.encoders.encoder import EncoderError
from mundap.index.encoders.morpheme_encoder import WEIGHTS_FILE, MorphemeConfig, open_table
from mundap.index.encoders.morpheme_transformer import (
    LAYERS,
    NETWORK,
    TransformerConfig,
    read_pooling,
)
from mundap.index.encoders.sentence_encoder import MAX_SEQ_LENGTH, Pooling
from mundap.index.encoders.weight_table import WEIGHTS_KEY
from mundap.training.modules.morpheme_rows import MorphemeRows


class MorphemeTransformer(MorphemeRows[TransformerConfig]):
    """Words in their places, and before them their sum, each changed by what stands around it.

    Before training nothing is changed: pooled by mean or by the first position, a text has the
    vector of the embedded encoder whose table this is. A text without words has zeros.
    """

    def __init__(
        self, table: Tensor, config: TransformerConfig, *, word_dropout: float = 0.0
    ) -> None:
        super().__init__(table, config, word_dropout=word_dropout)
        self.network = Network(config)

    @classmethod
    def load(cls, model_name_or_path: str, *args: Any, **kwargs: Any) -> "MorphemeTransformer":
        """Load an encoder directory; further arguments are those of the library's loader.

        Raises EncoderError when it is damaged or made for another dictionary.
        """
        directory = Path(model_name_or_path)
        config = TransformerConfig.read(directory)
        open_table(directory, config)
        try:
            weights = load_file(directory / WEIGHTS_FILE)
            module = cls(weights.pop(WEIGHTS_KEY), config)
            module.network.load_state_dict(
                {name.removeprefix(NETWORK): weight for name, weight in weights.items()}
            )
        except (OSError, RuntimeError, SafetensorError) as error:
            reason = str(error).strip().replace("\n", " ")
            raise EncoderError(
                f"{directory / WEIGHTS_FILE}: damaged ({reason}). Train the encoder again."
            ) from None
        return module

    def save(self, output_path: str, *args: Any, **kwargs: Any) -> None:
        """Write `config.json`, the whole table and the layers as safetensors."""
        self.config.write(Path(output_path))
        weights = {f"{NETWORK}{n}": weight for n, weight in self.network.state_dict().items()}
        weights[WEIGHTS_KEY] = self.table()
        plain = {name: weight.detach().contiguous() for name, weight in weights.items()}
        save_file(plain, Path(output_path) / WEIGHTS_FILE)

    def preprocess(
        self, inputs: Sequence[Any], prompt: str | None = None, **kwargs: Any
    ) -> dict[str, Tensor]:
        """Return rows, their weights and the place of their word, and which places are taken."""
        found = [self.features_of(f"{prompt or ''}{text}") for text in inputs]
        lengths = [1 + int(text.words.max(initial=-1)) for text in found]
        taken = np.arange(1 + max(lengths, default=0)) <= np.array(lengths)[:, None]
        # A row that the batch has anyway: no other may be trainable.
        filler = next((int(text.rows[0]) for text in found if text.rows.size), 0)
        return {
            "input_ids": _padded([text.rows for text in found], filler),
            "weights": _padded([text.weights for text in found]),
            "places": _padded([text.words + 1 for text in found]),
            "attention_mask": torch.from_numpy(taken.reshape(len(found), -1).astype(np.int64)),
        }

    def forward(self, features: dict[str, Tensor], **kwargs: Any) -> dict[str, Tensor]:
        """Add `states` and `token_embeddings`, both of shape (texts, places, dimension).

        Of words that `hidden` (texts, places) names only the place is seen.
        """
        words, taken = self.words(features), features["attention_mask"].bool()
        hidden = features.get("hidden", torch.zeros_like(taken))
        if self.training and self.word_dropout:
            dropped = torch.rand(taken.shape, device=taken.device) < self.word_dropout
            dropped[:, 0] = False
            taken = taken & ~(dropped & ~hidden)
            features["attention_mask"] = taken.to(features["attention_mask"])
        words = words.masked_fill((hidden | ~taken)[..., None], 0.0)
        words = torch.cat([words.sum(dim=1, keepdim=True), words[:, 1:]], dim=1)
        states = features["states"] = self.network(words, taken, hidden)
        weight, proposed = self.network.judge(states)
        changed = weight * words + words.norm(dim=-1, keepdim=True) * proposed
        # A text without words, or with all of them dropped, has no direction to learn.
        nothing = ~taken[:, 1:].any(dim=1)
        features["token_embeddings"] = changed.masked_fill(nothing[:, None, None], 0.0)
        return features

    def words(self, features: dict[str, Tensor]) -> Tensor:
        """Return the sum of the rows at each place, shape (texts, places, dimension)."""
        rows, weight = self.look_up(features["input_ids"])
        texts, width = features["attention_mask"].shape
        starts = torch.arange(texts, device=rows.device)[:, None] * width
        weighted = functional.embedding(rows, weight) * features["weights"][..., None].to(weight)
        places = (features["places"] + starts).flatten()
        summed: Tensor = weighted.new_zeros(texts * width, self.config.dimension)
        summed = summed.index_add(0, places, weighted.flatten(0, 1))
        return summed.view(texts, width, -1)

    @property
    def max_seq_length(self) -> int:
        """Words of a text and the place before them."""
        return self.config.positions


class Network(nn.Module):
    """Words in, a weight and a proposal for each place out: at first all are one and zero."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.position = nn.Parameter(0.02 * torch.randn(config.positions, config.dimension))
        # Stands where a word is hidden.
        self.masked = nn.Parameter(torch.zeros(config.dimension))
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.exit = nn.LayerNorm(config.dimension)
        self.weigh = nn.Linear(config.dimension, 1)
        self.change = nn.Linear(config.dimension, config.dimension)
        for linear in (self.weigh, self.change):
            nn.init.zeros_(linear.weight)
            nn.init.zeros_(linear.bias)

    def forward(self, words: Tensor, taken: Tensor, hidden: Tensor) -> Tensor:
        """Return the state of each place, of the shape of `words`; only `taken` ones are seen."""
        # Directions alone: the length of a word says how rare it is.
        state = functional.normalize(words, dim=-1) * words.shape[-1] ** 0.5
        state = state + self.position[: words.shape[1]]
        state = state + hidden[..., None] * self.masked
        for layer in self.layers:
            state = layer(state, taken)
        left: Tensor = self.exit(state)
        return left

    def judge(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """Return weights from 0 to 2, and proposals."""
        # A first step of the optimiser would else move every word by several times its length.
        proposed = self.change(states) / states.shape[-1] ** 0.5
        return 2 * torch.sigmoid(self.weigh(states)), proposed


class Layer(nn.Module):
    """Attention and two projections, each after a normalisation and added to what was there."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        width = config.dimension
        self.heads = config.heads
        self.attention_norm = nn.LayerNorm(width)
        self.attention = nn.Linear(width, 3 * width)
        self.attention_out = nn.Linear(width, width)
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, config.feed_forward)
        self.down = nn.Linear(config.feed_forward, width)

    def forward(self, state: Tensor, taken: Tensor) -> Tensor:
        """Return the state, shape (texts, places, dimension), after this layer."""
        joined = self.attention(self.attention_norm(state))
        query, key, value = joined.unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(
            query, key, value, attn_mask=taken[:, None, None, :]
        )
        state = state + self.attention_out(seen.transpose(1, 2).flatten(2))
        inner = functional.gelu(self.up(self.norm(state)), approximate="tanh")
        changed: Tensor = state + self.down(inner)
        return changed


def new_morpheme_transformer(
    embedded: Path,
    *,
    pooling: Pooling | None = None,
    max_seq_length: int = MAX_SEQ_LENGTH,
    layers: int = LAYERS,
) -> SentenceTransformer:
    """Return untrained layers over the table of an embedded encoder."""
    start = MorphemeConfig.read(embedded)
    values = {name: value for name, value in asdict(start).items() if name != "encoder"}
    config = TransformerConfig(**values, layers=layers, positions=max_seq_length)
    table = torch.from_numpy(open_table(embedded, start).whole())
    return _pooled(MorphemeTransformer(table, config), pooling or "mean")


def load_over_morphemes(
    directory: Path, *, pooling: Pooling | None = None, max_seq_length: int = MAX_SEQ_LENGTH
) -> SentenceTransformer:
    """Load a transformer over morphemes; `pooling` replaces the one that it has."""
    module = MorphemeTransformer.load(str(directory))
    positions = min(max_seq_length, module.config.positions)
    module.config = replace(module.config, positions=positions)
    module.network.position = nn.Parameter(module.network.position.detach()[:positions].clone())
    return _pooled(module, pooling or read_pooling(directory))


def _pooled(module: MorphemeTransformer, pooling: Pooling) -> SentenceTransformer:
    pool = PoolingModule(module.get_embedding_dimension(), pooling_mode=pooling)
    return SentenceTransformer(modules=[module, pool, Normalize()], device=None)


def _padded(rows: Sequence[NDArray[Any]], filler: int = 0) -> Tensor:
    """Stack rows of different lengths, shorter ones filled up."""
    width = max((len(row) for row in rows), default=0)
    return torch.from_numpy(
        np.stack([np.pad(row, (0, width - len(row)), constant_values=filler) for row in rows])
        if rows
        else np.zeros((0, width), dtype=np.int64)
    )

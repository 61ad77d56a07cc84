"""The embedded encoder as a sentence-transformers module, for training.

Reads and writes the directory that `mundap.index.encoders.morpheme_encoder` describes.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer
from torch import Tensor, nn
from torch.nn import functional

from mundap.index.encoders.morpheme_config import WEIGHTS_FILE, MorphemeConfig, open_table
from mundap.index.encoders.weight_table import WEIGHTS_KEY
from mundap.training.modules.morpheme_rows import MorphemeRows, with_outside
from mundap.training.modules.word_map import WordMap


class MorphemeEmbedding(MorphemeRows):
    """Unit-length weighted sum of the table rows of a text; zeros for a text without words.

    A `word_map` trains instead of the rows once `add_word_map` was called; it saves, and loads
    checkpoints, as the table that it makes.
    """

    def __init__(self, table: Tensor, config: MorphemeConfig, *, word_dropout: float = 0.0) -> None:
        super().__init__(table, config, word_dropout=word_dropout)
        self.word_map: WordMap | None = None
        self.register_load_state_dict_pre_hook(_take_checkpoint)

    @classmethod
    def load(cls, model_name_or_path: str, *args: Any, **kwargs: Any) -> "MorphemeEmbedding":
        """Load an encoder directory; further arguments are those of the library's loader.

        Raises EncoderError when it is damaged or made for another dictionary.
        """
        directory = Path(model_name_or_path)
        config = MorphemeConfig.read(directory)
        table = open_table(directory, config)
        return cls(torch.from_numpy(table.whole()), config)

    def save(self, output_path: str, *args: Any, **kwargs: Any) -> None:
        """Write `config.json` and the whole table as safetensors."""
        config, table = self.config, self.table()
        if self.word_map is not None:
            table = self.word_map.fold(table)
            factors = self.word_map.outside_factors().detach().to(self.outside)
            config = with_outside(config, self.outside * factors)
        config.write(Path(output_path))
        save_file({WEIGHTS_KEY: table.contiguous()}, Path(output_path) / WEIGHTS_FILE)

    def add_word_map(self) -> None:
        """Train from now on what all words share, and no row of its own."""
        self.word_map = WordMap(self.config.dimension).to(self.embedding.weight.device)
        self.embedding.weight.requires_grad_(False)

    def preprocess(
        self, inputs: Sequence[Any], prompt: str | None = None, **kwargs: Any
    ) -> dict[str, Tensor]:
        """Return the rows and weights of all texts end to end, and where each text begins."""
        found = [self.features_of(f"{prompt or ''}{text}") for text in inputs]
        lengths = [len(text.rows) for text in found]
        rows = np.concatenate([np.empty(0, dtype=np.int64), *(text.rows for text in found)])
        weights = np.concatenate([np.empty(0, dtype=np.float32), *(text.weights for text in found)])
        tags = np.concatenate([np.empty(0, dtype=np.int64), *(text.tags for text in found)])
        return {
            "input_ids": torch.from_numpy(rows),
            "weights": torch.from_numpy(weights),
            "tags": torch.from_numpy(tags),
            "offsets": torch.tensor([0, *np.cumsum(lengths)[:-1]], dtype=torch.long),
        }

    def forward(self, features: dict[str, Tensor], **kwargs: Any) -> dict[str, Tensor]:
        """Add `sentence_embedding`, shape (texts, dimension)."""
        weights = functional.dropout(features["weights"], self.word_dropout, self.training)
        rows, weight = self.look_up(features["input_ids"])
        if self.word_map is not None:
            ids, tags = features["input_ids"], features["tags"]
            weights = weights * self.word_map.factors(ids, weight[rows], tags)
        total = functional.embedding_bag(
            rows, weight, features["offsets"], mode="sum", per_sample_weights=weights.to(weight)
        )
        if self.word_map is not None:
            total = self.word_map.project(total)
        # A text without words, or with all of them dropped, has no direction to learn: the
        # gradient of a normalisation is 1e12 there, that of three in a row not a number.
        total = total.masked_fill((total == 0).all(dim=1, keepdim=True), 0.0)
        features["sentence_embedding"] = functional.normalize(total)
        return features

    @property
    def max_seq_length(self) -> int | None:
        """Texts are never cut."""
        return None


def _take_checkpoint(module: nn.Module, state: dict[str, Tensor], prefix: str, *args: Any) -> None:
    """Let a narrowed module load a checkpoint, which holds the whole table, its map folded in."""
    key = f"{prefix}embedding.weight"
    assert isinstance(module, MorphemeEmbedding)
    if key not in state or len(state[key]) != module.config.rows:
        return
    module.take_table(state, prefix)
    if module.word_map is not None:
        for name, weight in module.word_map.named_parameters(prefix=f"{prefix}word_map"):
            state.setdefault(name, torch.zeros_like(weight))


def load_embedded(directory: Path) -> SentenceTransformer:
    """Load an embedded encoder as a `SentenceTransformer` that any of its trainers takes."""
    return SentenceTransformer(modules=[MorphemeEmbedding.load(str(directory))], device="cpu")

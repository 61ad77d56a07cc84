"""The embedded encoder as a sentence-transformers module, for training.

Reads and writes the directory that `index.morpheme_encoder` describes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import InputModule
from torch import Tensor, nn
from torch.nn import functional

from index.morpheme_encoder import (
    OUTSIDE_TAGS,
    WEIGHTS_FILE,
    Features,
    MorphemeConfig,
    open_table,
)
from index.morphemes import MORPHEME_COUNT
from index.weight_table import WEIGHTS_KEY
from training.word_map import WordMap


class MorphemeEmbedding(InputModule):
    """Unit-length weighted sum of the table rows of a text; zeros for a text without words.

    While it trains, `narrow` keeps as a parameter only the rows that the training texts use:
    no other row ever has a gradient, and an optimiser step costs what those rows cost. It
    saves, and loads checkpoints, as the whole table all the same. So it does with a `word_map`,
    which trains instead of the rows once `add_word_map` was called.
    """

    def __init__(self, table: Tensor, config: MorphemeConfig, *, word_dropout: float = 0.0) -> None:
        super().__init__()
        self.config = config
        self.word_dropout = word_dropout
        self.embedding = nn.Embedding.from_pretrained(table, freeze=False)
        # "morphemes", "ngrams" or both; empty is both.
        self.trained_rows: Sequence[str] = ()
        self.word_map: WordMap | None = None
        # What the config says, beside the table: a checkpoint is loaded as tensors alone.
        self.register_buffer("outside", _outside_weights(config))
        self._whole: Tensor | None = None
        self._active: Tensor | None = None
        # Analysis of Korean costs far more than the sum: each text is analysed once.
        self._features: dict[str, Features] = {}
        self.register_load_state_dict_pre_hook(_take_checkpoint)

    @classmethod
    def load(cls, model_name_or_path: str, *args: Any, **kwargs: Any) -> "MorphemeEmbedding":
        """Load an encoder directory; further arguments are those of the library's loader.

        Raises EncoderError when it is damaged or made for another dictionary.
        """
        directory = Path(model_name_or_path)
        config = MorphemeConfig.read(directory)
        table = open_table(directory, config)
        return cls(torch.from_numpy(table[np.arange(config.rows)]), config)

    def save(self, output_path: str, *args: Any, **kwargs: Any) -> None:
        """Write `config.json` and the whole table as safetensors."""
        config, table = self.config, self.table()
        if self.word_map is not None:
            table = self.word_map.fold(table)
            factors = self.word_map.outside_factors().detach().to(self.outside)
            config = _with_outside(config, self.outside * factors)
        config.write(Path(output_path))
        save_file({WEIGHTS_KEY: table.contiguous()}, Path(output_path) / WEIGHTS_FILE)

    def add_word_map(self) -> None:
        """Train from now on what all words share, and no row of its own."""
        self.word_map = WordMap(self.config.dimension).to(self.embedding.weight.device)
        self.embedding.weight.requires_grad_(False)

    def table(self) -> Tensor:
        """Return the whole table, shape (config.rows, dimension), as the rows have learned it."""
        weight: Tensor = self.embedding.weight.detach()
        if self._whole is None or self._active is None:
            return weight
        return self._whole.index_copy(0, self._active, weight.to(self._whole))

    def narrow(self, texts: Iterable[str]) -> int:
        """Keep only the rows of `texts`, of the kinds in `trained_rows`, trainable.

        Returns how many these are.
        """
        used = [self._features_of(text).rows for text in texts]
        active = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *used]))
        self._whole = self.table()
        self._active = torch.from_numpy(active)
        self.embedding = nn.Embedding.from_pretrained(
            self._whole[self._active].clone(), freeze=self.word_map is not None
        )
        if len(self.trained_rows) == 1:
            kept = (self._active < MORPHEME_COUNT) == (self.trained_rows[0] == "morphemes")
            # Not fewer rows: a text is summed from one weight, frozen words and others.
            self.embedding.weight.register_hook(lambda grad: grad * kept[:, None].to(grad))
            return int(kept.sum())
        return len(active)

    def preprocess(
        self, inputs: Sequence[Any], prompt: str | None = None, **kwargs: Any
    ) -> dict[str, Tensor]:
        """Return the rows and weights of all texts end to end, and where each text begins."""
        found = [self._features_of(f"{prompt or ''}{text}") for text in inputs]
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
        rows, weight = self._look_up(features["input_ids"])
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

    def adopt(self, outside: Tensor) -> None:
        """Weigh words outside the dictionary so from now on, by OUTSIDE_TAGS."""
        self.config = _with_outside(self.config, outside)
        self._features.clear()

    def get_embedding_dimension(self) -> int:
        """Return the number of columns of the table."""
        return self.config.dimension

    @property
    def max_seq_length(self) -> int | None:
        """Texts are never cut."""
        return None

    def _features_of(self, text: str) -> Features:
        if text not in self._features:
            self._features[text] = self.config.features(text)
        return self._features[text]

    def _look_up(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return where the rows lie in the weight to sum over, and that weight."""
        if self._active is None:
            return rows, self.embedding.weight
        active = self._active.to(rows.device)
        at = torch.searchsorted(active, rows).clamp(max=len(active) - 1)
        if len(active) and bool((active[at] == rows).all()):
            return at, self.embedding.weight
        # A text from outside, as in an evaluation: the frozen rows count too.
        return rows, self.table().to(self.embedding.weight.device)


def _take_checkpoint(module: nn.Module, state: dict[str, Tensor], prefix: str, *args: Any) -> None:
    """Let a narrowed module load a checkpoint, which holds the whole table, its map folded in."""
    key = f"{prefix}embedding.weight"
    assert isinstance(module, MorphemeEmbedding)
    if key not in state or len(state[key]) != module.config.rows:
        return
    module.adopt(state[f"{prefix}outside"])
    active = module._active
    if active is not None:
        module._whole = state[key]
        state[key] = state[key][active.to(state[key].device)]
    if module.word_map is not None:
        for name, weight in module.word_map.named_parameters(prefix=f"{prefix}word_map"):
            state.setdefault(name, torch.zeros_like(weight))


def _outside_weights(config: MorphemeConfig) -> Tensor:
    return torch.tensor([config.outside.get(tag, 1.0) for tag in OUTSIDE_TAGS])


def _with_outside(config: MorphemeConfig, weights: Tensor) -> MorphemeConfig:
    named = zip(OUTSIDE_TAGS, weights.tolist(), strict=True)
    return replace(config, outside={tag: weight for tag, weight in named if weight != 1.0})


def load_morpheme_transformer(directory: Path) -> SentenceTransformer:
    """Load an embedded encoder as a `SentenceTransformer` that any of its trainers takes."""
    return SentenceTransformer(modules=[MorphemeEmbedding.load(str(directory))], device="cpu")

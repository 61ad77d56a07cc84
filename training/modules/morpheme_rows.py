"""The rows of a morpheme table as parameters."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import torch
from sentence_transformers.base.modules import InputModule
from torch import Tensor, nn

from mundap.index.encoders.morpheme_config import MorphemeConfig
from mundap.index.encoders.morpheme_features import OUTSIDE_TAGS, Features
from mundap.index.korean.morphemes import MORPHEME_COUNT


class MorphemeRows(InputModule):
    """A module over a table of words and n-grams.

    While it trains, `narrow` keeps as a parameter only the rows that the training texts use:
    no other row ever has a gradient, and an optimiser step costs what those rows cost. It
    saves, and loads checkpoints, as the whole table all the same.
    """

    def __init__(self, table: Tensor, config: MorphemeConfig, *, word_dropout: float = 0.0) -> None:
        super().__init__()
        self.config = config
        self.word_dropout = word_dropout
        self.embedding = nn.Embedding.from_pretrained(table, freeze=False)
        # "morphemes", "ngrams" or both; empty is both.
        self.trained_rows: Sequence[str] = ()
        # What the config says, beside the table: a checkpoint is loaded as tensors alone.
        self.register_buffer("outside", _outside_weights(config))
        self._whole: Tensor | None = None
        self._active: Tensor | None = None
        # Analysis of Korean costs far more than the sum: each text is analysed once.
        self._features: dict[str, Features] = {}

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
        used = [self.features_of(text).rows for text in texts]
        active = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *used]))
        frozen = not self.embedding.weight.requires_grad
        self._whole = self.table()
        self._active = torch.from_numpy(active)
        self.embedding = nn.Embedding.from_pretrained(
            self._whole[self._active].clone(), freeze=frozen
        )
        if len(self.trained_rows) == 1:
            kept = (self._active < MORPHEME_COUNT) == (self.trained_rows[0] == "morphemes")
            # Not fewer rows: a text is summed from one weight, frozen words and others.
            self.embedding.weight.register_hook(lambda grad: grad * kept[:, None].to(grad))
            return int(kept.sum())
        return len(active)

    def adopt(self, outside: Tensor) -> None:
        """Weigh words outside the dictionary so from now on, by OUTSIDE_TAGS."""
        self.config = with_outside(self.config, outside)
        self._features.clear()

    def get_embedding_dimension(self) -> int:
        """Return the number of columns of the table."""
        return self.config.dimension

    def features_of(self, text: str) -> Features:
        """Return the rows of a text, analysed at its first use."""
        if text not in self._features:
            self._features[text] = self.config.features(text)
        return self._features[text]

    def look_up(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return where the rows lie in the weight to read from, and that weight."""
        if self._active is None:
            return rows, self.embedding.weight
        active = self._active.to(rows.device)
        at = torch.searchsorted(active, rows).clamp(max=len(active) - 1)
        if len(active) and bool((active[at] == rows).all()):
            return at, self.embedding.weight
        # A text from outside, as in an evaluation: the frozen rows count too.
        return rows, self.table().to(self.embedding.weight.device)

    def take_table(self, state: dict[str, Tensor], prefix: str) -> None:
        """Let a narrowed module load a state that holds the whole table."""
        key = f"{prefix}embedding.weight"
        self.adopt(state[f"{prefix}outside"])
        if self._active is not None:
            self._whole = state[key]
            state[key] = state[key][self._active.to(state[key].device)]


def _outside_weights(config: MorphemeConfig) -> Tensor:
    return torch.tensor([config.outside.get(tag, 1.0) for tag in OUTSIDE_TAGS])


def with_outside(config: MorphemeConfig, weights: Tensor) -> MorphemeConfig:
    """Return the config with these weights of words outside the dictionary, by OUTSIDE_TAGS."""
    named = zip(OUTSIDE_TAGS, weights.tolist(), strict=True)
    return replace(config, outside={tag: weight for tag, weight in named if weight != 1.0})

"""Hiding words from a transformer, whatever its words are: morphemes or a tokenizer's pieces."""

from dataclasses import dataclass
from typing import Any, Protocol

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Transformer
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from mundap.index.korean.morphemes import FIRST_MORPHEME_ID, MORPHEME_COUNT
from mundap.training.modules.morpheme_transformer import MorphemeTransformer


class HiddenWords(Protocol):
    """How a base has its words hidden."""

    def ids(self, features: dict[str, Tensor]) -> Tensor:
        """Return the word at each place, shape (texts, places); -1 where none can be hidden."""

    def hide(self, features: dict[str, Tensor], chosen: Tensor) -> dict[str, Tensor]:
        """Return features in which the words at `chosen` places are hidden."""

    def states(self, features: dict[str, Tensor]) -> Tensor:
        """Return what the layers made of each place, of features that went through them."""

    def embeddings(self, ids: Tensor) -> Tensor:
        """Return what the base starts from for each word, shape (len(ids), dimension)."""


@dataclass(frozen=True, slots=True)
class HiddenMorphemes:
    """Of a transformer over morphemes those words are hidden that the dictionary has."""

    module: MorphemeTransformer

    def ids(self, features: dict[str, Tensor]) -> Tensor:
        """See `HiddenWords`."""
        rows, places = features["input_ids"], features["places"]
        # Padding fills place 0. Of a word outside the dictionary all n-grams say -1.
        known = (places > 0) & (rows >= FIRST_MORPHEME_ID) & (rows < MORPHEME_COUNT)
        found = torch.full_like(features["attention_mask"], -1)
        return found.scatter(1, places, torch.where(known, rows, -1))

    def hide(self, features: dict[str, Tensor], chosen: Tensor) -> dict[str, Tensor]:
        """See `HiddenWords`."""
        return {**features, "hidden": chosen}

    def states(self, features: dict[str, Tensor]) -> Tensor:
        """See `HiddenWords`: not what is pooled, which guessing words would spoil."""
        return features["states"]

    def embeddings(self, ids: Tensor) -> Tensor:
        """See `HiddenWords`."""
        places, weight = self.module.look_up(ids)
        return weight[places]


@dataclass(frozen=True, slots=True)
class HiddenTokens:
    """Of every other transformer a token is hidden behind its tokenizer's mask."""

    module: Transformer
    tokenizer: PreTrainedTokenizerBase

    def ids(self, features: dict[str, Tensor]) -> Tensor:
        """See `HiddenWords`."""
        ids = features["input_ids"]
        special = torch.tensor(self.tokenizer.all_special_ids, device=ids.device)
        return ids.masked_fill(torch.isin(ids, special), -1)

    def hide(self, features: dict[str, Tensor], chosen: Tensor) -> dict[str, Tensor]:
        """See `HiddenWords`."""
        mask = self.tokenizer.mask_token_id
        return {**features, "input_ids": features["input_ids"].masked_fill(chosen, mask)}

    def states(self, features: dict[str, Tensor]) -> Tensor:
        """See `HiddenWords`."""
        return features["token_embeddings"]

    def embeddings(self, ids: Tensor) -> Tensor:
        """See `HiddenWords`."""
        table: Any = self.module.auto_model.get_input_embeddings()
        found: Tensor = table.weight[ids]
        return found


def hidden_words(transformer: SentenceTransformer) -> HiddenWords:
    """Return how to hide words from `transformer`; raises ValueError where it has no mask."""
    first: Any = transformer[0]
    if isinstance(first, MorphemeTransformer):
        return HiddenMorphemes(first)
    tokenizer = getattr(first, "tokenizer", None)
    if (
        isinstance(first, Transformer)
        and isinstance(tokenizer, PreTrainedTokenizerBase)
        and tokenizer.mask_token_id is not None
    ):
        return HiddenTokens(first, tokenizer)
    raise ValueError(
        "masked-words needs a transformer whose tokenizer has a mask token, as BERT's has; this "
        f"base begins with {type(first).__name__}. Take --base morpheme-transformer."
    )

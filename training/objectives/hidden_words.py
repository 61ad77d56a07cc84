"""Hiding words from a transformer behind its tokenizer's mask."""

from dataclasses import dataclass
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Transformer
from torch import Tensor
from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True, slots=True)
class HiddenWords:
    """The pieces of a tokenizer, special ones aside, are words that can be hidden."""

    module: Transformer
    tokenizer: PreTrainedTokenizerBase

    @classmethod
    def of(cls, transformer: SentenceTransformer) -> "HiddenWords":
        """Return how to hide words from `transformer`; raises ValueError where it has no mask."""
        first: Any = transformer[0]
        tokenizer = getattr(first, "tokenizer", None)
        if (
            isinstance(first, Transformer)
            and isinstance(tokenizer, PreTrainedTokenizerBase)
            and tokenizer.mask_token_id is not None
        ):
            return cls(first, tokenizer)
        raise ValueError(
            "masked-words needs a transformer whose tokenizer has a mask token, as BERT's has; "
            f"this base begins with {type(first).__name__}. Name another --base."
        )

    def ids(self, features: dict[str, Tensor]) -> Tensor:
        """Return the word at each place, shape (texts, places); -1 where none can be hidden."""
        ids = features["input_ids"]
        special = torch.tensor(self.tokenizer.all_special_ids, device=ids.device)
        return ids.masked_fill(torch.isin(ids, special), -1)

    def hide(self, features: dict[str, Tensor], chosen: Tensor) -> dict[str, Tensor]:
        """Return features in which the words at `chosen` places are hidden."""
        mask = self.tokenizer.mask_token_id
        return {**features, "input_ids": features["input_ids"].masked_fill(chosen, mask)}

    def embeddings(self, ids: Tensor) -> Tensor:
        """Return what the base starts from for each word, shape (len(ids), dimension)."""
        table: Any = self.module.auto_model.get_input_embeddings()
        found: Tensor = table.weight[ids]
        return found

"""Padding to texts of like length, not to the longest of a batch."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Transformer
from torch import Tensor
from torch.nn import functional

from mundap.index.progress import progress
from mundap.training.modules.text_tokens import TextTokens
from mundap.training.modules.upper_layers import Top, UpperLayers

# Texts of a part: fewer make products too small for their own cost.
_CHUNK = 16


class LengthChunks:
    """Takes the place of a transformer's `forward`: a batch goes through it in parts, sorted.

    Loss and gradient are those of the whole batch; only the padding between is left out. On a
    processor time goes with the number of positions; a GPU would wait for its launches.
    """

    def __init__(self, forward: Callable[..., dict[str, Any]]) -> None:
        self._forward = forward

    def __call__(self, features: dict[str, Any], **options: Any) -> dict[str, Any]:
        """Return the features with `token_embeddings`, in their order and at their width."""
        if not _is_padded_right(features) or features["attention_mask"].device.type != "cpu":
            return self._forward(features, **options)
        width = features["attention_mask"].shape[1]
        parts = _sorted_rows(features)
        found = []
        for rows, part_width in parts:
            part = {
                name: value[rows, :part_width] if isinstance(value, Tensor) else value
                for name, value in features.items()
            }
            tokens = self._forward(part, **options)["token_embeddings"]
            found.append(functional.pad(tokens, (0, 0, 0, width - part_width)))
        order = torch.cat([rows for rows, _ in parts])
        features["token_embeddings"] = torch.cat(found)[order.argsort()]
        return features


@contextmanager
def spared(transformer: SentenceTransformer, top: Top | None = None) -> Iterator[None]:
    """Tokenise each text once and leave out padding, for as long as the transformer trains.

    Of a transformer whose `top` trains alone the other layers read each text once.
    """
    first: Any = transformer[0]
    tokenizer: Any = getattr(first, "tokenizer", None)
    if not isinstance(first, Transformer) or getattr(tokenizer, "padding_side", "") != "right":
        yield
        return
    pooled = all(getattr(module, "include_prompt", True) for module in transformer)
    first.preprocess = TextTokens(first.preprocess, int(tokenizer.pad_token_id), pooled=pooled)
    forward = first.forward
    if top is not None:
        forward = UpperLayers(transformer, top)
        with progress("Reading with the lower layers", "text") as advance:
            forward.read_ahead(top.texts, first.preprocess, advance)
    first.forward = LengthChunks(forward)
    try:
        yield
    finally:
        del first.preprocess, first.forward


def _is_padded_right(features: dict[str, Any]) -> bool:
    """Return whether all that a batch has is as wide as its mask, which ends in zeros."""
    mask = features.get("attention_mask")
    if not isinstance(mask, Tensor) or mask.dim() != 2:
        return False
    tensors = [value for value in features.values() if isinstance(value, Tensor)]
    return all(value.shape == mask.shape for value in tensors) and bool(
        (mask[:, :-1] >= mask[:, 1:]).all()
    )


def _sorted_rows(features: dict[str, Any]) -> list[tuple[Tensor, int]]:
    """Return the rows of a batch in parts of like length, and the width of each part."""
    lengths = features["attention_mask"].sum(dim=1)
    parts = torch.argsort(lengths, stable=True).split(_CHUNK)
    return [(rows, max(1, int(lengths[rows].max()))) for rows in parts]

"""What the columns of a linear layer's input are divided by before 8 bits (SmoothQuant)."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertModel

from mundap.training.pretrained.reading import Reading

# How much of a column's range moves from the input to the weights: of .5 to .9 the one with
# the vectors nearest to full precision.
ALPHA = 0.7
_PARTS = ("query", "key", "value")


def smooth_columns(
    bert: BertModel, tokenizer: Tokenizer, texts: Sequence[str]
) -> dict[str, NDArray[np.float32]]:
    """Return a divisor for each column by the linear layer's name, from what `texts` cause.

    Queries, keys and values share the one of `query`.
    """
    layers = {name: layer for name, layer in bert.named_modules() if isinstance(layer, nn.Linear)}
    ranges = _ranges(Reading(bert, tokenizer), texts, layers)
    found = {}
    for name, range_ in ranges.items():
        parts = [name]
        if name.endswith(".query"):
            parts = [name.removesuffix("query") + part for part in _PARTS]
        weights = torch.stack([layers[p].weight.abs().amax(dim=0) for p in parts]).amax(dim=0)
        # A column that is hardly used must not get a divisor near nothing.
        used = torch.maximum(range_, range_.median() / 20)
        divisor = used**ALPHA / weights.clamp(min=1e-3) ** (1 - ALPHA)
        found[name] = (divisor / divisor.max()).detach().numpy()
    return found


def _ranges(
    reading: Reading,
    texts: Sequence[str],
    layers: dict[str, nn.Linear],
) -> dict[str, Tensor]:
    """Return the largest absolute value of each column of what the layers read."""
    ranges: dict[str, Tensor] = {}

    def look(name: str, _: nn.Module, given: tuple[Tensor, ...]) -> None:
        most = given[0].abs().flatten(0, -2).amax(dim=0)
        ranges[name] = torch.maximum(ranges.get(name, most), most)

    wanted = [name for name in layers if not name.endswith((".key", ".value"))]
    hooks = [layers[name].register_forward_pre_hook(partial(look, name)) for name in wanted]
    with torch.inference_mode():
        # Padding is in the ranges too, so other groups would round the shipped layers otherwise.
        reading(texts, "passage", most=4096)
    for hook in hooks:
        hook.remove()
    return ranges

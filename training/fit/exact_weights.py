"""Weights of a run as they lie in memory: what was narrowed stays so, losses have theirs too."""

from collections.abc import Iterable
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

_FILE = "weights.safetensors"


def save_weights(transformer: nn.Module, losses: Iterable[nn.Module], directory: Path) -> None:
    """Write every parameter and buffer, those of losses included."""
    directory.mkdir(parents=True, exist_ok=True)
    tensors = _tensors(transformer, losses)
    save_file({n: tensor.detach().contiguous() for n, tensor in tensors.items()}, directory / _FILE)


@torch.no_grad()
def load_weights(transformer: nn.Module, losses: Iterable[nn.Module], directory: Path) -> None:
    """Take over in place what `save_weights` wrote of modules of the same shape."""
    saved = load_file(directory / _FILE)
    for name, tensor in _tensors(transformer, losses).items():
        tensor.copy_(saved[name])


def _tensors(transformer: nn.Module, losses: Iterable[nn.Module]) -> dict[str, Tensor]:
    """Return each tensor once: a loss holds the encoder, and layers may share one."""
    found: dict[str, Tensor] = {}
    seen: set[int] = set()
    for place, module in enumerate([transformer, *losses]):
        for name, tensor in [*module.named_parameters(), *module.named_buffers()]:
            if id(tensor) not in seen:
                seen.add(id(tensor))
                found[f"{place}.{name}"] = tensor
    return found

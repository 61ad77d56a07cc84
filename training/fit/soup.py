"""The mean of several encoders that were trained from one start."""

import torch
from torch import Tensor, nn


class Soup:
    """Averages weights, not vectors: it costs nothing to serve (Wortsman et al. 2022)."""

    def __init__(self) -> None:
        self._weights: dict[str, Tensor] = {}
        self._count = 0

    @torch.no_grad()
    def add(self, module: nn.Module) -> None:
        """Take the parameters of `module` into the mean; all have to have the same shapes."""
        self._count += 1
        for name, weight in module.named_parameters():
            mean = self._weights.setdefault(name, weight.detach().clone())
            mean.lerp_(weight, 1 / self._count)

    @torch.no_grad()
    def pour(self, module: nn.Module) -> None:
        """Give `module` the mean of what was added."""
        for name, weight in module.named_parameters():
            weight.copy_(self._weights[name])

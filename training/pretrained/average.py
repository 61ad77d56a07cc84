"""The moving average of weights."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch

Weights = Mapping[str, torch.Tensor]


class Average:
    """The moving average of the weights, which is what is kept."""

    def __init__(self, layers: torch.nn.Module, decay: float) -> None:
        self._decay = decay
        self.weights = {name: value.clone() for name, value in layers.state_dict().items()}

    def update(self, layers: torch.nn.Module, step: int) -> None:
        """Move towards the weights of now; faster in the first steps."""
        decay = min(self._decay, (1 + step) / (10 + step))
        for name, value in layers.state_dict().items():
            self.weights[name].lerp_(value, 1 - decay)

    @contextmanager
    def in_place(self, layers: torch.nn.Module) -> Iterator[None]:
        """Let layers have the average for a while."""
        now = {name: value.clone() for name, value in layers.state_dict().items()}
        layers.load_state_dict(self.weights)
        try:
            yield
        finally:
            layers.load_state_dict(now)

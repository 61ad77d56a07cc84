"""Staying near the weights that training began with."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments


class StartingPoint:
    """A copy of the parameters of an encoder, to be drawn back to."""

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        self._weights = weights

    @classmethod
    def of(cls, module: nn.Module) -> "StartingPoint":
        """Copy the parameters as they are now."""
        return cls({n: weight.detach().clone() for n, weight in module.named_parameters()})

    @contextmanager
    def pulled(self, module: nn.Module, share: float) -> Iterator[None]:
        """Move every parameter this share of its way back, and forth again at the end."""
        before = StartingPoint.of(module)
        self.pull(module, share)
        try:
            yield
        finally:
            before.pull(module, 1.0)

    @torch.no_grad()
    def pull(self, module: nn.Module, share: float) -> None:
        """Move every parameter this share of its way back: 1 restores it exactly."""
        for name, weight in module.named_parameters():
            weight.lerp_(self._weights[name].to(weight), share)


class PullToStart(TrainerCallback):
    """L2 regularisation towards the start (L2-SP, Li et al. 2018), apart from the gradient.

    As AdamW does with its decay: in the loss, Adam would scale it like any other gradient.
    """

    def __init__(self, start: StartingPoint, strength: float) -> None:
        self._start = start
        self._strength = strength

    def on_optimizer_step(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        model: Any = None,
        optimizer: Any = None,
        **kwargs: Any,
    ) -> None:
        """Move back by strength times the learning rate of this step."""
        share = self._strength * float(optimizer.param_groups[0]["lr"])
        self._start.pull(model, min(1.0, share))

"""Staying near the weights that training began with."""

from collections.abc import Mapping
from typing import Any

import torch
from sentence_transformers.sentence_transformer.evaluation import SentenceEvaluator
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


class InterpolatedEvaluator(SentenceEvaluator):
    """Judges what would be written: weights between the start and the trained ones."""

    def __init__(self, evaluator: Any, start: StartingPoint, share: float) -> None:
        super().__init__()
        self.primary_metric = evaluator.primary_metric
        self._evaluator = evaluator
        self._start = start
        self._share = share

    def __call__(
        self, model: Any, output_path: str | None = None, epoch: float = -1, steps: int = -1
    ) -> dict[str, float]:
        """Return the figures at `share` of the way, and leave the trained weights."""
        trained = StartingPoint.of(model)
        self._start.pull(model, 1.0 - self._share)
        figures: dict[str, float] = self._evaluator(model)
        trained.pull(model, 1.0)
        return figures

"""Losses with weights of their own, trained by several processes."""

from collections.abc import Sequence
from typing import Any

import torch.distributed as dist
from torch import nn
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from mundap.training.launch.team import Team


class AverageLossGradients(TrainerCallback):
    """Averages the gradients of what losses hold beside the encoder, such as a classifier.

    torch's DistributedDataParallel wraps the encoder and knows nothing of them, so each process
    would train a classifier of its own.
    """

    def __init__(self, encoder: nn.Module, losses: Sequence[nn.Module]) -> None:
        known = set(encoder.parameters())
        found = dict.fromkeys(weight for loss in losses for weight in loss.parameters())
        self._weights = [weight for weight in found if weight not in known]

    def on_pre_optimizer_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Give every process the mean; a loss that had no batch has no gradient in any."""
        size = Team.here().size
        for weight in self._weights:
            if weight.grad is not None:
                dist.all_reduce(weight.grad)
                weight.grad /= size

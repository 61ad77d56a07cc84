"""Where a training stands, on disk: one that was stopped goes on from there."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from mundap.index.durable import replaced_file
from mundap.training.pretrained.average import Average, Weights
from mundap.training.pretrained.plan import Plan
from mundap.training.pretrained.visitors import Sources

# Steps between two states: each is a third of a gigabyte.
EVERY = 50
Lines = list[dict[str, float]]


@dataclass(frozen=True, slots=True)
class Standing:
    """The weights, their average and what the optimizer knows, after so many steps.

    A state of another plan, beginning or data is not gone on from, but replaced.
    """

    path: Path
    run: str
    layers: torch.nn.Module
    optimizer: torch.optim.Optimizer
    average: Average

    def taken_up(self, lines: Lines) -> int:
        """Put everything where a run was stopped, and return after how many steps that was.

        `lines` become those of its curve. Random numbers go on as they would have.
        """
        try:
            state: dict[str, Any] = torch.load(self.path, weights_only=True)
        except (OSError, RuntimeError, ValueError, EOFError):  # none, or of a disk that was full
            return 0
        if state.get("run") != self.run:
            return 0
        self.layers.load_state_dict(state["layers"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average.weights = state["average"]
        torch.set_rng_state(state["random"])
        lines[:] = state["lines"]
        return int(state["step"])

    def keep(self, step: int, lines: Sequence[dict[str, float]]) -> None:
        """Write the state after `step` steps, whole or not at all."""
        state = {
            "run": self.run,
            "step": step,
            "lines": list(lines),
            "layers": self.layers.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "average": self.average.weights,
            "random": torch.get_rng_state(),
        }
        with replaced_file(self.path) as partial:
            torch.save(state, partial)


def state_beside(curve: Path) -> Path:
    """Return where the state of the run lies whose learning curve is at `curve`."""
    return curve.with_name(f".{curve.name}.state")


def identity(plan: Plan, sources: Sources, layers: Weights) -> str:
    """Return what is the same of two runs that end with the same weights.

    `layers` are those that they begin with.
    """
    found = hashlib.sha256(repr((plan, sources)).encode())
    for weights in layers.values():
        found.update(weights.numpy().tobytes())
    return found.hexdigest()

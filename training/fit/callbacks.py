"""What happens around the epochs: a bar and a line for people, an early end."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tensorboardX import SummaryWriter
from tqdm import tqdm
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.integrations.integration_utils import TensorBoardCallback


class ProgressBar(TrainerCallback):
    """Shows steps as a bar on standard error and each epoch's figures as a line above it.

    `shown` maps the figures of a line to what they are called there; `start` has those from
    before the first step.
    """

    def __init__(self, shown: Mapping[str, str], start: Mapping[str, float] | None = None) -> None:
        self._shown = shown
        self._start = start
        self._bar: Any = None
        self._loss = float("nan")

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Open the bar."""
        self._bar = tqdm(total=state.max_steps, desc="Training", unit="step", dynamic_ncols=True)
        if args.world_size > 1:
            whole = args.world_size * args.per_device_train_batch_size
            self._bar.write(
                f"{args.world_size} processes share batches of {whole}", file=sys.stderr
            )
        if self._start:
            self._bar.write(f"epoch 0  development {self._line(self._start)}", file=sys.stderr)

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Move the bar."""
        self._bar.update(state.global_step - self._bar.n)

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **kwargs: Any,
    ) -> None:
        """Remember the loss for the epoch's line."""
        self._loss = (logs or {}).get("loss", self._loss)

    def on_evaluate(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        metrics: dict[str, float] | None = None,
        **kwargs: Any,
    ) -> None:
        """Print the epoch's line."""
        figures = {name.removeprefix("eval_"): value for name, value in (metrics or {}).items()}
        self._bar.write(
            f"epoch {state.epoch or 0:.0f}  loss {self._loss:.4f}  development "
            f"{self._line(figures)}",
            file=sys.stderr,
        )

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Close the bar."""
        self._bar.close()

    def _line(self, figures: Mapping[str, float]) -> str:
        return "  ".join(
            f"{called} {figures.get(name, float('nan')):.4f}"
            for name, called in self._shown.items()
        )


def tensorboard(log_dir: Path) -> TrainerCallback:
    """Return what writes every logged figure into event files in `log_dir`."""
    return TensorBoardCallback(SummaryWriter(str(log_dir)))


class StopAfter(TrainerCallback):
    """Ends training after some epochs of a longer schedule."""

    def __init__(self, epochs: int) -> None:
        self._epochs = epochs

    def on_epoch_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Ask the trainer to stop."""
        if round(state.epoch or 0) >= self._epochs:
            control.should_training_stop = True

"""What happens around the epochs: a bar and a line for people, an early end."""

import sys
from typing import Any

from tqdm import tqdm
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments


class ProgressBar(TrainerCallback):
    """Shows steps as a bar on standard error and each epoch's figures as a line above it."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._loss = float("nan")

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Open the bar."""
        self._bar = tqdm(total=state.max_steps, desc="Training", unit="step", dynamic_ncols=True)

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
        figures = metrics or {}
        self._bar.write(
            f"epoch {state.epoch or 0:.0f}  loss {self._loss:.4f}  development Hit@1 "
            f"{figures.get('eval_hit@1', float('nan')):.4f}  MRR@10 "
            f"{figures.get('eval_mrr@10', float('nan')):.4f}",
            file=sys.stderr,
        )

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Close the bar."""
        self._bar.close()


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

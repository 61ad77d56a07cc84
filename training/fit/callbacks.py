"""What happens around the epochs: a bar and a line for people, an early end."""

import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tensorboardX import SummaryWriter
from tqdm import tqdm
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.integrations.integration_utils import TensorBoardCallback

from mundap.index.progress import Advance, progress

# Told once, where a retrieval is judged: whoever sees 0.33 and knows 0.95 would think it broken.
_HELD_OUT = """\
development: phrasings of answers held out of training, searched for among the whole FAQ by these
  vectors alone: low at first, and rising. The encoder that is kept learns those answers too, and an
  index adds words and a pretrained encoder; `mundap eval report` measures what visitors meet."""


class ProgressBar(TrainerCallback):
    """Shows steps as a bar on standard error and each epoch's figures as a line above it.

    `shown` maps the figures of a line to what they are called there; `start` has those from
    before the first step.
    """

    def __init__(self, shown: Mapping[str, str], start: Mapping[str, float] | None = None) -> None:
        self._shown = shown
        self._start = start
        self._shown_until_end = ExitStack()
        self._advance: Advance = lambda done, total: None
        self._loss = float("nan")

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Open the bar."""
        self._advance = self._shown_until_end.enter_context(progress("Training", "step"))
        self._advance(0, state.max_steps)
        if self._start:
            if "hit@1" in self._shown:
                _tell(_HELD_OUT)
            _tell(f"epoch 0  development {self._line(self._start)}")

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Move the bar."""
        self._advance(state.global_step, state.max_steps)

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
        _tell(
            f"epoch {state.epoch or 0:.0f}  loss {self._loss:.4f}  development "
            f"{self._line(figures)}"
        )

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Close the bar."""
        self._shown_until_end.close()

    def _line(self, figures: Mapping[str, float]) -> str:
        return "  ".join(
            f"{called} {figures.get(name, float('nan')):.4f}"
            for name, called in self._shown.items()
        )


def _tell(line: str) -> None:
    """Print a line above the bar."""
    tqdm.write(line, file=sys.stderr)


class EventFiles(TensorBoardCallback):
    """Writes every logged figure into event files, in the first of several processes alone."""

    def __init__(self, log_dir: Path) -> None:
        super().__init__()
        self._log_dir = log_dir

    def _init_summary_writer(self, args: TrainingArguments) -> None:
        """Open the files as training begins; the library asks the first process alone."""
        self.tb_writer = SummaryWriter(str(self._log_dir))


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

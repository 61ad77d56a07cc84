"""The library's trainer over one or several lessons."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import cycle
from pathlib import Path
from typing import Any

import torch
from datasets import DatasetDict
from safetensors import SafetensorError
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainingArguments
from sentence_transformers.sentence_transformer.evaluation import SentenceEvaluator
from transformers import PrinterCallback, TrainerCallback, TrainerState

from mundap.training.config import TrainingConfig
from mundap.training.fit.checkpoints import read_state
from mundap.training.fit.exact_weights import load_weights, save_weights
from mundap.training.fit.prefixes import column_prefixes
from mundap.training.launch.shared_trainer import SharedTrainer
from mundap.training.objectives.objective import Lesson


class TaskTrainer(SharedTrainer):
    """Trains on batches of each lesson's own sampler, in proportion to the lessons' sizes.

    An epoch is judged within `judged`, which every process enters.
    """

    def __init__(
        self,
        transformer: SentenceTransformer,
        lessons: Mapping[str, Lesson],
        args: SentenceTransformerTrainingArguments,
        *,
        evaluator: SentenceEvaluator | None,
        callbacks: Sequence[TrainerCallback],
        judged: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._judged = judged
        prefixes = column_prefixes(transformer, lessons)
        args.prompts = prefixes if len(lessons) > 1 else next(iter(prefixes.values()))
        # The library asks for one after the other, in this order, as it builds a loader.
        self._samplers = cycle([lesson.sampler for lesson in lessons.values()])
        alone = next(iter(lessons.values())) if len(lessons) == 1 else None
        super().__init__(
            model=transformer,
            args=args,
            train_dataset=alone.dataset
            if alone
            else DatasetDict({name: lesson.dataset for name, lesson in lessons.items()}),
            loss=alone.loss if alone else {name: lesson.loss for name, lesson in lessons.items()},
            evaluator=evaluator,
            callbacks=list(callbacks),
        )
        self.remove_callback(PrinterCallback)

    def add_model_card_callback(self, default_args_dict: dict[str, Any]) -> None:
        """Leave out the library's model card: it embeds examples of the data into its text."""

    def go_on(self, checkpoint: Path | None) -> None:
        """Train from the beginning, or from a checkpoint of the same run."""
        state = read_state(checkpoint) if checkpoint else None
        if checkpoint is None or state is None:
            self.train()
            return
        control = state["stateful_callbacks"]["TrainerControl"]
        if not control["args"]["should_training_stop"]:
            self.train(resume_from_checkpoint=str(checkpoint))
            return
        # It was stopped after its last epoch; the library would begin another one.
        self.state = TrainerState.load_from_json(str(checkpoint / "trainer_state.json"))
        if self.args.load_best_model_at_end:
            self._load_best_model()
        else:
            self._load_from_checkpoint(str(checkpoint))

    def evaluate(self, *args: Any, **kwargs: Any) -> dict[str, float]:
        """Judge the encoder as it would be written."""
        with self._judged():
            figures: dict[str, float] = super().evaluate(*args, **kwargs)
        return figures

    def _save_checkpoint(self, *args: Any, **kwargs: Any) -> None:
        try:
            super()._save_checkpoint(*args, **kwargs)
        except (OSError, SafetensorError) as error:
            raise no_room(self.args.output_dir, error) from None
        except RuntimeError as error:  # torch's own kind of a full disk, in words of its archives
            if "inline_container" not in str(error):
                raise
            raise no_room(self.args.output_dir, "a file was cut short") from None

    def _save(self, output_dir: str | None = None, state_dict: Any = None) -> None:
        """Write a checkpoint's weights as they are: an encoder would cost its whole table."""
        save_weights(self.model, self.losses(), Path(output_dir or str(self.args.output_dir)))

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        load_weights(self.model, self.losses(), Path(resume_from_checkpoint))

    def _load_best_model(self) -> None:
        name = f"checkpoint-{self.state.best_global_step}"
        self._load_from_checkpoint(str(Path(str(self.args.output_dir)) / name))

    def whole_batches(self, dataset: Any, batch_size: int, seed: int) -> Any:
        """Return the sampler of a lesson's batches."""
        make = next(self._samplers)
        return make and make(batch_size, seed)


def no_room(place: object, reason: object) -> OSError:
    """Return the error of a checkpoint that could not be written."""
    reason = getattr(reason, "strerror", None) or reason
    return OSError(
        f"{place}: no room for a checkpoint ({reason}). Make some, and give the same command with "
        "--resume to go on from the last complete epoch."
    )


def training_arguments(
    config: TrainingConfig, place: Path, judged_by: str | None
) -> SentenceTransformerTrainingArguments:
    """Return the arguments of a run whose checkpoints lie at `place`.

    `judged_by` names the figure that the best epoch has; None judges nothing.
    """
    strategy = "epoch" if judged_by else "no"
    return SentenceTransformerTrainingArguments(
        output_dir=str(place),
        num_train_epochs=config.epochs,
        per_device_train_batch_size=config.batch_size or 0,
        gradient_accumulation_steps=config.accumulate,
        # 16 bits on a processor have to be asked for as such.
        use_cpu=config.precision == "bf16" and not torch.cuda.is_available(),
        bf16=config.precision == "bf16",
        fp16=config.precision == "fp16",
        torch_compile=config.compile,
        learning_rate=config.learning_rate or 0.0,
        weight_decay=config.weight_decay,
        warmup_steps=config.warmup,
        lr_scheduler_type="linear",
        eval_strategy=strategy,
        save_strategy="epoch",
        save_total_limit=1,
        restore_callback_states_from_checkpoint=True,
        load_best_model_at_end=judged_by is not None,
        metric_for_best_model=f"eval_{judged_by}" if judged_by else None,
        greater_is_better=True,
        logging_strategy="epoch",
        seed=config.seed,
        data_seed=config.seed,
        report_to="none",
        disable_tqdm=True,
        # The library insists on it where processes share batches; `SharedTrainer` decides.
        dataloader_drop_last=True,
        dataloader_pin_memory=torch.cuda.is_available(),
    )

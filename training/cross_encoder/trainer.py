"""Pairs with targets in, a fine-tuned cross-encoder directory out."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from datasets import Dataset
from safetensors import SafetensorError
from sentence_transformers import CrossEncoder
from sentence_transformers.cross_encoder import CrossEncoderTrainer, CrossEncoderTrainingArguments
from sentence_transformers.cross_encoder.losses import BinaryCrossEntropyLoss
from transformers import EarlyStoppingCallback, PrinterCallback, TrainerCallback, set_seed

from mundap.index.encoders.encoder import EncoderError
from mundap.index.encoders.registry import kind_of, usual_learning_rate
from mundap.index.encoders.sentence_encoder import require_words
from mundap.index.first_line import first_line
from mundap.training.bases.named import trainable
from mundap.training.config import TrainingConfig
from mundap.training.cross_encoder.judges import Judge, RankingJudge
from mundap.training.cross_encoder.pairs import TargetPair
from mundap.training.cross_encoder.split import CrossSplit
from mundap.training.data.pairs import PairError, data_digest
from mundap.training.fit.callbacks import ProgressBar
from mundap.training.fit.encoder_directory import require_place, write_encoder
from mundap.training.fit.history import History, history_of

# The field's usual values for transformers with a new head.
_BATCH_SIZE = 32
_LEARNING_RATE = 2e-5


class _PairTrainer(CrossEncoderTrainer):
    """The library's trainer without its model card, which quotes the training data."""

    def add_model_card_callback(self, default_args_dict: dict[str, Any]) -> None:
        """Leave out the card."""


def train_cross_encoder(split: CrossSplit, config: TrainingConfig, output: Path) -> Path:
    """Fine-tune a transformer with one output on pairs and write it, complete or not at all.

    Binary cross-entropy against targets from 0 to 1: labels, people's scores, or positives
    and negatives to rerank by. After every epoch what was held out is measured; the best
    epoch is kept (never the untrained head), and training ends early when none gets better.
    The directory is what `index/similarity/cross_encoder.py` opens; `training.json` and
    `learning_curve.png` lie beside the weights. `config.max_seq_length` counts both texts.
    Raises ValueError or OSError in a sentence; what was at `output` then stays.
    """
    require_place(output)
    _require_two_targets(split.pairs)
    config = replace(
        config,
        batch_size=config.batch_size or _BATCH_SIZE,
        learning_rate=config.learning_rate or _LEARNING_RATE,
        refit=False,
    )
    set_seed(config.seed)
    weights: Any = _load_base(config)
    history = _fit(weights, split, config)
    return write_encoder(weights, _record(split, config, history), history, output)


def _require_two_targets(pairs: Sequence[TargetPair]) -> None:
    if len({pair.target for pair in pairs}) < 2:
        raise PairError(
            f"{len(pairs)} pairs to train on, all with one target; wanted close ones and others."
        )


def _load_base(config: TrainingConfig) -> CrossEncoder:
    """Return a transformer with one output, new unless the base has one already."""
    usual_learning_rate(config.base)  # refuses what cannot be trained
    if kind_of(config.base).is_embedded:
        raise EncoderError(
            f"{config.base}: the embedded encoder reads one text and cannot read two at once. "
            "Name a transformer with --base, such as klue/roberta-small."
        )
    try:
        weights: CrossEncoder = CrossEncoder(trainable(config.base), num_labels=1)
    except Exception as error:  # each kind of weights and tokenizer has exceptions of its own
        raise EncoderError(
            f"{config.base}: no transformer that a cross-encoder can start from "
            f"({first_line(error)})."
        ) from None
    require_words(weights, config.base)
    weights.max_seq_length = min(
        config.max_seq_length, weights.max_seq_length or config.max_seq_length
    )
    return weights


def _fit(weights: CrossEncoder, split: CrossSplit, config: TrainingConfig) -> History:
    """Train in place and return each epoch's figures; the best epoch's weights are left."""
    figures = split.judge(weights) if split.judge else {}
    callbacks: list[TrainerCallback] = [ProgressBar({name: name for name in figures}, figures)]
    if split.judge is not None:
        callbacks.append(EarlyStoppingCallback(early_stopping_patience=config.patience))
    with TemporaryDirectory(prefix="mundap-train-") as scratch:
        trainer = _PairTrainer(
            model=weights,
            args=_arguments(config, Path(scratch), split.judge),
            train_dataset=_dataset(split.pairs),
            loss=BinaryCrossEntropyLoss(weights),
            evaluator=split.judge,
            callbacks=callbacks,
        )
        trainer.remove_callback(PrinterCallback)
        try:
            trainer.train()
        except (OSError, SafetensorError) as error:  # which has its own kind of a full disk
            reason = getattr(error, "strerror", None) or error
            raise OSError(f"{scratch}: no room for a checkpoint ({reason}).") from None
    measured = [{"epoch": 0.0, **figures}] if figures else []
    return measured + history_of(trainer.state.log_history, figures)


def _arguments(
    config: TrainingConfig, scratch: Path, judge: Judge | None
) -> CrossEncoderTrainingArguments:
    strategy = "no" if judge is None else "epoch"
    return CrossEncoderTrainingArguments(
        output_dir=str(scratch),
        num_train_epochs=config.epochs,
        per_device_train_batch_size=config.batch_size or 0,
        learning_rate=config.learning_rate or 0.0,
        weight_decay=config.weight_decay,
        warmup_steps=config.warmup,
        lr_scheduler_type="linear",
        eval_strategy=strategy,
        save_strategy=strategy,
        save_total_limit=1,
        save_only_model=True,
        load_best_model_at_end=judge is not None,
        metric_for_best_model=None if judge is None else f"eval_{judge.primary_metric}",
        greater_is_better=True,
        logging_strategy="epoch",
        seed=config.seed,
        data_seed=config.seed,
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=torch.cuda.is_available(),
    )


def _dataset(pairs: Sequence[TargetPair]) -> Dataset:
    columns = {
        "one": [pair.one for pair in pairs],
        "other": [pair.other for pair in pairs],
        "label": [pair.target for pair in pairs],
    }
    return Dataset.from_dict(columns)


def _record(split: CrossSplit, config: TrainingConfig, history: History) -> dict[str, Any]:
    judge = split.judge
    trained = [row for row in history if row["epoch"] > 0]
    best = max(trained, key=lambda row: row[str(judge.primary_metric)]) if judge else trained[-1]
    first_stage = judge.first_stage() if isinstance(judge, RankingJudge) else None
    return {
        "objective": "cross-encoder",
        "config": asdict(config),
        "pairs": len(split.pairs),
        "pairs_sha256": data_digest(split.pairs),
        "held_out": split.held_out,
        "epoch": int(best["epoch"]),
        # What BM25 alone reaches on the same queries, for comparison.
        **({"first_stage": first_stage} if first_stage else {}),
    }

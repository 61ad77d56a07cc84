"""Pairs in, a fine-tuned encoder directory out."""

import json
import logging
import platform
import shutil
from collections.abc import Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import torch
from datasets import Dataset
from sentence_transformers import (
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
)
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from transformers import EarlyStoppingCallback, PrinterCallback, set_seed

from index.encoder import EncoderError, directory_fingerprint
from training.base import load_base, morpheme_embedding
from training.batches import GroupBatchSampler
from training.callbacks import ProgressBar, StopAfter
from training.config import TrainingConfig
from training.development import PRIMARY, DevelopmentEvaluator
from training.learning_curve import draw_learning_curve
from training.pairs import Pair, PairError, data_digest
from training.split import Split

_LOG = logging.getLogger(__name__)
_VERSIONS = ("torch", "sentence-transformers", "transformers", "numpy", "kiwipiepy")

# (batch size, learning rate, scale): chosen on ParaKQC intents for the embedded encoder, the
# field's usual values for transformers.
_EMBEDDED = (128, 2e-3, 10.0)
_TRANSFORMER = (32, 2e-5, 20.0)


class _PairTrainer(SentenceTransformerTrainer):
    """The library's trainer with group-aware batches."""

    def __init__(self, pairs: Sequence[Pair], **kwargs: Any) -> None:
        self._pairs = pairs
        super().__init__(**kwargs)

    def add_model_card_callback(self, default_args_dict: dict[str, Any]) -> None:
        """Leave out the library's model card: it embeds examples of the data into its text."""

    def get_batch_sampler(self, dataset: Any, batch_size: int, *args: Any, **kwargs: Any) -> Any:
        """Return the sampler of an epoch's batches."""
        return GroupBatchSampler(dataset, self._pairs, batch_size, self.args.seed)


def train(split: Split, config: TrainingConfig, output: Path) -> Path:
    """Fine-tune an encoder on the pairs and write it, complete or not at all, to `output`.

    Multiple negatives ranking loss with group-aware batches, linear warm-up and decay. After
    every epoch the development split is measured; the best epoch (the untrained start counts
    as epoch 0) is chosen, and training ends early when none gets better. With `config.refit`
    a second run then takes just as many epochs over all pairs, held-out ones included.
    Beside the encoder lie `training.json` (config, figures, data hash, versions) and
    `learning_curve.png`. Raises PairError, EncoderError or OSError; an encoder that was at
    `output` then stays.
    """
    _check(split, output)
    transformer, config = _start(config)
    history = _fit(transformer, split, config) if split.development else []
    best = _best_epoch(history) if history else config.epochs
    if best == 0 or not history or (config.refit and split.held_out):
        transformer, config = _start(config)
    if best and (not history or (config.refit and split.held_out)):
        everything = Split([*split.pairs, *split.held_out], None, [])
        again = _fit(transformer, everything, config, stop_after=best)
        history = _beside(history, again) if history else again
    return _write(transformer, split, config, history, best, output)


def _best_epoch(history: Sequence[dict[str, float]]) -> int:
    """Return the earliest of the best epochs; the untrained start only when all are worse."""
    best = max(history, key=lambda row: (row[PRIMARY], row["epoch"] > 0, -row["epoch"]))
    if best["epoch"] == 0:
        _LOG.warning("No epoch was better than the untrained base, which is written as it is.")
    return int(best["epoch"])


def _check(split: Split, output: Path) -> None:
    groups = {pair.group for pair in split.pairs}
    if len(groups) < 2:
        raise PairError(
            f"{len(split.pairs)} training pairs of {len(groups)} answers; wanted at least 2 "
            "different answers, so that one can be the negative of another."
        )
    if output.exists() and not (output / "modules.json").exists() and any(output.iterdir()):
        raise EncoderError(
            f"{output}: holds files that are no encoder. Name an empty or new directory."
        )


def _start(config: TrainingConfig) -> tuple[SentenceTransformer, TrainingConfig]:
    """Return the base encoder and the config with every value settled for its kind."""
    set_seed(config.seed)
    transformer = load_base(
        config.base, pooling=config.pooling, max_seq_length=config.max_seq_length
    )
    embedding = morpheme_embedding(transformer)
    if embedding is not None:
        embedding.word_dropout = config.word_dropout
    batch_size, learning_rate, scale = _TRANSFORMER if embedding is None else _EMBEDDED
    settled = replace(
        config,
        batch_size=config.batch_size or batch_size,
        learning_rate=config.learning_rate or learning_rate,
        scale=config.scale or scale,
    )
    return transformer, settled


def _fit(
    transformer: SentenceTransformer,
    split: Split,
    config: TrainingConfig,
    *,
    stop_after: int | None = None,
) -> list[dict[str, float]]:
    """Train in place and return the figures of each epoch, epoch 0 first where measured.

    With a development split the weights of the best trained epoch are left; without one,
    those after `stop_after` epochs of the same schedule.
    """
    embedding = morpheme_embedding(transformer)
    if embedding is not None:
        embedding.narrow(text for pair in split.pairs for text in pair.texts)
    callbacks: list[Any] = [ProgressBar(), StopAfter(stop_after or config.epochs)]
    evaluator = None
    start: list[dict[str, float]] = []
    if split.development is not None:
        evaluator = DevelopmentEvaluator(split.development)
        start = [{"epoch": 0.0, **evaluator(transformer)}]
        callbacks.append(EarlyStoppingCallback(early_stopping_patience=config.patience))
    with TemporaryDirectory(prefix="mundap-train-") as scratch:
        trainer = _PairTrainer(
            split.pairs,
            model=transformer,
            args=_arguments(config, Path(scratch), judged=evaluator is not None),
            train_dataset=_dataset(split.pairs),
            loss=MultipleNegativesRankingLoss(transformer, scale=config.scale or 0.0),
            evaluator=evaluator,
            callbacks=callbacks,
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    return start + _history(trainer.state.log_history)


def _arguments(
    config: TrainingConfig, scratch: Path, *, judged: bool
) -> SentenceTransformerTrainingArguments:
    strategy = "epoch" if judged else "no"
    return SentenceTransformerTrainingArguments(
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
        load_best_model_at_end=judged,
        metric_for_best_model=f"eval_{PRIMARY}" if judged else None,
        greater_is_better=True,
        logging_strategy="epoch",
        seed=config.seed,
        data_seed=config.seed,
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=torch.cuda.is_available(),
    )


def _dataset(pairs: Sequence[Pair]) -> Dataset:
    """Return columns anchor, positive and negative_1..n; n is the fewest any anchor has."""
    counts = [len(pair.negatives) for pair in pairs]
    negatives = min(counts)
    if max(counts) > negatives:
        fewer = sum(count < max(counts) for count in counts)
        _LOG.warning(
            "%d of %d pairs have fewer than %d negatives: %d are used of each.",
            fewer,
            len(pairs),
            max(counts),
            negatives,
        )
    columns = {
        "anchor": [pair.anchor for pair in pairs],
        "positive": [pair.positive for pair in pairs],
    }
    for number in range(negatives):
        columns[f"negative_{number + 1}"] = [pair.negatives[number] for pair in pairs]
    return Dataset.from_dict(columns)


def _history(log: Sequence[dict[str, float]]) -> list[dict[str, float]]:
    epochs: dict[float, dict[str, float]] = {}
    for item in log:
        row = epochs.setdefault(round(item["epoch"], 4), {"epoch": round(item["epoch"], 4)})
        if "loss" in item:
            row["loss"] = item["loss"]
        for name, value in item.items():
            measure_name = name.removeprefix("eval_")
            if name.startswith("eval_") and "@" in measure_name:
                row[measure_name] = value
    return [epochs[epoch] for epoch in sorted(epochs)]


def _beside(
    history: Sequence[dict[str, float]], again: Sequence[dict[str, float]]
) -> list[dict[str, float]]:
    """Put the losses of the second run into the rows of the first as `refit_loss`."""
    losses = {row["epoch"]: {"refit_loss": row["loss"]} for row in again}
    return [row | losses.get(row["epoch"], {}) for row in history]


def _write(
    transformer: SentenceTransformer,
    split: Split,
    config: TrainingConfig,
    history: list[dict[str, float]],
    epoch: int,
    output: Path,
) -> Path:
    """Write beside `output`, then take its place: a reader sees the old encoder or the new."""
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = output.with_name(f".{output.name}-{uuid4().hex}")
    try:
        transformer.save(str(partial), create_model_card=False)
        record = {
            "config": asdict(config),
            "pairs": len(split.pairs),
            "pairs_held_out": len(split.held_out),
            "pairs_sha256": data_digest([*split.pairs, *split.held_out]),
            "development_queries": len(split.development.queries) if split.development else 0,
            "epoch": epoch,
            "history": history,
            "fingerprint": directory_fingerprint(partial),
            "python": platform.python_version(),
            "versions": {name: version(name) for name in _VERSIONS},
        }
        text = json.dumps(record, indent=2, ensure_ascii=False)
        (partial / "training.json").write_text(text + "\n", encoding="utf-8")
        draw_learning_curve(history, partial / "learning_curve.png")
        # safetensors keeps its files to their owner; a service has a user of its own.
        for weights in partial.rglob("*.safetensors"):
            weights.chmod(0o644)
        _replace(partial, output)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return output


def _replace(partial: Path, output: Path) -> None:
    old = output.with_name(f".{output.name}-{uuid4().hex}")
    if output.exists():
        output.rename(old)
    partial.rename(output)
    shutil.rmtree(old, ignore_errors=True)

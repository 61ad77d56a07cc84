"""Pairs in, a fine-tuned encoder directory out."""

import json
import platform
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
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
from index.faq import FaqEntry
from index.text import match_key
from training.base import load_base, morpheme_embedding
from training.batches import GroupBatchSampler
from training.config import TrainingConfig
from training.development import (
    PRIMARY,
    Development,
    DevelopmentEvaluator,
    development_from_faq,
    development_from_pairs,
    measure,
    split_groups,
)
from training.learning_curve import draw_learning_curve
from training.pairs import Pair, PairError, data_digest, pairs_from_faq
from training.progress import ProgressBar

_VERSIONS = ("torch", "sentence-transformers", "transformers", "numpy", "kiwipiepy")

# (batch size, learning rate, scale): chosen on ParaKQC intents for the embedded encoder, the
# field's usual values for transformers.
_EMBEDDED = (128, 3e-3, 10.0)
_TRANSFORMER = (32, 2e-5, 20.0)


@dataclass(frozen=True, slots=True)
class Split:
    """Pairs to train on, and the development split unless nothing was held out."""

    pairs: list[Pair]
    development: Development | None

    @classmethod
    def of_faq(cls, entries: Sequence[FaqEntry], config: TrainingConfig) -> "Split":
        """Hold out whole entries (by answer), never rows."""
        groups = [match_key(entry.answer) for entry in entries]
        held_out = split_groups(groups, config.development, seed=config.seed)
        kept = [
            entry for entry, group in zip(entries, groups, strict=True) if group not in held_out
        ]
        development = development_from_faq(entries, held_out) if held_out else None
        return cls(pairs_from_faq(kept, seed=config.seed), development)

    @classmethod
    def of_pairs(cls, pairs: Sequence[Pair], config: TrainingConfig) -> "Split":
        """Hold out whole answer groups, never rows."""
        held_out = split_groups(
            [pair.group for pair in pairs], config.development, seed=config.seed
        )
        development = development_from_pairs(pairs, held_out) if held_out else None
        if development is not None and not development.queries:
            held_out, development = set(), None  # every anchor is its own positive
        return cls([pair for pair in pairs if pair.group not in held_out], development)


class _PairTrainer(SentenceTransformerTrainer):
    """The library's trainer with group-aware batches."""

    def __init__(self, pairs: Sequence[Pair], **kwargs: Any) -> None:
        self._pairs = pairs
        super().__init__(**kwargs)

    def get_batch_sampler(self, dataset: Any, batch_size: int, *args: Any, **kwargs: Any) -> Any:
        """Return the sampler of an epoch's batches."""
        return GroupBatchSampler(dataset, self._pairs, batch_size, self.args.seed)


def train(split: Split, config: TrainingConfig, output: Path) -> Path:
    """Fine-tune an encoder on the pairs and write it, complete or not at all, to `output`.

    Multiple negatives ranking loss with group-aware batches, linear warm-up and decay; after
    every epoch the development split is measured, the best epoch (the untrained start counts
    as epoch 0) is kept and training ends early when it stops improving. Beside the encoder
    lie `training.json` (config, figures, data hash, versions) and `learning_curve.png`.
    Raises PairError, EncoderError or OSError; an encoder that was at `output` then stays.
    """
    config = _checked(split, config, output)
    set_seed(config.seed)
    transformer = load_base(
        config.base, pooling=config.pooling, max_seq_length=config.max_seq_length
    )
    config = _resolved(config, embedded=morpheme_embedding(transformer) is not None)
    _prepare(transformer, split, config)
    before = measure(transformer, split.development) if split.development else {}
    with TemporaryDirectory(prefix="mundap-train-") as scratch:
        history = [{"epoch": 0.0, **before}, *_fit(transformer, split, config, Path(scratch))]
    return _write(transformer, split, config, history, output)


def _checked(split: Split, config: TrainingConfig, output: Path) -> TrainingConfig:
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
    return config


def _resolved(config: TrainingConfig, *, embedded: bool) -> TrainingConfig:
    batch_size, learning_rate, scale = _EMBEDDED if embedded else _TRANSFORMER
    return replace(
        config,
        batch_size=config.batch_size or batch_size,
        learning_rate=config.learning_rate or learning_rate,
        scale=config.scale or scale,
    )


def _prepare(transformer: SentenceTransformer, split: Split, config: TrainingConfig) -> None:
    embedding = morpheme_embedding(transformer)
    if embedding is not None:
        embedding.word_dropout = config.word_dropout
        embedding.narrow(
            text for pair in split.pairs for text in (pair.anchor, pair.positive, *pair.negatives)
        )


def _fit(
    transformer: SentenceTransformer, split: Split, config: TrainingConfig, scratch: Path
) -> list[dict[str, float]]:
    """Train in place, ending with the best epoch's weights; return the figures of each epoch."""
    judged = split.development is not None
    callbacks: list[Any] = [ProgressBar()]
    if judged:
        callbacks.append(EarlyStoppingCallback(early_stopping_patience=config.patience))
    trainer = _PairTrainer(
        split.pairs,
        model=transformer,
        args=_arguments(split, config, scratch, judged=judged),
        train_dataset=_dataset(split.pairs),
        loss=MultipleNegativesRankingLoss(transformer, scale=config.scale or 20.0),
        evaluator=DevelopmentEvaluator(split.development) if split.development else None,
        callbacks=callbacks,
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train()
    return _history(trainer.state.log_history)


def _arguments(
    split: Split, config: TrainingConfig, scratch: Path, *, judged: bool
) -> SentenceTransformerTrainingArguments:
    strategy = "epoch" if judged else "no"
    return SentenceTransformerTrainingArguments(
        output_dir=str(scratch),
        num_train_epochs=config.epochs,
        per_device_train_batch_size=config.batch_size or 32,
        learning_rate=config.learning_rate or 2e-5,
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
    negatives = min(len(pair.negatives) for pair in pairs)
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


def _write(
    transformer: SentenceTransformer,
    split: Split,
    config: TrainingConfig,
    history: list[dict[str, float]],
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
            "pairs_sha256": data_digest(split.pairs),
            "development_queries": len(split.development.queries) if split.development else 0,
            "history": history,
            "fingerprint": directory_fingerprint(partial),
            "python": platform.python_version(),
            "versions": {name: version(name) for name in _VERSIONS},
        }
        text = json.dumps(record, indent=2, ensure_ascii=False)
        (partial / "training.json").write_text(text + "\n", encoding="utf-8")
        draw_learning_curve(history, partial / "learning_curve.png")
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

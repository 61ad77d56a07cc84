"""Pairs in, a fine-tuned encoder directory out."""

import logging
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from sentence_transformers import SentenceTransformer
from transformers import EarlyStoppingCallback, TrainerCallback, set_seed

from mundap.index.encoders.registry import usual_learning_rate
from mundap.training.config import TrainingConfig
from mundap.training.data.pairs import PairError, data_digest
from mundap.training.data.split import Split
from mundap.training.fit.bookkeeping import Bookkeeping
from mundap.training.fit.callbacks import EventFiles, ProgressBar, StopAfter
from mundap.training.fit.checkpoints import Checkpoints
from mundap.training.fit.encoder_directory import require_place, write_encoder
from mundap.training.fit.hardware import require_hardware
from mundap.training.fit.history import History, beside, best_epoch, history_of
from mundap.training.fit.identity import identity_digest, is_written, run_identity
from mundap.training.fit.prefixes import prefixed_texts
from mundap.training.fit.soup import Soup
from mundap.training.fit.starting_point import PullToStart, StartingPoint
from mundap.training.fit.task import Task, TaskEvaluator, Tasks
from mundap.training.fit.task_trainer import TaskTrainer, training_arguments
from mundap.training.launch.team import Team
from mundap.training.modules.base import clean_up_texts, load_base, morpheme_embedding
from mundap.training.modules.length_chunks import spared
from mundap.training.modules.trainable import freeze_all_but
from mundap.training.modules.upper_layers import LowerStates, Top, freeze_below
from mundap.training.objectives.mnrl import Mnrl
from mundap.training.objectives.objective import Lesson, Objective

_LOG = logging.getLogger(__name__)

# The embedded encoder's was chosen on ParaKQC intents; transformers have the field's usual value.
_EMBEDDED_BATCH, _BATCH = 128, 32
# Chosen on the bundled development queries.
_EMBEDDED_SOUP = 3
# So far that the runs of neighbouring seeds share none.
_SEEDS_APART = 1_000


def train(
    split: Split, config: TrainingConfig, output: Path, objective: Objective | None = None
) -> Path:
    """Fine-tune on the pairs of one split, by default with `Mnrl`; see `train_tasks`."""
    objective = objective or Mnrl()
    return train_tasks({objective.name: Task(objective, split)}, config, output)


def train_tasks(
    tasks: Tasks,
    config: TrainingConfig,
    output: Path,
    notes: Mapping[str, Any] | None = None,
    watcher: TrainerCallback | None = None,
    keep: Bookkeeping | None = None,
) -> Path:
    """Fine-tune an encoder on all tasks at once and write it, complete or not at all.

    After every epoch the development split is measured; the best epoch by the first task's
    figure (the untrained start counts as epoch 0) is chosen, and training ends early when none
    gets better. With `config.refit` a second run then takes just as many epochs over everything,
    what was held out included. Beside the encoder lie `training.json` (config, figures, data
    hash, versions, `notes`) and `learning_curve.png`. `watcher` is told of the judged run's
    epochs and may end it. After each epoch there is a checkpoint to go on from, see `Checkpoints`.
    Of the processes of a launch, each of which calls this, the first judges and writes.
    Raises ValueError or OSError in a sentence; an encoder that was at `output` then stays.
    """
    processes = Team.join().size
    keep = keep or Bookkeeping()
    require_place(output)
    _warn_of_wide_batches(tasks, config, processes)
    identity = run_identity(tasks, config, processes)
    digest, checkpoints = identity_digest(identity), Checkpoints.beside(output)
    if keep.resume and is_written(output, digest):
        checkpoints.remove()
        return output
    with checkpoints.opened(identity, resume=keep.resume) as writes:
        transformer, record, history = _train(tasks, config, checkpoints, keep.log_dir, watcher)
        record |= {"processes": processes, "data_licence": keep.data_licence}
        record |= {"run_sha256": digest, **(notes or {})}
        if writes:
            write_encoder(transformer, record, history, output)
    return output


def _train(
    tasks: Tasks,
    config: TrainingConfig,
    checkpoints: Checkpoints,
    log_dir: Path | None,
    watcher: TrainerCallback | None,
) -> tuple[SentenceTransformer, dict[str, Any], History]:
    """Return what is to be written: the encoder, its record and the figures of each epoch."""
    transformer, tasks, config = _start(tasks, config)
    first = next(iter(tasks.values()))
    judged = first.split.development is not None
    refit = judged and config.refit and any(task.split.held_out for task in tasks.values())
    states = LowerStates()  # every fit begins with the same lower layers
    fit = partial(_fit, config=config, checkpoints=checkpoints, log_dir=log_dir, states=states)
    history = fit(transformer, tasks, watcher=watcher) if judged else []
    best = best_epoch(history, first.objective.primary) if judged else config.epochs
    if judged and (best == 0 or refit):
        transformer = _start(tasks, config)[0]
    if best and (refit or not judged):
        whole = {name: task.whole() for name, task in tasks.items()} if judged else tasks
        again = _averaged(transformer, whole, config, partial(fit, stop_after=best))
        history = beside(history, again) if judged else again
    return transformer, _record(tasks, config, best), history


def _averaged(
    transformer: SentenceTransformer,
    tasks: Tasks,
    config: TrainingConfig,
    fit: Callable[..., History],
) -> History:
    """Train `config.soup` times from the start, leave the mean, and return the first figures."""
    soup, figures = Soup(), fit(transformer, tasks, name="whole")
    soup.add(transformer)
    for number in range(1, config.soup or 1):
        run = replace(config, seed=config.seed + number * _SEEDS_APART)
        other = _start(tasks, run)[0]
        fit(other, tasks, config=run, name=f"whole-{number + 1}")
        soup.add(other)
    soup.pour(transformer)
    return figures


def _start(
    tasks: Tasks, config: TrainingConfig
) -> tuple[SentenceTransformer, dict[str, Task], TrainingConfig]:
    """Return the base encoder, and tasks and config with every value settled for its kind."""
    set_seed(config.seed)
    transformer = load_base(
        config.base, pooling=config.pooling, max_seq_length=config.max_seq_length
    )
    clean_up_texts(transformer, config.clean_up)
    if config.train_top is not None:
        freeze_below(transformer, config.train_top)
    if config.train_only:
        freeze_all_but(transformer, config.train_only, weight_decay=config.weight_decay)
    embedding = morpheme_embedding(transformer)
    embedded = embedding is not None
    require_hardware(config, embedded=embedded)
    if embedding is not None:
        embedding.word_dropout = config.word_dropout
    first = next(iter(tasks.values())).objective
    rate = (embedded and first.embedded_learning_rate) or usual_learning_rate(config.base)
    refit = first.refits if config.refit is None else config.refit
    if not refit and config.development and (config.soup or 1) > 1:
        raise ValueError(
            f"soup is {config.soup}, but only refits are averaged and there is none. Turn refit on "
            "or leave soup out."
        )
    settled = replace(
        config,
        batch_size=config.batch_size or (_EMBEDDED_BATCH if embedded else _BATCH),
        learning_rate=config.learning_rate or rate,
        refit=refit,
        soup=config.soup or (_EMBEDDED_SOUP if embedded and refit else 1),
    )
    return transformer, {n: task.settled(embedded=embedded) for n, task in tasks.items()}, settled


def _warn_of_wide_batches(tasks: Tasks, config: TrainingConfig, processes: int) -> None:
    for name, task in tasks.items():
        if not isinstance(task.split, Split) or config.batch_size is None:
            continue
        batch = config.batch_size * processes
        answers = len({pair.group for pair in task.split.pairs})
        if answers < min(batch, len(task.split.pairs)):
            _LOG.warning(
                "%s: batch_size is %s, but a batch holds one pair of each of %d answers: the "
                "others of %d pairs wait for another epoch. A batch_size of %d or less uses more.",
                name,
                batch
                if processes == 1
                else f"{config.batch_size} in each of {processes} processes",
                answers,
                len(task.split.pairs),
                max(2, answers // 2 // processes),
            )


def _fit(
    transformer: SentenceTransformer,
    tasks: Tasks,
    *,
    config: TrainingConfig,
    checkpoints: Checkpoints,
    states: LowerStates,
    log_dir: Path | None = None,
    name: str = "judged",
    stop_after: int | None = None,
    watcher: TrainerCallback | None = None,
) -> History:
    """Train in place and return the figures of each epoch, epoch 0 first where measured.

    With something held out the weights of the best trained epoch are left; without, those
    after `stop_after` epochs of the same schedule.
    """
    lessons = {name: task.lesson(transformer, config.seed) for name, task in tasks.items()}
    _narrow(transformer, lessons)
    top = None
    if config.train_top is not None:
        top = Top(config.train_top, [*prefixed_texts(transformer, lessons)], states)
    with nullcontext() if config.compile else spared(transformer, top):
        start = _starting_point(transformer, config)
        evaluator = _evaluator(lessons)
        objective = next(iter(tasks.values())).objective
        callbacks: list[TrainerCallback] = [StopAfter(stop_after or config.epochs)]
        if log_dir:
            callbacks.append(EventFiles(log_dir / name))
        if config.l2_start and start:
            callbacks.append(PullToStart(start, config.l2_start))
        if evaluator:
            callbacks.append(EarlyStoppingCallback(early_stopping_patience=config.patience))
        if watcher:
            callbacks.append(watcher)
        place = checkpoints.fit(name)
        arguments = training_arguments(config, place, objective.primary if evaluator else None)
        back = 1.0 - config.interpolate
        trainer = TaskTrainer(
            transformer,
            lessons,
            arguments,
            evaluator=evaluator,
            callbacks=callbacks,
            judged=partial(start.pulled, transformer, back) if start and back else nullcontext,
        )
        figures = trainer.measure() if evaluator else {}
        trainer.add_callback(ProgressBar(objective.shown, figures))
        trainer.go_on(checkpoints.latest(name))
        if start:
            start.pull(transformer, back)
        measured = [{"epoch": 0.0, **figures}] if figures else []
        return measured + history_of(trainer.state.log_history, figures)


def _starting_point(
    transformer: SentenceTransformer, config: TrainingConfig
) -> StartingPoint | None:
    """Copy the weights where something will draw back to them."""
    if config.l2_start == 0.0 and config.interpolate == 1.0:
        return None
    return StartingPoint.of(transformer)


def _narrow(transformer: SentenceTransformer, lessons: Mapping[str, Lesson]) -> None:
    """Let the embedded encoder train only the rows that some text uses."""
    embedding = morpheme_embedding(transformer)
    if embedding is None:
        return
    if not embedding.narrow(prefixed_texts(transformer, lessons)):
        raise PairError(
            "No text to train on has a word that the embedded encoder knows, such as Korean, "
            "letters or numbers."
        )


def _evaluator(lessons: Mapping[str, Lesson]) -> TaskEvaluator | None:
    """Return what judges an epoch, or None where the first lesson holds nothing out."""
    found = {name: lesson.evaluator for name, lesson in lessons.items() if lesson.evaluator}
    return TaskEvaluator(found) if next(iter(lessons)) in found else None


def _record(tasks: Tasks, config: TrainingConfig, epoch: int) -> dict[str, Any]:
    splits = [task.split for task in tasks.values()]
    return {
        "config": asdict(config),
        "tasks": {
            name: {"objective": task.objective.name, **asdict(task.objective)}  # type: ignore[call-overload]
            for name, task in tasks.items()
        },
        "pairs": sum(len(split.pairs) for split in splits),
        "pairs_held_out": sum(len(split.held_out) for split in splits),
        "pairs_sha256": data_digest([p for s in splits for p in [*s.pairs, *s.held_out]]),
        "development_queries": sum(split.development_size for split in splits),
        "epoch": epoch,
    }

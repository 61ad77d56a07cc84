"""Steps a second of mundap's trainer beside the usual script, in one interleaved run.

Both train one encoder on the pairs of the bundled FAQ for as many steps with the same loss,
batch size and learning rate, each round from the same start: mundap as `mundap train` does,
the other with `SentenceTransformer.fit`, a `NoDuplicatesDataLoader` and
`MultipleNegativesRankingLoss`. The embedded encoder has a third arm: the usual script on rows
narrowed to those of the texts, as most of the gain is the narrowing. The other encoder is a
transformer of four layers with random weights.

Steps a second are counted from the first loss to the last, on one thread and by the clock of the
processor, so that what else the machine does counts little; what each does before the
first loss is told apart. The samplers draw different batches, so loss curves are compared by
their means over the last half of the steps, with the error of the difference.

    python -m benchmarks.training_speed [--steps 30 --rounds 2]
"""

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from transformers import set_seed

from benchmarks.result import write_result
from benchmarks.small_transformer import write_transformer
from mundap.chatbot.home.bundled import bundled_path
from mundap.index.encoders.encoder import DEFAULT_ENCODER
from mundap.index.faq.entry import read_faq
from mundap.training.config import TrainingConfig
from mundap.training.data.pairs import Pair, pairs_from_faq
from mundap.training.data.split import Split
from mundap.training.fit.task_trainer import TaskTrainer, training_arguments
from mundap.training.modules.base import load_base, morpheme_embedding
from mundap.training.modules.length_chunks import spared
from mundap.training.objectives.mnrl import Mnrl


@dataclass(frozen=True, slots=True)
class Setting:
    """What is trained, and with which values."""

    base: str
    batch: int
    rate: float
    scale: float
    pairs: Sequence[Pair]
    steps: int

    def load(self) -> Any:
        """Return the encoder at its start; the same random numbers follow."""
        set_seed(0)
        transformer = load_base(self.base, pooling=None, max_seq_length=128)
        embedding = morpheme_embedding(transformer)
        if embedding is not None:
            embedding.word_dropout = TrainingConfig().word_dropout
        return transformer

    def narrow(self, transformer: Any) -> None:
        """Keep the rows of the texts alone, where there are rows."""
        embedding = morpheme_embedding(transformer)
        if embedding is not None:
            embedding.narrow(chain.from_iterable(pair.texts for pair in self.pairs))


class Clock:
    """When each loss was known, and what it was."""

    def __init__(self) -> None:
        self.times = [time.process_time()]
        self.losses: list[float] = []

    def watch(self, loss: Any) -> Any:
        """Let a loss tell every value that it gives."""

        def tell(module: Any, inputs: Any, value: Any) -> None:
            self.losses.append(float(value.detach()))
            self.times.append(time.process_time())

        loss.register_forward_hook(tell)
        return loss

    def figures(self) -> dict[str, Any]:
        """Return the seconds before the first loss, the steps a second after it, the curve."""
        started, first, *_, last = self.times
        return {
            "seconds_in_all": round(last - started, 3),
            "seconds_to_first_loss": round(first - started, 3),
            "steps_per_second": round((len(self.losses) - 1) / (last - first), 2),
            "losses": [round(loss, 4) for loss in self.losses],
        }


def main() -> None:
    """Measure both encoders in turns and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(1)
    pairs = pairs_from_faq(read_faq(bundled_path("faq")))
    with TemporaryDirectory() as scratch:
        bert = write_transformer(Path(scratch), (text for pair in pairs for text in pair.texts))
        embedded = Setting(DEFAULT_ENCODER, 128, 2e-3, 10.0, pairs, options.steps)
        transformer = Setting(str(bert), 32, 1e-4, 20.0, pairs, options.steps)
        figures = {
            "pairs": len(pairs),
            "embedded": measured(
                embedded,
                {"mundap": _mundap, "fit": _fit, "fit on narrowed rows": _fit_narrowed},
                options.rounds,
            ),
            "transformer": measured(transformer, {"mundap": _mundap, "fit": _fit}, options.rounds),
        }
    given = f"--steps {options.steps} --rounds {options.rounds}"
    write_result("training_speed", figures, f"benchmarks.training_speed {given}")


def measured(
    setting: Setting, arms: Mapping[str, Callable[[Setting], Clock]], rounds: int
) -> dict[str, Any]:
    """Run every arm in every round; compare each with the first."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in arms}
    for _ in range(rounds):
        for name, arm in arms.items():
            found[name].append(arm(setting).figures())
    rates = {n: np.array([row["steps_per_second"] for row in rows]) for n, rows in found.items()}
    others = list(arms)[1:]
    return {
        "batch": setting.batch,
        "steps": setting.steps,
        "ratios_of_each_round": {n: (rates["mundap"] / rates[n]).round(2).tolist() for n in others},
        "loss_above": {name: _above(found["mundap"], found[name]) for name in others},
        **found,
    }


def _above(ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> dict[str, float]:
    """Return by how much our loss is higher over the last half, and the standard error of that."""
    halves = [np.array(rows[0]["losses"][len(rows[0]["losses"]) // 2 :]) for rows in (ours, theirs)]
    error = np.sqrt(sum(half.var(ddof=1) / len(half) for half in halves))
    return {
        "mean": round(float(halves[0].mean() - halves[1].mean()), 4),
        "error": round(float(error), 4),
    }


def _mundap(setting: Setting) -> Clock:
    transformer, clock = setting.load(), Clock()
    objective = Mnrl(scale=setting.scale)
    lesson = objective.lesson(transformer, Split(list(setting.pairs), None, []), 0)
    lesson = replace(lesson, loss=clock.watch(lesson.loss))
    setting.narrow(transformer)
    config = TrainingConfig(
        batch_size=setting.batch, learning_rate=setting.rate, warmup=0.0, epochs=100
    )
    with TemporaryDirectory() as scratch, spared(transformer):
        arguments = training_arguments(config, Path(scratch), None)
        arguments.max_steps, arguments.save_strategy = setting.steps, "no"
        TaskTrainer(transformer, {"mnrl": lesson}, arguments, evaluator=None, callbacks=[]).go_on(
            None
        )
    return clock


def _fit(setting: Setting) -> Clock:
    return _usual(setting, setting.load())


def _fit_narrowed(setting: Setting) -> Clock:
    transformer = setting.load()
    setting.narrow(transformer)
    return _usual(setting, transformer)


def _usual(setting: Setting, transformer: Any) -> Clock:
    from sentence_transformers import InputExample
    from sentence_transformers.sentence_transformer.datasets import NoDuplicatesDataLoader
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

    clock = Clock()
    loss = clock.watch(MultipleNegativesRankingLoss(transformer, scale=setting.scale))
    examples = [InputExample(texts=[pair.anchor, pair.positive]) for pair in setting.pairs]
    loader = NoDuplicatesDataLoader(examples, batch_size=setting.batch)  # type: ignore[no-untyped-call]
    with TemporaryDirectory() as scratch:
        transformer.fit(
            [(loader, loss)],
            steps_per_epoch=setting.steps,
            warmup_steps=0,
            optimizer_params={"lr": setting.rate},
            weight_decay=0.0,
            checkpoint_path=scratch,
            checkpoint_save_steps=10**9,
            show_progress_bar=False,
        )
    return clock


if __name__ == "__main__":
    main()

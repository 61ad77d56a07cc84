"""Steps a second of mundap's trainer beside the usual script, in one interleaved run.

Both train the embedded encoder on the pairs of the bundled FAQ for as many steps with the same
loss, batch size and learning rate, each round from the same start: mundap as `mundap train`
does (rows narrowed to the texts, every text analysed once before the first step), the other
with `SentenceTransformer.fit`, a `NoDuplicatesDataLoader` and `MultipleNegativesRankingLoss`.
A third arm is the usual script on narrowed rows: what is left then is the trainer's own. Steps a
second are counted from the first loss to the last; what each does before that is told apart.

    python -m benchmarks.training_speed [--steps 24 --rounds 2]
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.result import write_result
from chatbot.bundled import bundled_path
from index.encoder import DEFAULT_ENCODER
from index.faq import read_faq
from training.base import load_base, morpheme_embedding
from training.config import TrainingConfig
from training.objectives.mnrl import Mnrl
from training.pairs import Pair, pairs_from_faq
from training.split import Split
from training.task_trainer import TaskTrainer, training_arguments

_BATCH, _RATE, _SCALE = 128, 2e-3, 10.0


class Clock:
    """When each loss was known, and what it was."""

    def __init__(self) -> None:
        self.times = [time.perf_counter()]
        self.losses: list[float] = []

    def watch(self, loss: Any) -> Any:
        """Let a loss tell every value that it gives."""

        def tell(module: Any, inputs: Any, value: Any) -> None:
            self.losses.append(float(value.detach()))
            self.times.append(time.perf_counter())

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
    """Measure both in turns and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    pairs = pairs_from_faq(read_faq(bundled_path("faq")))
    arms: dict[str, Callable[[list[Pair], int], Clock]] = {
        "mundap": _mundap,
        "fit": _fit,
        "fit on narrowed rows": partial(_fit, narrowed=True),
    }
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in arms}
    for _ in range(options.rounds):
        for name, arm in arms.items():
            found[name].append(arm(pairs, options.steps).figures())
    rates = {n: np.array([row["steps_per_second"] for row in rows]) for n, rows in found.items()}
    figures = {
        "pairs": len(pairs),
        "batch": _BATCH,
        "steps": options.steps,
        "ratios_of_each_round": {
            name: (rates["mundap"] / rates[name]).round(2).tolist() for name in list(arms)[1:]
        },
        **found,
    }
    given = f"--steps {options.steps} --rounds {options.rounds}"
    write_result("training_speed", figures, f"benchmarks.training_speed {given}")


def _mundap(pairs: list[Pair], steps: int) -> Clock:
    transformer, clock = _base(), Clock()
    lesson = Mnrl(scale=_SCALE).lesson(transformer, Split(pairs, None, []), 0)
    lesson = replace(lesson, loss=clock.watch(lesson.loss))
    _narrow(transformer, pairs)
    config = TrainingConfig(batch_size=_BATCH, learning_rate=_RATE, warmup=0.0, epochs=100)
    with TemporaryDirectory() as scratch:
        arguments = training_arguments(config, Path(scratch), None)
        arguments.max_steps, arguments.save_strategy = steps, "no"
        TaskTrainer(transformer, {"mnrl": lesson}, arguments, evaluator=None, callbacks=[]).go_on(
            None
        )
    return clock


def _fit(pairs: list[Pair], steps: int, *, narrowed: bool = False) -> Clock:
    from sentence_transformers import InputExample
    from sentence_transformers.sentence_transformer.datasets import NoDuplicatesDataLoader
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

    transformer, clock = _base(), Clock()
    if narrowed:
        _narrow(transformer, pairs)
    loss = clock.watch(MultipleNegativesRankingLoss(transformer, scale=_SCALE))
    examples = [InputExample(texts=[pair.anchor, pair.positive]) for pair in pairs]
    loader = NoDuplicatesDataLoader(examples, batch_size=_BATCH)  # type: ignore[no-untyped-call]
    with TemporaryDirectory() as scratch:
        transformer.fit(
            [(loader, loss)],
            steps_per_epoch=steps,
            warmup_steps=0,
            optimizer_params={"lr": _RATE},
            weight_decay=0.0,
            checkpoint_path=scratch,
            checkpoint_save_steps=10**9,
            show_progress_bar=False,
        )
    return clock


def _narrow(transformer: Any, pairs: list[Pair]) -> None:
    embedding = morpheme_embedding(transformer)
    assert embedding is not None
    embedding.narrow(chain.from_iterable(pair.texts for pair in pairs))


def _base() -> Any:
    transformer = load_base(DEFAULT_ENCODER, pooling=None, max_seq_length=128)
    embedding = morpheme_embedding(transformer)
    assert embedding is not None
    embedding.word_dropout = TrainingConfig().word_dropout
    return transformer


if __name__ == "__main__":
    main()

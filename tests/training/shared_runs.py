"""What two processes do in `test_processes.py`, and one does to compare with."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from torch.nn.parallel import DistributedDataParallel

from mundap.cli import main
from mundap.evaluation.sts import SentencePair
from mundap.training.data.sentence_pairs import NliPair, SentenceSplit
from mundap.training.data.split import Split
from mundap.training.fit.task import Task, Tasks
from mundap.training.fit.trainer import train_tasks
from mundap.training.launch.team import Team
from mundap.training.modules.base import load_base
from mundap.training.objectives.mnrl import Mnrl
from mundap.training.objectives.nli import Nli
from mundap.training.objectives.sts import Sts
from tests.training.sentences import nli_rows, sts_rows
from tests.training.small_base import EASY, FAQ, PAIRS, configured

STS = [SentencePair(*row) for row in sts_rows()]
NLI = [NliPair(*row) for row in nli_rows()]
# 36 pairs of six answers in batches of four, of which every process takes two.
QA = Split(PAIRS, EASY, [])
BATCH = 4
RUNS: dict[str, tuple[Tasks, dict[str, Any]]] = {
    # Symmetric and drawn to its start, judged between the two, then trained again on all.
    "mnrl": (
        {"mnrl": Task(Mnrl(symmetric=True), Split(PAIRS[12:], EASY, PAIRS[:12]))},
        {"l2_start": 2.0, "interpolate": 0.7, "refit": True},
    ),
    # Three tasks at once, one with a classifier of its own beside the encoder.
    "three": (
        {
            "qa": Task(Mnrl(negatives=1), QA),
            "nli": Task(Nli(), SentenceSplit(NLI[:16], {"easy": NLI}, [])),
            "sts": Task(Sts(), SentenceSplit(STS, {"easy": STS}, [])),
        },
        {"accumulate": 2},
    ),
    "map": ({"mnrl": Task(Mnrl(), QA)}, {"train_only": ("map",), "learning_rate": 1e-3}),
}
LOSSES = {
    "plain": Mnrl(),
    "symmetric": Mnrl(symmetric=True),
    "matryoshka": Mnrl(dimensions=(16, 8)),
    "cached": Mnrl(cached=True, mini_batch=3),
    "cached symmetric matryoshka": Mnrl(
        cached=True, mini_batch=3, symmetric=True, dimensions=(16, 8)
    ),
}


def train_run(name: str, base: Path, folder: Path) -> None:
    """Train a run of RUNS for two epochs into `folder`."""
    tasks, changes = RUNS[name]
    size = BATCH // Team.here().size
    config = configured(base, **{"batch_size": size, "word_dropout": 0.0} | changes)
    train_tasks(tasks, config, folder / name)


def write_gradient(name: str, bert: Path, folder: Path) -> None:
    """Write the gradient of one batch by a loss of LOSSES into `folder`."""
    pairs = [(entry.question, entry.answer, entry.alternates[0]) for entry in FAQ]
    share = len(pairs) // Team.here().size
    columns = list(zip(*pairs[Team.here().rank * share :][:share], strict=True))
    gradients = dict(_gradients(bert, LOSSES[name], columns))
    if Team.here().is_first:
        save_file(gradients, folder / f"{name}.safetensors")


def _gradients(bert: Path, objective: Mnrl, columns: list[Any]) -> Iterator[tuple[str, Any]]:
    transformer: Any = load_base(str(bert), pooling=None, max_seq_length=32).eval()
    loss: Any = objective.loss(transformer)
    if Team.here().is_several:
        _put_in(loss, DistributedDataParallel(transformer, find_unused_parameters=True))
    loss([transformer.preprocess(list(texts)) for texts in columns], None).backward()
    for name, weight in transformer.named_parameters():
        if weight.grad is not None:
            yield name, weight.grad


def _put_in(loss: Any, wrapped: Any) -> None:
    """Let a loss, and the one within it, call the wrapped encoder as the trainer does."""
    wrapped.get_embedding_dimension = wrapped.module.get_embedding_dimension
    loss.model = wrapped
    if hasattr(loss, "loss"):
        _put_in(loss.loss, wrapped)


if __name__ == "__main__":
    base, bert, folder = map(Path, sys.argv[1:])
    Team.join()
    for run in RUNS:
        train_run(run, base, folder)
    for loss in LOSSES:
        write_gradient(loss, bert, folder)
    # At last a mistake, as a start of Python takes longer than all of that.
    (folder / "faq.csv").write_text("question,answer\n가,나\n", encoding="utf-8")
    options = ["--objective", "sts", "--data", str(folder / "faq.csv")]
    sys.argv[1:] = ["train", *options, "--output", str(folder / "refused")]
    main()

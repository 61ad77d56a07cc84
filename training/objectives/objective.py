"""What a training objective is: the data it reads, the loss over it, how it is judged."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from datasets import Dataset
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.sampler import DefaultBatchSampler
from sentence_transformers.sentence_transformer.evaluation import SentenceEvaluator
from torch import nn

from mundap.training.config import TrainingConfig
from mundap.training.data.sources import Sources


@dataclass(frozen=True, slots=True)
class Lesson:
    """One data set and the loss over it; the columns of `dataset` are the inputs of the loss."""

    dataset: Dataset
    loss: nn.Module
    # Judges the encoder after every epoch; None where nothing was held out.
    evaluator: SentenceEvaluator | None
    # Called with batch size and seed; None shuffles the rows.
    sampler: Callable[[int, int], DefaultBatchSampler] | None = None


class Objective(Protocol):
    """One way to learn; a frozen dataclass whose fields are its hyper-parameters.

    A split is what `read` returns: it has `pairs`, `held_out`, `development` and
    `development_size`.
    """

    name: ClassVar[str]
    # The figure of its evaluator that the best epoch has the highest of.
    primary: ClassVar[str]
    # Figures for the line of an epoch, and how they are called there.
    shown: ClassVar[Mapping[str, str]]
    # Whether the best number of epochs is trained again over everything, held-out rows too.
    refits: ClassVar[bool]
    # Of the embedded encoder, when none is given; None: the usual one of its kind.
    embedded_learning_rate: ClassVar[float | None]

    def settled(self, *, embedded: bool) -> "Objective":
        """Return it with every value that was left open chosen for the kind of base."""

    def read(self, sources: Sources, config: TrainingConfig) -> Any:
        """Read files into a split. Raises a ValueError that names file and row."""

    def lesson(self, transformer: SentenceTransformer, split: Any, seed: int) -> Lesson:
        """Return what to train `transformer` on. Raises a ValueError where there is too little."""

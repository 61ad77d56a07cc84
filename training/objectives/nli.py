"""Natural language inference: entailment, neutral or contradiction from two vectors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from datasets import Dataset
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.evaluation import SentenceEvaluator
from sentence_transformers.sentence_transformer.losses import SoftmaxLoss
from torch import Tensor

from mundap.training.config import TrainingConfig
from mundap.training.data.pairs import PairError
from mundap.training.data.sentence_pairs import NLI_LABELS, NliPair, SentenceSplit, nli_split
from mundap.training.data.sources import Sources
from mundap.training.objectives.objective import Lesson


@dataclass(frozen=True, slots=True)
class Nli:
    """A softmax classifier over (u, v, |u - v|) (Conneau et al. 2017), dropped afterwards.

    For triplets of premise, entailment and contradiction give NLI data to `mnrl`.
    """

    name: ClassVar[str] = "nli"
    primary: ClassVar[str] = "accuracy"
    shown: ClassVar[Mapping[str, str]] = {"accuracy": "accuracy"}
    refits: ClassVar[bool] = False
    embedded_learning_rate: ClassVar[float | None] = None

    def settled(self, *, embedded: bool) -> "Nli":
        """See `Objective`."""
        return self

    def read(self, sources: Sources, config: TrainingConfig) -> SentenceSplit[NliPair]:
        """See `Objective`."""
        return nli_split(sources.paths, config)

    def lesson(
        self, transformer: SentenceTransformer, split: SentenceSplit[NliPair], seed: int
    ) -> Lesson:
        """See `Objective`."""
        labels = [NLI_LABELS.index(pair.label) for pair in split.pairs]
        if len(set(labels)) < 2:
            raise PairError(
                f"{len(labels)} pairs to train on have {len(set(labels))} different labels; wanted "
                f"at least 2 of {', '.join(NLI_LABELS)}."
            )
        columns = {
            "premise": [pair.premise for pair in split.pairs],
            "hypothesis": [pair.hypothesis for pair in split.pairs],
            "label": labels,
        }
        dimension = int(transformer.get_embedding_dimension() or 0)
        loss = SoftmaxLoss(transformer, dimension, num_labels=len(NLI_LABELS))
        evaluator = NliEvaluator(split.development, loss) if split.development else None
        return Lesson(Dataset.from_dict(columns), loss, evaluator)


class NliEvaluator(SentenceEvaluator):
    """The share of labels that the classifier in training gets right."""

    def __init__(self, development: Mapping[str, Sequence[NliPair]], loss: SoftmaxLoss) -> None:
        super().__init__()
        self.primary_metric = Nli.primary
        self._development = development
        self._loss = loss

    def __call__(
        self, model: Any, output_path: str | None = None, epoch: float = -1, steps: int = -1
    ) -> dict[str, float]:
        """Return accuracy over all data sets, and `NAME/accuracy` of each of several."""
        right = {name: self._right(model, pairs) for name, pairs in self._development.items()}
        figures = {"accuracy": float(torch.cat(list(right.values())).mean())}
        if len(right) > 1:
            figures |= {f"{name}/accuracy": float(part.mean()) for name, part in right.items()}
        return figures

    @torch.no_grad()
    def _right(self, model: Any, pairs: Sequence[NliPair]) -> Tensor:
        texts = [pair.premise for pair in pairs], [pair.hypothesis for pair in pairs]
        u, v = (model.encode(t, convert_to_tensor=True, show_progress_bar=False) for t in texts)
        classifier = self._loss.classifier
        joined = torch.cat([u, v, (u - v).abs()], dim=1).to(classifier.weight)
        wanted = torch.tensor([NLI_LABELS.index(pair.label) for pair in pairs])
        right: Tensor = classifier(joined).argmax(dim=1).cpu() == wanted
        return right.float()

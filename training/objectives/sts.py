"""Sentence similarity: the cosine of two sentences against people's score from 0 to 5."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
from datasets import Dataset
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.evaluation import SentenceEvaluator
from sentence_transformers.sentence_transformer.losses import CoSENTLoss, CosineSimilarityLoss
from torch import nn

from mundap.evaluation.sts import HIGHEST, SentencePair, cosines_of, sts_figures
from mundap.training.config import TrainingConfig, require_range
from mundap.training.data.pairs import PairError
from mundap.training.data.sentence_pairs import SentenceSplit, sts_split
from mundap.training.data.sources import Sources
from mundap.training.modules.base import TransformerEncoder
from mundap.training.objectives.correlation import CorrelationLoss
from mundap.training.objectives.objective import Lesson


@dataclass(frozen=True, slots=True)
class Sts:
    """Siamese regression (Reimers & Gurevych 2019), or a ranking of the pairs by CoSENT."""

    name: ClassVar[str] = "sts"
    primary: ClassVar[str] = "pearson"
    shown: ClassVar[Mapping[str, str]] = {
        "pearson": "Pearson",
        "spearman": "Spearman",
        "f1": "F1",
        "mse": "MSE",
    }
    # The encoder that was measured is the one that is kept.
    refits: ClassVar[bool] = False
    # On KorSTS 2e-3 over-fits after three epochs (Pearson .768), this one gets to .777.
    embedded_learning_rate: ClassVar[float | None] = 5e-4

    # cosine: squared error of the cosine against score / 5. cosent: only the order counts.
    # correlation: Pearson's, in each batch; best for the embedded encoder.
    loss: Literal["cosine", "cosent", "correlation"] = "cosine"
    # Temperature of CoSENT. None: 5 for the embedded encoder (Pearson on KorSTS .782; 20 only
    # takes away from it), 20 for transformers.
    scale: float | None = None

    def __post_init__(self) -> None:
        require_range("scale", self.scale, 1e-3, 1e3)

    def settled(self, *, embedded: bool) -> "Sts":
        """See `Objective`."""
        return replace(self, scale=self.scale or (5.0 if embedded else 20.0))

    def read(self, sources: Sources, config: TrainingConfig) -> SentenceSplit[SentencePair]:
        """See `Objective`."""
        return sts_split(sources.paths, config)

    def lesson(
        self, transformer: SentenceTransformer, split: SentenceSplit[SentencePair], seed: int
    ) -> Lesson:
        """See `Objective`."""
        if len(split.pairs) < 2:
            raise PairError(f"{len(split.pairs)} pairs to train on; wanted at least 2.")
        if len({pair.score for pair in split.pairs}) == 1:
            raise PairError(
                f"{len(split.pairs)} pairs to train on, all with the score {split.pairs[0].score}; "
                "wanted close ones and others."
            )
        columns = {
            "sentence1": [pair.sentence1 for pair in split.pairs],
            "sentence2": [pair.sentence2 for pair in split.pairs],
            "score": [pair.score / HIGHEST for pair in split.pairs],
        }
        evaluator = StsEvaluator(split.development) if split.development else None
        return Lesson(Dataset.from_dict(columns), self._loss(transformer), evaluator)

    def _loss(self, transformer: SentenceTransformer) -> nn.Module:
        if self.loss == "correlation":
            return CorrelationLoss(transformer)
        if self.loss == "cosent":
            return CoSENTLoss(transformer, scale=self.scale or 20.0)
        return CosineSimilarityLoss(transformer)


class StsEvaluator(SentenceEvaluator):
    """Correlations, F1 at 3.0 and squared error on all data sets together, and on each."""

    def __init__(self, development: Mapping[str, Sequence[SentencePair]]) -> None:
        super().__init__()
        self.primary_metric = Sts.primary
        self._development = development

    def __call__(
        self, model: Any, output_path: str | None = None, epoch: float = -1, steps: int = -1
    ) -> dict[str, float]:
        """Return pearson, spearman, f1 and mse, and `NAME/pearson` ... of each of several sets."""
        together = [pair for pairs in self._development.values() for pair in pairs]
        cosines = cosines_of(TransformerEncoder(model), together)
        figures = _figures(cosines, together)
        if len(self._development) > 1:
            ends = np.cumsum([len(pairs) for pairs in self._development.values()])[:-1]
            parts = np.split(cosines, ends)
            for (name, pairs), part in zip(self._development.items(), parts, strict=True):
                figures |= {f"{name}/{key}": value for key, value in _figures(part, pairs).items()}
        return figures


def _figures(cosines: Any, pairs: Sequence[SentencePair]) -> dict[str, float]:
    report = asdict(sts_figures(cosines, pairs))
    scores = np.array([pair.score for pair in pairs])
    # In points of the score, 0 to 5.
    mse = float(np.mean((cosines * HIGHEST - scores) ** 2))
    return {name: report[name] for name in ("pearson", "spearman", "f1")} | {"mse": mse}

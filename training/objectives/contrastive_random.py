"""Contrastive loss with random negatives: the classic recipe, kept as a baseline."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from datasets import Dataset
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.losses import ContrastiveLoss

from mundap.training.config import TrainingConfig, require_range
from mundap.training.data.development import PRIMARY, DevelopmentEvaluator
from mundap.training.data.pairs import PairKinds, random_negatives, require_answers
from mundap.training.data.sources import Sources
from mundap.training.data.split import Split
from mundap.training.objectives.mnrl import Mnrl
from mundap.training.objectives.objective import Lesson


@dataclass(frozen=True, slots=True)
class ContrastiveRandom:
    """Positives pulled together, random pairs pushed apart (Hadsell et al. 2006)."""

    name: ClassVar[str] = "contrastive-random"
    primary: ClassVar[str] = PRIMARY
    shown: ClassVar[Mapping[str, str]] = Mnrl.shown
    refits: ClassVar[bool] = True
    embedded_learning_rate: ClassVar[float | None] = None

    # Of a FAQ: each phrasing with its answer, phrasings with one another, or both.
    pairs: PairKinds = "both"
    # Random negatives of each positive.
    ratio: int = 1
    # Negatives nearer than this cosine distance are pushed.
    margin: float = 0.5

    def __post_init__(self) -> None:
        require_range("ratio", self.ratio, 1, 64)
        require_range("margin", self.margin, 0.0, 2.0)

    def settled(self, *, embedded: bool) -> "ContrastiveRandom":
        """See `Objective`."""
        return self

    def read(self, sources: Sources, config: TrainingConfig) -> Split:
        """See `Objective`."""
        return sources.questions(config, self.pairs)

    def lesson(self, transformer: SentenceTransformer, split: Split, seed: int) -> Lesson:
        """See `Objective`."""
        require_answers(split.pairs)
        rows = [(pair.anchor, pair.positive, 1) for pair in split.pairs]
        negatives = random_negatives(split.pairs, self.ratio, seed)
        for pair, others in zip(split.pairs, negatives, strict=True):
            rows.extend((pair.anchor, other, 0) for other in others)
        columns = zip(("anchor", "other", "label"), zip(*rows, strict=True), strict=True)
        return Lesson(
            Dataset.from_dict({name: list(column) for name, column in columns}),
            ContrastiveLoss(transformer, margin=self.margin),
            DevelopmentEvaluator(split.development) if split.development else None,
        )

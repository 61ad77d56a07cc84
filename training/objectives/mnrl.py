"""Multiple negatives ranking: each anchor's positive against all others of its batch."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

from datasets import Dataset
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.losses import (
    CachedMultipleNegativesRankingLoss,
    MatryoshkaLoss,
    MultipleNegativesRankingLoss,
)
from sentence_transformers.util import cos_sim
from torch import nn

from mundap.training.config import TrainingConfig, require_range
from mundap.training.data.batches import GroupBatchSampler
from mundap.training.data.development import PRIMARY, DevelopmentEvaluator
from mundap.training.data.pairs import Pair, PairKinds, random_negatives, require_answers
from mundap.training.data.sources import Sources
from mundap.training.data.split import Split
from mundap.training.launch.team import Team
from mundap.training.modules.base import morpheme_embedding
from mundap.training.objectives.known_positives import KnownPositives, MaskedCosine, answer_labels
from mundap.training.objectives.objective import Lesson

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mnrl:
    """Softmax over the cosines of a batch (Henderson et al. 2017), hard negatives included."""

    name: ClassVar[str] = "mnrl"
    primary: ClassVar[str] = PRIMARY
    shown: ClassVar[Mapping[str, str]] = {"hit@1": "Hit@1", "mrr@10": "MRR@10"}
    refits: ClassVar[bool] = True
    embedded_learning_rate: ClassVar[float | None] = None

    # Of a FAQ: each phrasing with its answer, phrasings with one another, or both.
    pairs: PairKinds = "both"
    # Temperature of the softmax over the batch; None: 10 for the embedded encoder, which
    # over-fits a sharp one, 20 for transformers.
    scale: float | None = None
    # Each positive's anchor against all other anchors as well.
    symmetric: bool = False
    # Hard negatives of each anchor. None: as many as every pair has. A pair with fewer is
    # filled up with random positives of other answers.
    negatives: int | None = None
    # Gradient cache (Gao et al. 2021): a large batch in the memory of `mini_batch` texts.
    cached: bool = False
    mini_batch: int = 32
    # Matryoshka: the first so many columns shall do as well. Name the full dimension too.
    dimensions: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        require_range("scale", self.scale, 1e-3, 1e3)
        require_range("negatives", self.negatives, 0, 64)
        require_range("mini_batch", self.mini_batch, 1, 65_536)
        for dimension in self.dimensions:
            require_range("dimensions", dimension, 1, 65_536)

    def settled(self, *, embedded: bool) -> "Mnrl":
        """See `Objective`."""
        if embedded and self.cached:
            raise ValueError(
                "cached is for transformer bases; the embedded encoder takes a batch of 1,024 as "
                "it is. Leave cached out."
            )
        return replace(self, scale=self.scale or (10.0 if embedded else 20.0))

    def read(self, sources: Sources, config: TrainingConfig) -> Split:
        """See `Objective`."""
        return sources.questions(config, self.pairs)

    def lesson(self, transformer: SentenceTransformer, split: Split, seed: int) -> Lesson:
        """See `Objective`."""
        require_answers(split.pairs)
        dataset = _dataset(split.pairs, self.negatives, seed)
        return Lesson(
            dataset,
            self.loss(transformer, labelled="label" in dataset.column_names),
            DevelopmentEvaluator(split.development) if split.development else None,
            partial(GroupBatchSampler, dataset, split.pairs),
        )

    def loss(self, transformer: SentenceTransformer, *, labelled: bool = False) -> nn.Module:
        """Return the loss over columns anchor, positive and negatives.

        `labelled`: a batch's labels are those of `answer_labels`.
        """
        masked = MaskedCosine() if labelled else None
        options: dict[str, Any] = {
            "scale": self.scale or self.settled(embedded=_is_embedded(transformer)).scale,
            "similarity_fct": masked or cos_sim,
            # Each anchor against the texts of all processes; see `ProcessParts`.
            "gather_across_devices": Team.here().is_several,
        }
        if self.symmetric:
            options["directions"] = ("query_to_doc", "doc_to_query")
            options["partition_mode"] = "per_direction"
        loss: nn.Module = (
            CachedMultipleNegativesRankingLoss(
                transformer, mini_batch_size=self.mini_batch, **options
            )
            if self.cached
            else MultipleNegativesRankingLoss(transformer, **options)
        )
        if self.dimensions:
            self._require_columns(transformer)
            loss = MatryoshkaLoss(transformer, loss, matryoshka_dims=list(self.dimensions))
        return KnownPositives(loss, masked) if masked else loss

    def _require_columns(self, transformer: SentenceTransformer) -> None:
        columns = int(transformer.get_embedding_dimension() or 0)
        if max(self.dimensions) > columns:
            raise ValueError(
                f"dimensions has {max(self.dimensions)}, but this encoder has {columns} columns. "
                "Name its full width and smaller ones."
            )


def _is_embedded(transformer: SentenceTransformer) -> bool:
    return morpheme_embedding(transformer) is not None


def _dataset(pairs: Sequence[Pair], wanted: int | None, seed: int) -> Dataset:
    """Return columns anchor, positive and, with hard negatives, negative_1..n and label."""
    columns: dict[str, list[Any]] = {
        "anchor": [pair.anchor for pair in pairs],
        "positive": [pair.positive for pair in pairs],
    }
    if wanted is None:
        wanted = _negatives_of_all(pairs)
        rows = [pair.negatives[:wanted] for pair in pairs]
    else:
        rows = _filled(pairs, wanted, seed)
    for number in range(wanted):
        columns[f"negative_{number + 1}"] = [row[number] for row in rows]
    if wanted:
        columns["label"] = answer_labels(pairs, rows)
    return Dataset.from_dict(columns)


def _negatives_of_all(pairs: Sequence[Pair]) -> int:
    """Return the fewest negatives that any pair has."""
    counts = [len(pair.negatives) for pair in pairs]
    if max(counts) > min(counts):
        _LOG.warning(
            "%d of %d pairs have fewer than %d negatives: %d are used of each.",
            sum(count < max(counts) for count in counts),
            len(pairs),
            max(counts),
            min(counts),
        )
    return min(counts)


def _filled(pairs: Sequence[Pair], wanted: int, seed: int) -> list[tuple[str, ...]]:
    """Return `wanted` negatives of each pair, random ones after its own."""
    random = random_negatives(pairs, wanted, seed)
    return [(*pair.negatives, *row)[:wanted] for pair, row in zip(pairs, random, strict=True)]

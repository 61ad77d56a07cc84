"""The data of a cross-encoder: what it trains on, and what judges it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sklearn.model_selection import train_test_split

from mundap.training.config import TrainingConfig
from mundap.training.cross_encoder.judges import Judge, PairJudge, RankingJudge
from mundap.training.cross_encoder.pairs import (
    LABEL_COLUMNS,
    TargetPair,
    pairs_of_questions,
    pairs_of_scores,
    read_labelled,
)
from mundap.training.data.pairs import PairError
from mundap.training.data.sentence_pairs import sts_split
from mundap.training.data.sources import Sources
from mundap.training.data.split import Split


@dataclass(frozen=True, slots=True)
class CrossSplit:
    """Pairs to train on and, where something was held out, what judges by it."""

    pairs: list[TargetPair]
    judge: Judge | None
    # Held-out pairs, or queries about held-out answers.
    held_out: int

    @classmethod
    def read(cls, sources: Sources, config: TrainingConfig) -> "CrossSplit":
        """Read similarity scores, labelled pairs, or a FAQ or pairs of questions, by columns.

        Raises a ValueError that names file and row.
        """
        columns = sources.columns
        if set(LABEL_COLUMNS) <= columns:
            return cls.of_labels(sources.paths, config)
        if {"sentence1", "sentence2"} <= columns:
            return cls.of_scores(sources.paths, config)
        split = sources.questions(config, "alternates")
        return cls.of_questions(split, config)

    @classmethod
    def of_questions(cls, split: Split, config: TrainingConfig) -> "CrossSplit":
        """Train to rerank: positives against negatives, judged on whole answers held out."""
        pairs = pairs_of_questions(split.pairs, seed=config.seed)
        judge = RankingJudge(split.development) if split.development else None
        return cls(pairs, judge, split.development_size)

    @classmethod
    def of_scores(cls, paths: Sequence[Path], config: TrainingConfig) -> "CrossSplit":
        """Train on people's scores from 0 to 5, as many of every score held out."""
        split = sts_split(paths, config)
        held_out = pairs_of_scores(split.held_out)
        return cls._judged(pairs_of_scores(split.pairs), held_out)

    @classmethod
    def of_labels(cls, paths: Sequence[Path], config: TrainingConfig) -> "CrossSplit":
        """Train on labels 0 and 1, as many of each held out in proportion."""
        pairs = [pair for path in paths for pair in read_labelled(path)]
        labels = [pair.target for pair in pairs]
        if min(labels.count(0.0), labels.count(1.0)) < 2:
            raise PairError(
                f"{labels.count(1.0)} pairs of label 1 and {labels.count(0.0)} of label 0; "
                "wanted at least 2 of each."
            )
        # At least one pair of each label.
        held_out = max(2, round(config.development * len(pairs))) if config.development else 0
        if not held_out:
            return cls(pairs, None, 0)
        kept, out = train_test_split(
            pairs, test_size=held_out, stratify=labels, random_state=config.seed
        )
        return cls._judged(kept, out)

    @classmethod
    def _judged(cls, pairs: list[TargetPair], held_out: list[TargetPair]) -> "CrossSplit":
        return cls(pairs, PairJudge(held_out) if held_out else None, len(held_out))

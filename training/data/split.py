"""What is trained on and what is held out: parted by answer, never by row."""

from collections.abc import Sequence
from dataclasses import dataclass

from mundap.index.faq.entry import FaqEntry
from mundap.index.korean.text import match_key
from mundap.training.config import TrainingConfig
from mundap.training.data.development import (
    Development,
    development_from_faq,
    development_from_pairs,
    split_groups,
)
from mundap.training.data.pairs import Pair, PairKinds, pairs_from_faq


@dataclass(frozen=True, slots=True)
class Split:
    """Pairs to train on, a development split, and the pairs held out for it."""

    pairs: list[Pair]
    development: Development | None
    held_out: list[Pair]

    @property
    def development_size(self) -> int:
        """Number of queries that judge."""
        return len(self.development.queries) if self.development else 0

    def whole(self) -> "Split":
        """Return everything to train on and nothing held out."""
        return Split([*self.pairs, *self.held_out], None, [])

    @classmethod
    def of_faq(
        cls, entries: Sequence[FaqEntry], config: TrainingConfig, kinds: PairKinds = "both"
    ) -> "Split":
        """Hold out whole entries (by answer), never rows."""
        groups = [match_key(entry.answer) for entry in entries]
        held_out = split_groups(groups, config.development, seed=config.seed)
        development = development_from_faq(entries, held_out) if held_out else None
        pairs = pairs_from_faq(entries, seed=config.seed, kinds=kinds)
        return cls._parted(pairs, development, held_out)

    @classmethod
    def of_pairs(cls, pairs: Sequence[Pair], config: TrainingConfig) -> "Split":
        """Hold out whole answer groups, never rows."""
        held_out = split_groups(
            [pair.group for pair in pairs], config.development, seed=config.seed
        )
        development = development_from_pairs(pairs, held_out) if held_out else None
        if development is not None and not development.queries:
            held_out, development = set(), None  # every anchor is its own positive
        return cls._parted(pairs, development, held_out)

    @classmethod
    def _parted(
        cls, pairs: Sequence[Pair], development: Development | None, held_out: set[str]
    ) -> "Split":
        kept = [pair for pair in pairs if pair.group not in held_out]
        return cls(kept, development, [pair for pair in pairs if pair.group in held_out])

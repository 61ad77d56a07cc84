"""What decides which texts become hard negatives, checked before any work starts."""

import math
from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True, slots=True)
class MiningConfig:
    """How many negatives a pair gets, and from where; None means no margin.

    Raises ValueError naming the value that makes no sense.
    """

    # More cost a longer step for less and less: the batch holds other negatives anyway.
    count: Annotated[int, "Negatives of each pair."] = 4
    # The window of ranks that negatives are drawn from, both ends in it; rank 1 is the
    # nearest text that is no known positive, and the most likely to be an unknown one.
    first: Annotated[int, "Draw from this rank on, known answers aside."] = 1
    last: Annotated[int, "Draw down to this rank."] = 50
    # A negative scores at most the positive's score less this, in the source's own unit ...
    absolute_margin: Annotated[float | None, "Stay this much below the positive's score."] = None
    # ... and at most the positive's score less this share of it.
    relative_margin: Annotated[float | None, "Stay this share below the positive's score."] = None
    # Training uses as many negatives of each pair as the poorest has: fill up at random.
    fill: Annotated[bool, "Draw at random what mining does not find."] = True
    seed: Annotated[int, "Same seed and data, same negatives."] = 0

    def __post_init__(self) -> None:
        bounds = {
            "count": (self.count, 1, 100),
            "first": (self.first, 1, 100_000),
            "last": (self.last, 1, 100_000),
            "absolute_margin": (self.absolute_margin, 0.0, 1e6),
            "relative_margin": (self.relative_margin, 0.0, 1.0),
            "seed": (self.seed, 0, 2**32 - 1),
        }
        for name, (value, low, high) in bounds.items():
            if value is not None and not low <= value <= high:
                raise ValueError(f"{name} is {value}; wanted {low} to {high}.")
        if self.last - self.first + 1 < self.count:
            raise ValueError(
                f"ranks {self.first} to {self.last} hold fewer than {self.count} negatives. "
                "Widen the window or ask for fewer."
            )

    def highest(self, positive: float) -> float:
        """Return the highest score that a negative may have beside a positive's."""
        limits = [math.inf]
        if self.absolute_margin is not None:
            limits.append(positive - self.absolute_margin)
        if self.relative_margin is not None:
            limits.append(positive - abs(positive) * self.relative_margin)
        return float(min(limits))

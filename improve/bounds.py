"""What an owner accepts of a candidate."""

from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much worse may be by luck; raises ValueError where it makes no sense."""

    margin: Annotated[
        float, "Promote unless right answers may have fallen, or wrong ones rise, by this share."
    ] = 0.02

    def __post_init__(self) -> None:
        if not 0 <= self.margin <= 1:
            raise ValueError(f"margin is {self.margin}; wanted 0 to 1, 0.02 say.")

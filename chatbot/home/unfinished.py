"""A publication or roll-back that has begun: what a killed one left to be written down."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, Self

from mundap.index.bundle.generations import Generations
from mundap.index.bundle.manifest import BundleError
from mundap.index.durable import replaced_file


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What is written beside an index before it changes, and gone once the store knows of it.

    `generation` is the one that shall serve, or of a roll-back the one that shall not; `state` the
    deed that made its entries what they are, `counts` what they change of what serves.
    """

    action: Literal["publish", "rollback"]
    generation: int
    owner: str
    state: int
    counts: Mapping[str, int]

    @classmethod
    def read(cls, place: Path) -> Self | None:
        """Return what was begun; None where nothing was, or it cannot be read any more."""
        try:
            return cls(**json.loads(place.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, place: Path) -> None:
        """Keep it, before anything changes."""
        with replaced_file(place) as partial:
            partial.write_text(json.dumps(asdict(self)) + "\n", encoding="utf-8")

    def has_happened(self, index: Path) -> bool:
        """Return whether the index did change before its writer was killed."""
        try:
            state = Generations(index).state().of(f"{self.generation:06d}")
        except BundleError:
            return False
        wanted = {"publish": ("serving", "served"), "rollback": ("rejected",)}
        return state in wanted[self.action]

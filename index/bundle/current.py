"""Which generation of a bundle serves, which served before it, and which were rejected.

    000004
    served 000001 000002
    rejected 000003

One file that is replaced whole: a switch and what is remembered of it happen in one step.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Self

State = Literal["serving", "served", "rejected", "sealed"]


@dataclass(frozen=True, slots=True)
class Current:
    """The names of generations by what became of them; those in none have never served."""

    serving: str
    # Without the one that serves; the last one served last.
    served: tuple[str, ...] = ()
    rejected: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, text: str, names: Iterable[str]) -> Self:
        """Undo `str`; raises ValueError on anything else.

        A file of one line is an older version's, which let every generation serve at once:
        whichever of `names` is older than the one that serves has served.
        """
        first, *rest = text.splitlines() or [""]
        serving = _name(first.strip())
        if not rest:
            return cls(serving, tuple(name for name in names if name < serving))
        (heading, *served), (other, *rejected) = (line.split() for line in rest)
        if (heading, other) != ("served", "rejected"):
            raise ValueError(f"{heading} and {other}")
        return cls(serving, tuple(map(_name, served)), frozenset(map(_name, rejected)))

    def __str__(self) -> str:
        lines = [["served", *self.served], ["rejected", *sorted(self.rejected)]]
        return "\n".join([self.serving, *map(" ".join, lines)]) + "\n"

    def of(self, name: str) -> State:
        """Return what became of a generation."""
        if name == self.serving:
            return "serving"
        if name in self.rejected:
            return "rejected"
        return "served" if name in self.served else "sealed"

    def promoted(self, name: str) -> "Current":
        """Return what holds once `name` serves; who promotes one that was rejected wants it."""
        served = tuple(other for other in (*self.served, self.serving) if other != name)
        return Current(name, served, self.rejected - {name})

    def rolled_back(self, name: str) -> "Current":
        """Return what holds once the one that serves is rejected and `name`, served before, does.

        Those between them have been passed over: they do not open.
        """
        served = self.served[: self.served.index(name)]
        return Current(name, served, self.rejected | {self.serving})


def _name(word: str) -> str:
    if not (word.isascii() and word.isdecimal()):
        raise ValueError(f"{word!r} is no number")
    return word

"""How likely a typed word is a slip of another: odds, from what can be counted."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from mundap.index.korean.keyboard import NEIGHBOURS


@dataclass(frozen=True, slots=True)
class Clues:
    """What speaks for a word of the FAQ in place of a typed one, each as a number."""

    # By how much the language model prefers the text with it, natural logarithm.
    gain: float
    # The slip: a key beside the right one, two keys swapped, one too many or too few. None of
    # these is a key from anywhere.
    is_beside: float
    is_swapped: float
    is_longer_or_shorter: float
    # Letters of the typed word that fit in no syllable: it is a slip for certain.
    loose: float
    # Logarithm of the number of passages with the word of the FAQ.
    count: float
    # How usual that is beside the rest of the text, natural logarithm; see `Companions`.
    affinity: float
    # Whether the FAQ knows the whole of it, with what follows: a stem and one of its tails.
    is_known: float


# What one more of each adds to the logarithm of the odds, and the odds where all are 0. Fitted
# as `python -m benchmarks.slips` does; another draw of questions moves each by 0.25 at most.
# Two are not the fit's: a loose letter counts for 1 more, because no clean question has one,
# and the bias is 0.4 higher: 4% more slips repaired, 4 clean questions more of 2,222 changed.
# The language model is far too sure of itself: its e⁵ is worth e¹.
WEIGHTS = Clues(
    gain=0.22,
    is_beside=1.36,
    is_swapped=2.21,
    is_longer_or_shorter=0.68,
    loose=1.54,
    count=0.18,
    affinity=0.52,
    is_known=1.31,
)
BIAS = -3.95

# A tenth of the time of `astuple`, which copies.
_values = attrgetter(*(field.name for field in fields(Clues)))
_WEIGHTS = np.array(_values(WEIGHTS))

# No word costs the language model less: what another one can gain is known before it is weighed.
_LEAST = 5.0


def log_odds(clues: Sequence[Clues]) -> NDArray[np.float64]:
    """Return the logarithm of the odds that the other word was meant, shape (n,)."""
    table = np.array([_values(clue) for clue in clues], dtype=np.float64)
    odds: NDArray[np.float64] = table.reshape(-1, len(_WEIGHTS)) @ _WEIGHTS + BIAS
    return odds


def most_to_gain(score: float) -> float:
    """Return the most that the language model can add where it gives the typed word `score`."""
    return WEIGHTS.gain * max(-score - _LEAST, 0.0)


def kind_of_slip(typed: str, meant: str) -> dict[str, bool]:
    """Return which of the slips in `Clues` made the keys `typed` of `meant`, one key apart."""
    pairs = [(a, b) for a, b in zip(typed, meant, strict=False) if a != b]
    same_length = len(typed) == len(meant)
    is_one = same_length and len(pairs) == 1
    return {
        "is_beside": is_one and pairs[0][1].lower() in NEIGHBOURS[pairs[0][0].lower()],
        "is_swapped": same_length and not is_one,
        "is_longer_or_shorter": not same_length,
    }

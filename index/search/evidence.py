"""What there is to judge an answer by, besides its words."""

import math
from dataclasses import dataclass

# A lead is taken over the mean of so many entries.
RIVALS = 5
# Morphemes; a longer query is no clearer.
LONGEST = 40


@dataclass(frozen=True, slots=True)
class Evidence:
    """Three facts about the best hit of a query.

    `closeness` is its fused score over the square root of the query's morphemes: a long query is
    never as near to a stored question as a short one, and a given gap in its score says less.
    `lead` is how far the mean of the next five entries with another answer lies below it
    (many close rivals mean that the subject is right and the question is not, or that nothing
    fits); `length` the logarithm of one more than the morphemes.
    """

    closeness: float
    lead: float
    length: float

    @classmethod
    def of(cls, score: float, lead: float, morphemes: int) -> "Evidence":
        """Return the evidence for a hit with a fused score, for a query of so many morphemes."""
        counted = min(morphemes, LONGEST)
        return cls(score / math.sqrt(max(counted, 1)), lead, math.log1p(counted))

    def of_another(self, score: float) -> "Evidence":
        """Return the evidence for another hit of the same query, which leads by nothing known."""
        return Evidence.of(score, 0.0, round(math.expm1(self.length)))

"""What there is to judge an answer by, besides its words."""

from dataclasses import dataclass

# A lead is taken over the mean of so many entries.
RIVALS = 5
# Morphemes; a longer query is no clearer.
LONGEST = 40


@dataclass(frozen=True, slots=True)
class Evidence:
    """Three facts about the best hit of a query.

    `score` is its fused score; `lead` how far the mean of the next five entries with another
    answer lies below it (many close rivals mean that the subject is right and the question is
    not, or that nothing fits); `length` the logarithm of one more than the query's morphemes: a
    long query is never as near to a stored question as a short one.
    """

    score: float
    lead: float
    length: float

"""What there is to judge an answer by, besides its words."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mundap.index.search.hit import Signals

# A lead is taken over the mean of so many entries.
RIVALS = 5
# So many entries are offered to a visitor.
SHOWN = 3
# Morphemes; a longer query is no clearer.
LONGEST = 40


@dataclass(frozen=True, slots=True)
class Evidence:
    """Facts about the best hits of a query, each a number.

    `closeness` is the best fused score over the square root of the query's morphemes: a long query
    is never as near to a stored question as a short one, and a given gap in its score says less.
    `lead` is how far the mean of the next five entries with another answer lies below it
    (many close rivals mean that the subject is right and the question is not, or that nothing
    fits); `length` the logarithm of one more than the morphemes. `share` is the probability that
    the first of all that was ranked is right if one of them is, `shown` that one of the first
    three is. `coverage`, `phrasing`, `content` and `late` are those signals of the first,
    `single` is 1 for a query of one content word or none: a topic, rarely a question. `beside`
    tells how much the query itself is like those that no FAQ answers (see `ScopeProbe`), times
    the square of what `late` lacks of 1: an entry that says the same as the query overrules it.
    """

    closeness: float
    lead: float
    length: float
    share: float = 0.0
    shown: float = 0.0
    coverage: float = 0.0
    phrasing: float = 0.0
    content: float = 0.0
    late: float = 0.0
    single: float = 0.0
    beside: float = 0.0

    @classmethod
    def of(cls, score: float, lead: float, morphemes: int) -> "Evidence":
        """Return the evidence for a hit with a fused score, for a query of so many morphemes."""
        counted = min(morphemes, LONGEST)
        return cls(score / math.sqrt(max(counted, 1)), lead, math.log1p(counted))

    @classmethod
    def of_ranking(
        cls,
        signals: Signals,
        odds: NDArray[np.float64],
        best: tuple[float, float],
        words: tuple[int, int],
        beside: float = 0.0,
    ) -> "Evidence":
        """Return the evidence for the first of several hits.

        `odds` are the log odds of what was ranked, each answer once, best first; `best` are the
        score and the lead of the first, `words` the morphemes and the content words of the query.
        """
        known = cls.of(*best, words[0])
        likely = np.exp(odds - odds[0])
        likely /= likely.sum()
        return cls(
            known.closeness,
            known.lead,
            known.length,
            share=float(likely[0]),
            shown=float(likely[:SHOWN].sum()),
            coverage=signals.coverage,
            phrasing=signals.phrasing,
            content=signals.content,
            late=signals.late,
            single=float(words[1] <= 1),
            beside=beside * (1 - signals.late) ** 2,
        )

    def of_another(self, score: float) -> "Evidence":
        """Return the evidence for another hit of the same query, which leads by nothing known."""
        return Evidence.of(score, 0.0, round(math.expm1(self.length)))

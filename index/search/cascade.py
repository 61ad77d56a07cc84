"""Which queries a pretrained encoder need not read: those whose reply it would not change."""

from dataclasses import dataclass

from mundap.index.search.confidence import Confidence
from mundap.index.search.fusion import Fusion

SURE = 0.97


@dataclass(frozen=True, slots=True)
class Cascade:
    """What ranks a query by words and static vectors alone, and when that is enough.

    `fusion` and `confidence` are those of a FAQ that no pretrained encoder reads; what is right
    with the probability `sure` by them stays as it is.
    """

    fusion: Fusion
    confidence: Confidence
    sure: float

    @classmethod
    def usual(cls, phrasings: float) -> "Cascade":
        """Return what holds across FAQs with so many phrasings an entry."""
        return cls(Fusion.usual(phrasings, content=False), Confidence.usual(content=False), SURE)

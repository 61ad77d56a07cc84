"""Which queries a pretrained encoder need not read: those whose reply it would not change."""

from dataclasses import dataclass

from mundap.index.search.confidence import Confidence
from mundap.index.search.fusion import Fusion

# The probability from which words and static vectors are as often right as with it, across the
# FAQs of `python -m benchmarks.usual_fit`, which measures that.
SURE = 0.9
# Of a FAQ with fewer phrasings an entry they are never so sure.
_LEAST_PHRASINGS = 3


@dataclass(frozen=True, slots=True)
class Cascade:
    """What ranks a query by words and static vectors alone, and when that is enough.

    `fusion` and `confidence` are those of a FAQ that no pretrained encoder reads. What is right
    with the probability `sure` by them stays as it is; `may_be_sure` says whether that happens.
    """

    fusion: Fusion
    confidence: Confidence
    may_be_sure: bool
    sure: float = SURE

    @classmethod
    def usual(cls, phrasings: float) -> "Cascade":
        """Return what holds across FAQs with so many phrasings an entry."""
        return cls(
            Fusion.usual(phrasings, content=False),
            Confidence.usual(content=False),
            phrasings >= _LEAST_PHRASINGS,
        )

"""The answers of a FAQ: what tells one from another, and how high others stand in a ranking."""

import numpy as np
from numpy.typing import NDArray

from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.passages import Passages
from mundap.index.korean.text import match_key
from mundap.index.search.hit import Hit

# Answers whose keys are kept: of a FAQ of millions not all.
_KEYS = 100_000


class Answers:
    """Knows which entries of a FAQ say the same."""

    def __init__(self, passages: Passages) -> None:
        self._passages = passages
        self._keys: dict[str, str] = {}

    def key(self, entry: FaqEntry) -> str:
        """Return what tells an entry's answer from others; kept, as it takes a while."""
        key = self._keys.get(entry.answer)
        if key is None:
            if len(self._keys) >= _KEYS:
                self._keys.clear()
            key = self._keys[entry.answer] = match_key(entry.answer)
        return key

    def others(
        self, best: Hit, owners: NDArray[np.int64], scores: NDArray[np.float64]
    ) -> list[float]:
        """Return the score of each answer but that of the best hit, once each, best first.

        `owners` are the places of the entries that were ranked, `scores` theirs.
        """
        found: dict[str, float] = {}
        for place in (-scores).argsort(kind="stable").tolist():
            entry = self._passages.entries[int(owners[place])]
            found.setdefault(self.key(entry), float(scores[place]))
        # Equal scores of other answers may stand before the one that `in_order` puts first.
        found.pop(self.key(best.entry))
        return [*found.values()]

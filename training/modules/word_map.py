"""What all words of the embedded encoder share, learned from a few thousand sentences.

A row of the table is learned only from the texts that use it; a map of all rows reaches the
words that no training text has. It has a weight for how rare a word is and where it points,
one for each kind of word outside the dictionary, and a linear projection. Everything starts at
no change, and folds into the table: serving knows nothing of it.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from mundap.index.encoders.morpheme_features import OUTSIDE_TAGS
from mundap.index.korean.morphemes import MORPHEME_COUNT

# Between these points of the logarithm of the rank, weights run straight.
KNOTS = 10
# A weight should move some thirty times as far in a step as a cell of the projection.
_STEP = 30.0
_CHUNK = 8192


class WordMap(nn.Module):
    """A factor for each row and a projection of the sum of a text."""

    def __init__(self, dimension: int) -> None:
        super().__init__()
        self.projection = nn.Parameter(torch.zeros(dimension, dimension))
        self.direction = nn.Parameter(torch.zeros(dimension))
        self.frequency = nn.Parameter(torch.zeros(KNOTS))
        self.outside = nn.Parameter(torch.zeros(len(OUTSIDE_TAGS)))

    def factors(self, ids: Tensor, vectors: Tensor, tags: Tensor) -> Tensor:
        """Return what each row of a text counts for, by its id, its vector and its word's tag."""
        by_tag = _STEP * self.outside[tags.clamp(min=0)]
        by_tag = torch.where((ids >= MORPHEME_COUNT) & (tags >= 0), by_tag, 0.0)
        return (self._of_morphemes(ids, vectors) + by_tag).exp()

    def outside_factors(self) -> Tensor:
        """Return what a word outside the dictionary counts for, by OUTSIDE_TAGS."""
        return (_STEP * self.outside).exp()

    def project(self, sums: Tensor) -> Tensor:
        """Return the sums of texts, or rows, turned."""
        return sums + sums @ self.projection

    @torch.no_grad()
    def fold(self, table: Tensor) -> Tensor:
        """Return the table that means the same without a map."""
        ids = torch.arange(len(table), device=table.device)
        chunks = zip(ids.split(_CHUNK), table.split(_CHUNK), strict=True)
        weighed = (rows * self._of_morphemes(i, rows).exp()[:, None] for i, rows in chunks)
        return torch.cat([self.project(rows) for rows in weighed])

    def _of_morphemes(self, ids: Tensor, vectors: Tensor) -> Tensor:
        """Return the logarithm of each factor; 0 for n-grams, which their words' tags weigh."""
        place = torch.log(ids + 1.0) / math.log(MORPHEME_COUNT + 1) * (KNOTS - 1)
        low = place.floor().clamp(max=KNOTS - 2).long()
        share = place - low
        by_rank = self.frequency[low] * (1 - share) + self.frequency[low + 1] * share
        logarithm = _STEP * (by_rank + functional.normalize(vectors) @ self.direction)
        return torch.where(ids < MORPHEME_COUNT, logarithm, 0.0)

"""Keeps a hard negative of one anchor from being another's, where it is right for that one."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sentence_transformers.util import cos_sim
from torch import Tensor, nn

from mundap.index.korean.text import match_key
from mundap.training.data.pairs import Pair
from mundap.training.launch.team import Team

# Of a text that belongs to no answer, such as an edit.
NOBODY = -1


def answer_labels(pairs: Sequence[Pair], negatives: Sequence[Sequence[str]]) -> list[list[int]]:
    """Return for each pair the number of its answer and that of each negative's, or NOBODY.

    Answers that share a text have one number: what belongs to either may be right.
    """
    groups = {group: row for row, group in enumerate(dict.fromkeys(pair.group for pair in pairs))}
    texts: dict[str, int] = {}
    edges = [
        (groups[pair.group], texts.setdefault(match_key(text), len(groups) + len(texts)))
        for pair in pairs
        for text in (pair.anchor, pair.positive)
    ]
    size = len(groups) + len(texts)
    ends = np.array(edges).T
    graph = coo_array((np.ones(len(edges)), (ends[0], ends[1])), shape=(size, size))
    numbers = connected_components(graph, directed=False)[1]
    places = [[texts.get(match_key(text), NOBODY) for text in row] for row in negatives]
    return [
        [int(numbers[groups[pair.group]]), *(_number(numbers, place) for place in row)]
        for pair, row in zip(pairs, places, strict=True)
    ]


def _number(numbers: Any, place: int) -> int:
    return NOBODY if place == NOBODY else int(numbers[place])


class MaskedCosine:
    """Cosines of anchors with all documents of a batch, minus infinity where a mask says so.

    A gradient cache asks for the anchors' rows a few at a time, in their order.
    """

    def __init__(self) -> None:
        self._mask = torch.empty(0, 0, dtype=torch.bool)
        self._next = 0

    def hide(self, mask: Tensor) -> None:
        """Hide these documents (columns) from these anchors (rows) in the next batch."""
        self._mask, self._next = mask, 0

    def __call__(self, a: Tensor, b: Tensor) -> Tensor:
        """Return the cosine of each row of `a` with each of `b`."""
        cosines = cos_sim(a, b)
        if len(b) != self._mask.shape[1]:  # documents looking for their anchors
            return cosines
        rows = self._mask[self._next : self._next + len(a)]
        self._next = (self._next + len(a)) % len(self._mask)
        return cosines.masked_fill(rows, -torch.inf)


class KnownPositives(nn.Module):
    """A ranking loss whose labels, those of `answer_labels`, tell what is no negative.

    Hard negatives of an anchor are those of every other anchor of the batch as well. Among
    some hundred answers nearly every batch has one that is right for another anchor.
    """

    def __init__(self, loss: Any, similarity: MaskedCosine) -> None:
        super().__init__()
        self.loss = loss
        # The trainer looks for it here, and puts a wrapped one in its place.
        self.model = loss.model
        self._similarity = similarity

    def forward(self, sentence_features: Iterable[dict[str, Tensor]], labels: Tensor) -> Tensor:
        """Return the loss of a batch."""
        # Of all processes; which anchors are asked about is each one's own affair.
        self._similarity.hide(Team.here().own(known_positives, labels))
        loss: Tensor = self.loss(sentence_features, None)
        return loss

    def get_config_dict(self) -> dict[str, Any]:
        """Return the settings of the loss."""
        config: dict[str, Any] = self.loss.get_config_dict()
        return config


def known_positives(labels: Tensor) -> Tensor:
    """Return which documents belong to the answer of which anchor, one row for each anchor.

    Documents are the batch's positives, then its first negatives, its second, and so on.
    Positives never do (see `GroupBatchSampler`), nor do an anchor's own negatives: those were
    chosen for it.
    """
    anchors, negatives = labels[:, :1], labels[:, 1:]
    same = anchors[:, :, None] == negatives[None]  # anchor, row of the batch, number
    same &= ~torch.eye(len(labels), dtype=torch.bool, device=labels.device)[:, :, None]
    by_number = same.permute(0, 2, 1).reshape(len(labels), -1)
    return torch.cat([torch.zeros_like(same[:, :, 0]), by_number], dim=1)

"""What a batch costs: from query to passage and back."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from mundap.training.pretrained.visits import Batch


def targets_of(batch: Batch) -> Tensor:
    """Return (queries, passages): each query's right rows in equal shares."""
    wanted = torch.zeros(len(batch.queries), len(batch.passages))
    for at, query in enumerate(batch.queries):
        wanted[at, list(query.rows)] = 1 / len(query.rows)
    return wanted


def both_ways(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the loss from query to passage, and from passage to the query that is its own."""
    forward = cross_entropy(logits, targets)
    single = targets.amax(dim=1) == 1
    own = logits[single].T
    rows = targets[single].argmax(dim=0)
    asked = targets[single].sum(dim=0) > 0
    return (forward + cross_entropy(own[asked], rows[asked])) / 2

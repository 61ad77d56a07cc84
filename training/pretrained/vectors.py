"""Training for vectors: queries near what answers them, of whole texts and piece by piece."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from mundap.training.pretrained.loss import both_ways, targets_of
from mundap.training.pretrained.plan import Plan
from mundap.training.pretrained.reading import Reading, autocast, late_scores
from mundap.training.pretrained.visitors import VisitedFaq
from mundap.training.pretrained.visits import Batch

Figures = Mapping[str, float]
# The vectors of texts, and those of the pieces of each.
Read = tuple[Tensor, list[Tensor]]


class Vectors:
    """What the encoder learns: to rank entries by vectors alone."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def loss(self, plan: Plan, batch: Batch) -> Tensor:
        """Return what a batch costs; see `ranking_loss`."""
        self.reading.bert.encoder.train()
        return ranking_loss(plan, batch, *read(self.reading, batch))

    @torch.inference_mode()
    def figures(self, faqs: Sequence[VisitedFaq]) -> Figures:
        """Return how often the right entry is first, or among three, by either signal."""
        self.reading.bert.encoder.eval()
        ranks: dict[str, list[Tensor]] = {"pooled": [], "late": []}
        for faq in faqs:
            with autocast():
                asked, asked_pieces = self.reading([query.text for query in faq.queries], "query")
                found, found_pieces = self.reading(faq.passages, "passage")
            rows = torch.tensor([query.rows[0] for query in faq.queries])
            ranks["pooled"].append(ranks_of(asked @ found.T, rows))
            ranks["late"].append(ranks_of(late_scores(asked_pieces, found_pieces), rows))
        return {
            f"{signal}_{most}": round(float((torch.cat(found) <= most).float().mean()), 4)
            for signal, found in ranks.items()
            for most in (1, 3)
        }


def read(reading: Reading, batch: Batch) -> tuple[Read, Read]:
    """Return what is read of a batch's queries, and of its passages."""
    with autocast():
        asked = reading([query.text for query in batch.queries], "query")
        return asked, reading(batch.passages, "passage")


def ranking_loss(plan: Plan, batch: Batch, asked: Read, found: Read) -> Tensor:
    """Return what a batch costs by pooled vectors, and by late interaction beside them."""
    targets = targets_of(batch)
    pooled = both_ways(plan.scale * asked[0] @ found[0].T, targets)
    late = both_ways(plan.scale * late_scores(asked[1], found[1]), targets)
    return pooled + plan.late * late


def ranks_of(scores: Tensor, rows: Tensor) -> Tensor:
    """Return the rank, from 1, of each query's row; of equal scores the right one comes last."""
    return (scores >= scores.gather(1, rows[:, None])).sum(dim=1)

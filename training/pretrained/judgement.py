"""Training for verdicts: whether a passage answers a query, both read as one text."""

import math
from collections.abc import Sequence

import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor
from torch.nn.functional import cross_entropy

from mundap.training.pretrained.adaptation import Figures
from mundap.training.pretrained.plan import Plan
from mundap.training.pretrained.reading import Reading, autocast, late_scores
from mundap.training.pretrained.visitors import VisitedFaq
from mundap.training.pretrained.visits import Batch

# Queries of a batch that are judged, each with the passages that late interaction puts first: a
# query with one passage takes as long as a passage alone.
ASKED, NEAREST = 16, 3
# Queries of each FAQ held back that are judged with what comes first.
_FIGURED = 20


class Judgement:
    """An `Aim`: of a query and what lies nearest to it, the right one is told, or that none is.

    Near is what is so by the vectors of an encoder that learns no more.
    """

    def __init__(self, vectors: Reading) -> None:
        vectors.bert.eval()
        self._vectors = vectors

    def loss(self, plan: Plan, reading: Reading, batch: Batch) -> Tensor:
        """Return what a batch costs.

        Nothing nearby is right where nothing answers a query, or what does lies farther off.
        """
        reading.bert.encoder.train()
        single = [query for query in batch.queries if len(query.rows) == 1]
        asked = [single[at] for at in torch.randperm(len(single))[:ASKED].tolist()]
        texts = [*(query.text for query in asked), *batch.outside]
        nearest = self._nearest(texts, batch.passages, NEAREST)
        pairs = [
            (text, batch.passages[row])
            for text, rows in zip(texts, nearest, strict=True)
            for row in rows
        ]
        with autocast():
            logits = reading.together(pairs).float().unflatten(0, (len(texts), -1))
        right = [query.rows[0] for query in asked] + [-1] * len(batch.outside)
        wanted = [
            rows.index(row) if row in rows else len(rows)
            for row, rows in zip(right, nearest, strict=True)
        ]
        none = logits.new_zeros(len(texts), 1)
        return cross_entropy(torch.cat([logits, none], dim=1), torch.tensor(wanted))

    @torch.inference_mode()
    def figures(self, reading: Reading, faqs: Sequence[VisitedFaq]) -> Figures:
        """Return the AUROC of verdicts on what comes first: right, or wrong or beside the point."""
        reading.bert.encoder.eval()
        said: list[float] = []
        fits: list[bool] = []
        for faq in faqs:
            asked = faq.queries[:: max(1, len(faq.queries) // _FIGURED)]
            texts = [*(query.text for query in asked), *faq.outside]
            nearest = self._nearest(texts, faq.passages, 1)
            right = [query.rows[0] for query in asked] + [-1] * len(faq.outside)
            fits += [row == first for row, (first,) in zip(right, nearest, strict=True)]
            met = [faq.passages[row] for row, *_ in nearest]
            with autocast():
                said += reading.together(list(zip(texts, met, strict=True))).float().tolist()
        # Of a few queries all may be right.
        auroc = roc_auc_score(fits, said) if len(set(fits)) > 1 else math.nan
        return {"verdict": round(float(auroc), 4)}

    @torch.no_grad()
    def _nearest(
        self, texts: Sequence[str], passages: Sequence[str], count: int
    ) -> list[list[int]]:
        """Return the rows of the passages nearest to each text, nearest first."""
        with autocast():
            _, asked = self._vectors(texts, "query")
            _, found = self._vectors(passages, "passage")
        rows: list[list[int]] = (
            late_scores(asked, found).topk(min(count, len(passages)), dim=1).indices.tolist()
        )
        return rows

"""What a batch costs by queries that are read together with the passages nearest to them."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from mundap.training.pretrained.reading import Reading
from mundap.training.pretrained.visits import Batch

# Queries of a batch that are read so, each with the passages that late interaction puts first:
# a query with one passage takes as long as a passage alone.
ASKED, NEAREST = 8, 3


def together_loss(reading: Reading, batch: Batch, late: Tensor) -> Tensor:
    """Return what a batch costs by whether its queries are told their own passage, or none.

    `late` are the scores of all queries, those that nothing answers last. Of a query and what is
    nearest to it one is right, or none is: nothing answers it, or what does is not among them.
    """
    known, passages = len(batch.queries), batch.passages
    single = [at for at, query in enumerate(batch.queries) if len(query.rows) == 1]
    drawn = torch.randperm(len(single))[:ASKED].tolist()
    asked = [*(single[at] for at in drawn), *range(known, known + len(batch.outside))]
    nearest = late[asked].topk(min(NEAREST, len(passages)), dim=1).indices.tolist()
    texts = [*(query.text for query in batch.queries), *batch.outside]
    pairs = [
        (texts[at], passages[row]) for at, rows in zip(asked, nearest, strict=True) for row in rows
    ]
    logits = reading.together(pairs).unflatten(0, (len(asked), -1))
    none = logits.new_zeros(len(asked), 1)
    wanted = [
        rows.index(batch.queries[at].rows[0])
        if at < known and batch.queries[at].rows[0] in rows
        else len(rows)
        for at, rows in zip(asked, nearest, strict=True)
    ]
    return cross_entropy(torch.cat([logits, none], dim=1), torch.tensor(wanted))

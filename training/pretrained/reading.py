"""How texts are read while the encoder learns: pooled vectors and those of pieces."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn.functional import normalize
from torch.nn.utils.rnn import pad_sequence
from transformers import BertModel

from mundap.training.bases.bert import PREFIXES

# `<s>` and the pieces of either prefix, before a text; `</s>` after it.
BEFORE, AFTER = 3, 1
MAX_LENGTH = 256


def autocast(enabled: bool = True) -> AbstractContextManager[object]:
    """Return the context in which matrices are multiplied in bfloat16, twice as fast."""
    return torch.autocast("cpu", torch.bfloat16, enabled=enabled)


class Reading:
    """A BERT that reads texts; within one `autocast` its weights are rounded once."""

    def __init__(self, bert: BertModel, tokenizer: Tokenizer) -> None:
        self.bert = bert
        self.tokenizer = tokenizer
        tokenizer.enable_truncation(MAX_LENGTH)

    def __call__(
        self, texts: Sequence[str], side: str, most: int = 1024
    ) -> tuple[Tensor, list[Tensor]]:
        """Return unit vectors (texts, columns), and for each text those of its own pieces.

        At most `most` pieces, with padding, go through the layers together.
        """
        marked = [PREFIXES[side] + text for text in texts]
        ids = [found.ids for found in self.tokenizer.encode_batch(marked)]
        pooled: list[Tensor] = [torch.empty(0)] * len(ids)
        pieces: list[Tensor] = [torch.empty(0)] * len(ids)
        for rows in _alike([len(one) for one in ids], most):
            states = self._states([torch.tensor(ids[row]) for row in rows])
            for row, found in zip(rows, states, strict=True):
                own = found[: len(ids[row])]
                pooled[row] = own.mean(dim=0)
                pieces[row] = own[BEFORE : len(own) - AFTER]
        together = normalize(torch.cat(pieces), dim=1)
        cut = together.split([len(one) for one in pieces])
        return normalize(torch.stack(pooled), dim=1), list(cut)

    def _states(self, ids: Sequence[Tensor]) -> Tensor:
        lengths = torch.tensor([len(one) for one in ids])
        tokens = pad_sequence(list(ids), batch_first=True, padding_value=1)
        mask = torch.arange(tokens.shape[1]) < lengths[:, None]
        hidden: Tensor = self.bert.embeddings(input_ids=tokens)
        away = torch.where(mask, 0.0, -1e4)[:, None, None, :]
        for layer in self.bert.encoder.layer:
            hidden = layer(hidden, attention_mask=away)
        return hidden.float()


def late_scores(queries: Sequence[Tensor], passages: Sequence[Tensor]) -> Tensor:
    """Return (queries, passages): the mean over a query's pieces of the best cosine in each."""
    padded = pad_sequence(list(passages), batch_first=True)
    lengths = torch.tensor([len(one) for one in passages])
    empty = torch.arange(padded.shape[1]) >= lengths[:, None]
    found = torch.cat(list(queries)) @ padded.flatten(0, 1).T
    best = found.unflatten(1, padded.shape[:2]).masked_fill(empty, -2.0).amax(dim=2)
    sizes = torch.tensor([len(one) for one in queries])
    owner = torch.repeat_interleave(torch.arange(len(queries)), sizes)
    summed = best.new_zeros(len(queries), len(passages)).index_add(0, owner, best)
    means: Tensor = summed / sizes[:, None]
    return means


def _alike(lengths: Sequence[int], most: int) -> Iterator[list[int]]:
    """Yield rows of like length, few enough that padding stays within `most` pieces."""
    group: list[int] = []
    for row in sorted(range(len(lengths)), key=lambda row: (lengths[row], row)):
        if group and (len(group) + 1) * lengths[row] > most:
            yield group
            group = []
        group.append(row)
    if group:
        yield group

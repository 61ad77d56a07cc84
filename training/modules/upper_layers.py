"""Training of a transformer's upper layers alone: the lower ones read each text once."""

import copy
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from mundap.index.progress import Advance

_LOG = logging.getLogger(__name__)

# What goes from layer to layer alone, so that a cut between two loses nothing.
_KINDS = ("bert", "camembert", "electra", "roberta", "xlm-roberta")
# Of states kept in memory: some 40,000 short texts in single precision.
_MOST_BYTES = 2**30
_READ_TOGETHER = 32


class TrainTopError(ValueError):
    """There are no such upper layers to train alone."""


def freeze_below(transformer: SentenceTransformer, top: int) -> None:
    """Let only the `top` upper layers of a transformer train, and what follows them.

    Raises TrainTopError where the base is no BERT, or has no more layers than that.
    """
    model = _model(transformer)
    kind = getattr(getattr(model, "config", None), "model_type", "no transformer")
    if kind not in _KINDS:
        raise TrainTopError(
            f"train_top is {top}; it is for {', '.join(_KINDS)}, and this base is {kind}. Leave "
            "--train-top out, or name another --base."
        )
    layers = model.encoder.layer
    if top >= len(layers):
        raise TrainTopError(
            f"train_top is {top}, and this base has {len(layers)} layers. Give --train-top 1 to "
            f"{len(layers) - 1}, or leave it out to train all."
        )
    model.requires_grad_(False)
    layers[-top:].requires_grad_(True)


class LowerStates:
    """What the lower layers make of each text, up to a gigabyte of it, by its pieces."""

    def __init__(self) -> None:
        self._states: dict[bytes, Tensor] = {}
        self._left = _MOST_BYTES

    def __contains__(self, pieces: bytes) -> bool:
        return pieces in self._states

    def __getitem__(self, pieces: bytes) -> Tensor:
        return self._states[pieces]

    def keep(self, pieces: bytes, states: Tensor) -> None:
        """Keep the states of a text, shape (pieces, columns), as long as there is room."""
        size = states.numel() * states.element_size()
        if self._left >= 0 > self._left - size:
            _LOG.warning(
                "The states of %d texts fill the memory that is meant for them: the others are "
                "read anew in every epoch.",
                len(self._states),
            )
        self._left -= size
        if self._left >= 0:
            self._states[pieces] = states


@dataclass(frozen=True, slots=True)
class Top:
    """How many upper layers train, on which texts, and what is known of them below."""

    layers: int
    texts: Sequence[str]
    states: LowerStates


class UpperLayers:
    """Takes the place of a transformer's `forward`: the lower layers, without dropout, once a text.

    The vectors are those of all layers, to rounding. What is read while gradients are made is
    not kept, as a text with words hidden may never come again.
    """

    def __init__(self, transformer: SentenceTransformer, top: Top) -> None:
        model = _model(transformer)
        layers = list(model.encoder.layer)
        self._given = _Given()
        self._lower = _part(model, layers[: -top.layers])
        self._upper = _part(model, layers[-top.layers :], embeddings=self._given)
        self._states = top.states

    def read_ahead(
        self, texts: Sequence[str], preprocess: Callable[..., dict[str, Any]], advance: Advance
    ) -> None:
        """Let the lower layers read all texts, always in the same company.

        Else a run that was stopped would go on with sums that are rounded otherwise.
        """
        ordered = sorted(set(texts), key=lambda text: (len(text), text))
        for start in range(0, len(ordered), _READ_TOGETHER):
            batch = ordered[start : start + _READ_TOGETHER]
            with torch.no_grad():
                self._states_of(preprocess(batch))
            advance(start + len(batch), len(ordered))

    def __call__(self, features: dict[str, Any], **options: Any) -> dict[str, Any]:
        """Return the features with `token_embeddings`; their texts are padded at their ends."""
        ids = features["input_ids"]
        padded = pad_sequence(self._states_of(features), batch_first=True)
        # As wide as the batch is, be every text in it shorter.
        padded = nn.functional.pad(padded, (0, 0, 0, ids.shape[1] - padded.shape[1]))
        self._given.states = padded.to(ids.device)
        found = self._upper(input_ids=ids, attention_mask=features["attention_mask"])
        features["token_embeddings"] = found.last_hidden_state
        return features

    def _states_of(self, features: dict[str, Any]) -> list[Tensor]:
        lengths = features["attention_mask"].sum(dim=1).tolist()
        ids = features["input_ids"].cpu()
        rows = [row[:n].numpy().tobytes() for row, n in zip(ids, lengths, strict=True)]
        found = {row: self._states[row] for row in rows if row in self._states}
        if new := [number for number, row in enumerate(rows) if row not in found]:
            for number, states in zip(new, self._read(features, new), strict=True):
                found[rows[number]] = states[: lengths[number]].clone()
                if not torch.is_grad_enabled():
                    self._states.keep(rows[number], found[rows[number]])
        return [found[row] for row in rows]

    def _read(self, features: dict[str, Any], rows: list[int]) -> Tensor:
        """Return the states of some rows of a batch, on the processor, padding included."""
        names = [n for n in ("input_ids", "attention_mask", "token_type_ids") if n in features]
        # What is made in inference mode could not be trained on later.
        with torch.inference_mode(False), torch.no_grad():
            given = {name: features[name][rows].clone().to(self._lower.device) for name in names}
            states: Tensor = self._lower.eval()(**given).last_hidden_state
            return states.float().cpu()


class _Given(nn.Module):
    """Stands where a model makes embeddings, and gives states that are there already."""

    states: Tensor

    def forward(self, **_: Any) -> Tensor:
        return self.states


def _model(transformer: SentenceTransformer) -> Any:
    return getattr(transformer[0], "auto_model", None)


def _part(model: Any, layers: list[nn.Module], embeddings: nn.Module | None = None) -> Any:
    """Return some of a model's layers as a model: the same weights, not a copy of them."""
    part, encoder = _shallow(model), _shallow(model.encoder)
    encoder.layer = nn.ModuleList(layers)
    part.encoder, part.pooler = encoder, None
    if embeddings is not None:
        part.embeddings = embeddings
        part._modules.pop("embeddings_project", None)
    return part


def _shallow(module: nn.Module) -> Any:
    found = copy.copy(module)
    found._modules = dict(module._modules)
    return found

"""Masked words: text without labels teaches what a word's neighbours say about it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import torch
from datasets import Dataset
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.evaluation import SentenceEvaluator
from sentence_transformers.util import batch_to_device
from torch import Tensor, nn
from torch.nn import functional

from mundap.training.config import TrainingConfig, require_range
from mundap.training.data.batches import LengthBatchSampler
from mundap.training.data.sentence_pairs import SentenceSplit
from mundap.training.data.sources import Sources
from mundap.training.data.texts import COLUMN, Text, text_split
from mundap.training.objectives.hidden_words import HiddenWords
from mundap.training.objectives.objective import Lesson

# So many texts give the words to choose from.
_JUDGED_TOGETHER = 64


@dataclass(frozen=True, slots=True)
class MaskedWords:
    """Which of the batch's words stood where one is hidden (Devlin et al. 2019).

    Words are compared with the embeddings that the encoder starts from, which stay as they are:
    a softmax over the words of one batch costs next to nothing, one over a dictionary of tens of
    thousands more than the encoder.
    """

    name: ClassVar[str] = "masked-words"
    primary: ClassVar[str] = "accuracy"
    shown: ClassVar[Mapping[str, str]] = {"accuracy": "accuracy"}
    # The encoder that was measured is the one that is kept.
    refits: ClassVar[bool] = False
    embedded_learning_rate: ClassVar[float | None] = None

    # Texts drawn from the file by the run's seed; None takes all.
    texts: int | None = None
    # The share of a text's words that is hidden.
    share: float = 0.2
    # Inverse temperature of the softmax.
    scale: float = 20.0

    def __post_init__(self) -> None:
        require_range("texts", self.texts, 2, 100_000_000)
        require_range("share", self.share, 0.01, 0.9)
        require_range("scale", self.scale, 1e-3, 1e3)

    def settled(self, *, embedded: bool) -> "MaskedWords":
        """See `Objective`."""
        if embedded:
            raise ValueError(
                "masked-words is for transformers; the embedded encoder sums its words and knows "
                "no places. Name a transformer with --base."
            )
        return self

    def read(self, sources: Sources, config: TrainingConfig) -> SentenceSplit[Text]:
        """See `Objective`."""
        return text_split(sources.paths, config, self.texts)

    def lesson(
        self, transformer: SentenceTransformer, split: SentenceSplit[Text], seed: int
    ) -> Lesson:
        """See `Objective`."""
        loss = MaskedWordsLoss(transformer, self.share, self.scale)
        held_out = sorted((text.text for text in split.held_out), key=len)
        dataset = Dataset.from_dict({COLUMN: [text.text for text in split.pairs]})
        return Lesson(
            dataset,
            loss,
            MaskedWordsEvaluator(held_out, loss) if split.development else None,
            partial(LengthBatchSampler, dataset, dataset[COLUMN]),
        )


class MaskedWordsLoss(nn.Module):
    """Cross-entropy of each hidden word among the different words of its batch.

    A projection from states to words is learned beside the encoder, and dropped afterwards.
    """

    def __init__(self, model: SentenceTransformer, share: float, scale: float) -> None:
        super().__init__()
        self.model = model
        self.share = share
        self.scale = scale
        self._hidden_words = HiddenWords.of(model)
        width = int(model[0].get_embedding_dimension())  # type: ignore[operator]
        self.guess = nn.Linear(width, width)

    def forward(self, sentence_features: Iterable[dict[str, Tensor]], labels: Any = None) -> Tensor:
        """Return the loss of a batch; a batch without a word to hide has none to teach."""
        (features,) = sentence_features
        logits, wanted = self.guesses(features)
        if not len(wanted):
            return logits.sum()
        return functional.cross_entropy(logits, wanted)

    def guesses(
        self, features: dict[str, Tensor], generator: torch.Generator | None = None
    ) -> tuple[Tensor, Tensor]:
        """Hide words at random; return a logit of each word of the batch, and which was right."""
        ids = self._hidden_words.ids(features)
        drawn = torch.rand(ids.shape, generator=generator).to(ids.device)
        chosen = (drawn < self.share) & (ids >= 0)
        hidden = self._hidden_words.hide(features, chosen)
        seen = self.model(hidden)["token_embeddings"]
        guessed = self.guess(seen[chosen]) / seen.shape[-1] ** 0.5
        words, places = torch.unique(ids[ids >= 0], return_inverse=True)
        wanted = places[chosen[ids >= 0]]
        targets = functional.normalize(self._hidden_words.embeddings(words).detach(), dim=-1)
        return self.scale * guessed @ targets.T, wanted

    def get_config_dict(self) -> dict[str, Any]:
        """Return its settings."""
        return {"share": self.share, "scale": self.scale}


class MaskedWordsEvaluator(SentenceEvaluator):
    """The share of hidden words that are guessed right among those of 64 texts."""

    def __init__(self, texts: Sequence[str], loss: MaskedWordsLoss) -> None:
        super().__init__()
        self.primary_metric = MaskedWords.primary
        self._texts = texts
        self._loss = loss

    @torch.no_grad()
    def __call__(
        self, model: Any, output_path: str | None = None, epoch: float = -1, steps: int = -1
    ) -> dict[str, float]:
        """Return the accuracy over the held-out texts, the same words hidden every time."""
        generator = torch.Generator().manual_seed(0)
        was_training = model.training
        model.eval()
        right: list[Tensor] = []
        for start in range(0, len(self._texts), _JUDGED_TOGETHER):
            batch = model.preprocess(list(self._texts[start : start + _JUDGED_TOGETHER]))
            features = batch_to_device(batch, model.device)
            logits, wanted = self._loss.guesses(features, generator)
            right.append(logits.argmax(dim=1).eq(wanted) if len(wanted) else wanted.bool())
        model.train(was_training)
        found = torch.cat(right).float()
        return {"accuracy": float(found.mean()) if len(found) else 0.0}

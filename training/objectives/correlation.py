"""A loss for similarity that wants what is measured: the correlation of cosine with score."""

from collections.abc import Iterable
from typing import Any

from sentence_transformers import SentenceTransformer
from torch import Tensor, nn
from torch.nn import functional


class CorrelationLoss(nn.Module):
    """One minus Pearson's correlation of the cosines of a batch with its scores.

    Neither height nor spread of the cosines has to be right, so an encoder whose unrelated
    sentences lie at .3 need not be bent to 0 first.
    """

    def __init__(self, model: SentenceTransformer) -> None:
        super().__init__()
        self.model = model

    def forward(self, sentence_features: Iterable[dict[str, Tensor]], labels: Tensor) -> Tensor:
        """Return the loss of a batch; a batch of equal scores has none to teach."""
        left, right = (self.model(text)["sentence_embedding"] for text in sentence_features)
        cosines = functional.cosine_similarity(left, right)
        scores = labels.to(cosines)
        return 1 - functional.cosine_similarity(
            cosines - cosines.mean(), scores - scores.mean(), dim=0, eps=1e-6
        )

    def get_config_dict(self) -> dict[str, Any]:
        """Return its settings: none."""
        return {}

"""What is to be mended in a FAQ, looked for while its index is built."""

from collections.abc import Sequence

from mundap.evaluation.lint import lint
from mundap.index.encoders.encoder import Vectors
from mundap.index.faq.problems import FaqProblem, find_problems
from mundap.index.search.retriever import Retriever

# Passages above which comparing all with all takes longer than a build should wait.
_MOST = 20_000


def findings(retriever: Retriever) -> list[FaqProblem]:
    """Return what `lint` finds with the vectors that are there already.

    Without questions too close to each other where the encoder is not the embedded one, whose
    cosines the bound suits, or where there are more than 20,000 passages: `mundap data lint` looks
    for them there.
    """
    entries = retriever.passages.entries
    embedded = getattr(type(retriever.encoder), "is_embedded", False)
    if not embedded or len(retriever.passages) > _MOST:
        return find_problems(entries)
    return lint(entries, _Known(retriever))


class _Known:
    """The encoder of a retriever, whose passages it has encoded."""

    def __init__(self, retriever: Retriever) -> None:
        self._encoder = retriever.encoder
        self._texts = retriever.passages.texts
        self._vectors = retriever.dense.engine.vectors()
        self.fingerprint = self._encoder.fingerprint
        self.dimension = self._encoder.dimension

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`."""
        return self._vectors if texts == self._texts else self._encoder.encode(texts)

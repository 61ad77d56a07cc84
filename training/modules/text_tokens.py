"""The tokens of each text, made once, and padded batch by batch."""

from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor
from torch.nn.utils.rnn import pad_sequence


class TextTokens:
    """Takes the place of a transformer's `preprocess` while it trains on the same texts.

    What is no text, or comes with an option of its own, goes to `preprocess`; so does a prompt
    that `pooled` says is no part of a text's vector.
    """

    def __init__(
        self, preprocess: Callable[..., dict[str, Any]], pad_token: int, *, pooled: bool = True
    ) -> None:
        self._preprocess = preprocess
        self._pooled = pooled
        self._fillers = {"input_ids": pad_token}
        self._tokens: dict[str, dict[str, Tensor]] = {}
        # What a batch has beside its tensors, such as its modality.
        self._beside: dict[str, Any] = {}

    def __call__(
        self, inputs: Sequence[Any], prompt: str | None = None, **options: Any
    ) -> dict[str, Any]:
        """Return the features of a batch, as wide as its longest text."""
        asked = {name: value for name, value in options.items() if value is not None}
        beside = asked or (prompt and not self._pooled)
        if beside or not inputs or not all(isinstance(text, str) for text in inputs):
            return self._preprocess(inputs, prompt=prompt, **options)
        texts = [f"{prompt or ''}{text}" for text in inputs]
        self._read(dict.fromkeys(text for text in texts if text not in self._tokens))
        rows = [self._tokens[text] for text in texts]
        padded = {
            name: pad_sequence(
                [row[name] for row in rows],
                batch_first=True,
                padding_value=self._fillers.get(name, 0),
            )
            for name in rows[0]
        }
        return {**padded, **self._beside}

    def _read(self, texts: dict[str, None]) -> None:
        if not texts:
            return
        features = self._preprocess(list(texts))
        lengths = features["attention_mask"].sum(dim=1).tolist()
        tensors = {n: value for n, value in features.items() if isinstance(value, Tensor)}
        self._beside = {n: value for n, value in features.items() if n not in tensors}
        for row, (text, length) in enumerate(zip(texts, lengths, strict=True)):
            self._tokens[text] = {n: value[row, :length].clone() for n, value in tensors.items()}

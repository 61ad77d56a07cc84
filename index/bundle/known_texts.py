"""What the current generation knows of texts, so that a rebuild works on new ones alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mundap.index.bundle.manifest import Manifest
from mundap.index.encoders.encoder import Encoder, Vectors
from mundap.index.faq.passage_words import PassageWords, load_words
from mundap.index.faq.passages import Passages
from mundap.index.search.retriever import Retriever

Advance = Callable[[int, int], None]

WORDS_FILE = "passage_words.jsonl"
# Texts encoded between two calls of `advance`.
_BATCH = 512


@dataclass(frozen=True, slots=True)
class KnownTexts:
    """Vectors, by the encoder that a new generation is built with, and words of texts."""

    vectors: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    words: Mapping[str, PassageWords] = field(default_factory=dict)

    @classmethod
    def of(cls, path: Path, manifest: Manifest, retriever: Retriever) -> "KnownTexts":
        """Take over what lies in a generation that is open."""
        texts, vectors = retriever.passages.texts, retriever.dense.engine.vectors()
        words: list[PassageWords] = []
        # Another analyser finds other words; an older version of ours kept none.
        if WORDS_FILE in manifest.files and manifest.versions == versions():
            with (path / WORDS_FILE).open(encoding="utf-8", newline="\n") as lines:
                words = load_words(lines)
        return cls(dict(zip(texts, vectors, strict=True)), dict(zip(texts, words, strict=False)))

    def encode(self, passages: Passages, encoder: Encoder, advance: Advance) -> tuple[Vectors, int]:
        """Return vectors in row order and how many texts had to be encoded for them."""
        todo = [text for text in dict.fromkeys(passages.texts) if text not in self.vectors]
        vectors = dict(self.vectors)
        for start in range(0, len(todo), _BATCH):
            part = todo[start : start + _BATCH]
            vectors.update(zip(part, encoder.encode(part), strict=True))
            advance(start + len(part), len(todo))
        return np.stack([vectors[text] for text in passages.texts]).astype(np.float32), len(todo)

    def words_of(self, passages: Passages) -> list[PassageWords]:
        """Return the words of each passage."""
        return [self.words.get(text) or PassageWords.of(text) for text in passages.texts]


def versions() -> dict[str, str]:
    """Return the versions of what a bundle's files depend on."""
    names = ("faiss-cpu", "numpy", "kiwipiepy", "kiwipiepy_model")
    return {name: version(name) for name in names}

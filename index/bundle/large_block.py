"""What a build of a large FAQ keeps of some entries, so that a killed one need not start again."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mundap.index.durable import replaced_file
from mundap.index.encoders.encoder import Vectors
from mundap.index.faq.passages.passage_words import PassageWords
from mundap.index.faq.passages.passages import Passages
from mundap.index.query.vocabulary import WordCounts
from mundap.index.search.dense import centroid_lengths


@dataclass(frozen=True, slots=True)
class Block:
    """What is kept of some entries besides their vectors."""

    terms: NDArray[np.int32]
    sizes: NDArray[np.int64]
    lengths: NDArray[np.float32]
    words: list[str]
    counts: bytes

    @classmethod
    def of(
        cls,
        part: Passages,
        vectors: Vectors,
        words: Sequence[PassageWords],
        known: dict[str, int],
    ) -> "Block":
        """Return what is kept of some entries; `known` are the words of all, and gets new ones."""
        before = len(known)
        terms = [known.setdefault(form, len(known)) for each in words for form in each.forms]
        counts = WordCounts()
        counts.add(part.texts, words)
        lengths = centroid_lengths(lambda rows: vectors[rows], part)
        sizes = np.array([len(each.forms) for each in words], dtype=np.int64)
        new = [*known][before:]
        return cls(np.array(terms, np.int32), sizes, lengths, new, counts.dump())

    def write(self, file: Path) -> None:
        """Write it whole or not at all."""
        words = np.frombuffer(json.dumps(self.words, ensure_ascii=False).encode(), np.uint8)
        counts = np.frombuffer(self.counts, np.uint8)
        with replaced_file(file) as partial, partial.open("wb") as out:
            np.savez(
                out,
                terms=self.terms,
                sizes=self.sizes,
                lengths=self.lengths,
                words=words,
                counts=counts,
            )

    @classmethod
    def read(cls, file: Path) -> "Block":
        """Undo `write`."""
        with file.open("rb") as raw, np.load(raw, allow_pickle=False) as stored:
            words = json.loads(stored["words"].tobytes())
            counts = stored["counts"].tobytes()
            return cls(stored["terms"], stored["sizes"], stored["lengths"], words, counts)

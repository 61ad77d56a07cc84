"""What was changed of a large FAQ since its files were made: entries beside them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mundap.index.encoders.encoder import Encoder
from mundap.index.engines.stored_engine import ROWS_FILE, StoredEngine
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.amended_passages import AmendedPassages
from mundap.index.faq.passages.passage_words import PassageWords, dump_words, load_words
from mundap.index.faq.passages.passages import Passages
from mundap.index.faq.passages.stored_passages import (
    ENTRIES_FILE,
    PASSAGE_FILES,
    StoredPassages,
    write_passages,
)
from mundap.index.query.vocabulary import WordCounts
from mundap.index.search.amended_lexical import AmendedLexicalIndex
from mundap.index.search.dense import CENTROIDS_FILE, DenseRetriever, centroid_lengths
from mundap.index.search.retriever import Retriever
from mundap.index.search.stored_lexical import StoredLexicalIndex

AMENDMENT = "amendment"
_WORDS_FILE, _REMOVED_FILE = "passage_words.jsonl", "removed.npy"
_FILES = (ENTRIES_FILE, *PASSAGE_FILES, ROWS_FILE, CENTROIDS_FILE, _WORDS_FILE, _REMOVED_FILE)
AMENDMENT_FILES = tuple(f"{AMENDMENT}/{name}" for name in _FILES)
# Entries; each search looks at all of them, which of more would take longer than all else.
MOST = 20_000


@dataclass(frozen=True, slots=True)
class Amendment:
    """Entries that are new or changed, with their vectors and words.

    `removed` are the places, ascending, of sealed entries that are gone or stand here anew.
    """

    passages: StoredPassages
    vectors: NDArray[np.float16]
    lengths: NDArray[np.float32]
    words: list[PassageWords]
    removed: NDArray[np.int64]

    @classmethod
    def write(
        cls,
        directory: Path,
        entries: Sequence[FaqEntry],
        removed: Collection[int],
        encoder: Encoder,
    ) -> None:
        """Write `_FILES` into `directory`; the caller makes the write durable."""
        write_passages(entries, directory)
        passages = Passages.of_each(entries)
        vectors = encoder.encode(passages.texts).astype(np.float16)
        words = dump_words(map(PassageWords.of, passages.texts))
        (directory / _WORDS_FILE).write_text(words, encoding="utf-8")
        lengths = centroid_lengths(lambda rows: vectors[rows].astype(np.float32), passages)
        arrays: dict[str, NDArray[Any]] = {
            ROWS_FILE: vectors.reshape(-1, encoder.dimension),
            CENTROIDS_FILE: lengths,
            _REMOVED_FILE: np.array(sorted(removed), np.int64),
        }
        for name, array in arrays.items():
            np.save(directory / name, array, allow_pickle=False)

    @classmethod
    def open(cls, directory: Path) -> "Amendment":
        """Read what `write` left; raises ValueError or OSError where it is damaged."""
        vectors, lengths = (np.load(directory / name) for name in (ROWS_FILE, CENTROIDS_FILE))
        with (directory / _WORDS_FILE).open(encoding="utf-8", newline="\n") as lines:
            words = load_words(lines)
        removed = np.load(directory / _REMOVED_FILE)
        return cls(StoredPassages.open(directory), vectors, lengths, words, removed)

    def of(self, retriever: Retriever, sealed: StoredPassages, engine: StoredEngine) -> Retriever:
        """Return a retriever of the sealed entries, whose engine is `engine`, and of these."""
        passages = AmendedPassages.of_parts(sealed, self.passages, self.removed)
        rows = sealed.rows_of(self.removed)
        amended = engine.amended(self.vectors, rows, passages.categories)
        lengths = np.concatenate([retriever.dense.centroid_lengths, self.lengths])
        lexical = retriever.lexical_index
        assert isinstance(lexical, StoredLexicalIndex)
        counts = WordCounts()
        counts.add(self.passages.texts, self.words)
        forms = [word.forms for word in self.words]
        return Retriever(
            DenseRetriever(retriever.encoder, passages, amended, lengths),
            AmendedLexicalIndex(lexical, forms, passages, self.removed),
            retriever.query_layer.knowing(counts.usual(MOST * 100)),
            retriever.fusion,
        )


def amended_entries(path: Path) -> tuple[dict[str, FaqEntry], set[int]]:
    """Return the entries of a generation's amendment by their id, and the places it removes."""
    directory = path / AMENDMENT
    if not directory.is_dir():
        return {}, set()
    entries = StoredPassages.open(directory).entries
    removed: list[int] = np.load(directory / _REMOVED_FILE).tolist()
    return {entry.entry_id: entry for entry in entries}, set(removed)

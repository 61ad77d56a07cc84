"""Retrieval by what entries say: a pretrained encoder reads questions and answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mundap.index.encoders.encoder import PieceEncoder, ReadText, Vectors
from mundap.index.engines.engine import EngineError, Rows
from mundap.index.faq.passages.passages import Passages
from mundap.index.korean.names import NO_NAMES, Names
from mundap.index.search.dense import DenseRetriever
from mundap.index.search.lexical import LEXICAL_FILES, LexicalIndex, Tokens
from mundap.index.search.pieces import PIECES_FILES, Pieces, in_eight_bits

_PHRASINGS = "phrasings"


@dataclass(frozen=True, slots=True)
class KeptText:
    """A content as a bundle keeps it: its vector, and its pieces in eight bits."""

    vector: NDArray[np.float32]
    pieces: NDArray[np.int8]

    @classmethod
    def of(cls, text: ReadText) -> "KeptText":
        """Round what an encoder has read."""
        return cls(text.vector, in_eight_bits(text.pieces))


@dataclass(frozen=True, slots=True)
class ContentRetriever:
    """Finds entries by their phrasings and by their questions with answers ("contents").

    `phrasings` and `contents` hold one vector a text, `words` the morphemes of the contents and
    `pieces` the pieces of each content, row by row.
    """

    encoder: PieceEncoder
    phrasings: DenseRetriever
    contents: DenseRetriever
    words: LexicalIndex
    pieces: Pieces

    @classmethod
    def build(
        cls, encoder: PieceEncoder, phrasings: Passages, names: Names = NO_NAMES
    ) -> "ContentRetriever":
        """Read and index the entries of `phrasings` in memory."""
        contents = Passages.with_answers(phrasings.entries)
        return cls.of_read(
            encoder,
            (phrasings, contents),
            encoder.encode_passages(phrasings.texts),
            [KeptText.of(text) for text in encoder.read_passages(contents.texts)],
            names=names,
        )

    @classmethod
    def of_read(
        cls,
        encoder: PieceEncoder,
        texts: tuple[Passages, Passages],
        vectors: Vectors,
        read: Sequence[KeptText],
        words: Tokens | None = None,
        names: Names = NO_NAMES,
    ) -> "ContentRetriever":
        """Index phrasings and contents that are read already, in their order.

        `words` are the content morphemes of contents where they are known already.
        """
        phrasings, contents = texts
        whole = np.stack([text.vector for text in read])
        return cls(
            encoder,
            DenseRetriever.of_vectors(encoder, phrasings, vectors),
            DenseRetriever.of_vectors(encoder, contents, whole),
            LexicalIndex.build(contents, words, names),
            Pieces.of([text.pieces for text in read]),
        )

    @classmethod
    def open(
        cls,
        directory: Path,
        encoder: PieceEncoder,
        phrasings: Passages,
        names: Names = NO_NAMES,
    ) -> "ContentRetriever":
        """Open what `seal` left in `directory`; raises ValueError or OSError for damage."""
        contents = Passages.with_answers(phrasings.entries)
        pieces = Pieces.open(directory)
        if len(pieces) != len(contents):
            raise EngineError(
                f"{directory}: pieces of {len(pieces)} texts, but the FAQ has {len(contents)}. "
                "Rebuild with `mundap index build`."
            )
        return cls(
            encoder,
            DenseRetriever.open(directory / _PHRASINGS, encoder, phrasings),
            DenseRetriever.open(directory, encoder, contents),
            LexicalIndex.load(directory, contents, names),
            pieces,
        )

    @property
    def files(self) -> tuple[str, ...]:
        """The names of what `seal` writes."""
        phrasings = (f"{_PHRASINGS}/{name}" for name in self.phrasings.files)
        return (*phrasings, *self.contents.files, *LEXICAL_FILES, *PIECES_FILES)

    def seal(self, directory: Path) -> None:
        """Write `files` into `directory`; the caller makes the write durable."""
        (directory / _PHRASINGS).mkdir(parents=True)
        self.phrasings.seal(directory / _PHRASINGS)
        self.contents.seal(directory)
        self.words.save(directory)
        self.pieces.seal(directory)

    def candidates(self, query: ReadText, count: int, category: str | None) -> set[int]:
        """Return the places of the `count` entries that each way of looking finds nearest.

        Where no entry has a second phrasing, contents are looked at alone: all begin with it.
        """
        several = self.phrasings.passages.most > 1
        legs = (self.phrasings, self.contents) if several else (self.contents,)
        found = [leg.nearest_owners(query.vector, count, category).tolist() for leg in legs]
        return set().union(*found)

    def signals(self, query: ReadText, text: str, owners: Rows) -> NDArray[np.float64]:
        """Return what is known of entries for a query that was read: (n, 5), see `Signals`.

        But for `late`, which takes longest and is 0.
        """
        best, centroid = self.phrasings.best_and_centroid(query.vector, owners)
        content, _ = self.contents.best_and_centroid(query.vector, owners)
        bm25 = self.words.bm25(self.words.words(text))[owners]
        return np.column_stack([best, centroid, content, np.zeros(len(owners)), bm25])

    def late(self, query: ReadText, owners: Rows) -> NDArray[np.float32]:
        """Return the late interaction of a query with the best content of each entry, (n,)."""
        rows, starts = self.contents.passages.rows_and_starts(owners)
        late: NDArray[np.float32] = np.maximum.reduceat(
            self.pieces.late(query.pieces, rows), starts
        )
        return late

    def without(self, kept: NDArray[np.bool_]) -> "ContentRetriever":
        """Return what is left of entries of which some phrasings are, shape (phrasings,)."""
        phrasings = self.phrasings.passages.kept(kept)
        ids = {entry.entry_id for entry in phrasings.entries}
        contents = self.contents.passages
        stays = np.array([entry.entry_id in ids for entry in contents.entries])[contents.owners]
        (rows,) = stays.nonzero()
        left = contents.kept(stays)
        tokens = [self.words.tokens[row] for row in rows.tolist()]
        return ContentRetriever(
            self.encoder,
            DenseRetriever.of_vectors(
                self.encoder, phrasings, self.phrasings.engine.vectors(np.flatnonzero(kept))
            ),
            DenseRetriever.of_vectors(self.encoder, left, self.contents.engine.vectors(rows)),
            LexicalIndex.build(left, tokens, self.words.names),
            self.pieces.kept(rows),
        )

"""A generation of a FAQ that is too large to hold: made block by block, resumed where it was."""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from mundap.index.bundle.known_texts import versions
from mundap.index.bundle.large_block import Block
from mundap.index.bundle.large_contents import LARGE_FILES, QUERY_LAYER_FILE
from mundap.index.bundle.manifest import FORMAT, RETRIEVAL, EncoderRecord, FileRecord, Manifest
from mundap.index.durable import link_or_copy, replaced_file, sync
from mundap.index.encoders.encoder import Encoder, Vectors
from mundap.index.engines.faiss_kinds import write_index
from mundap.index.engines.stored_engine import (
    LISTS_FILE,
    ROWS_FILE,
    Effort,
    StoredEngine,
    index_rows,
    write_effort,
)
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.passage_words import PassageWords
from mundap.index.faq.passages.passages import Passages
from mundap.index.faq.passages.stored_passages import ENTRIES_FILE, StoredPassages, write_passages
from mundap.index.korean.morphemes import analysed_ahead
from mundap.index.mapped_array import mapped
from mundap.index.progress import Advance, progress
from mundap.index.query.query_layer import QueryLayer
from mundap.index.query.vocabulary import WordCounts
from mundap.index.search.confidence import Confidence
from mundap.index.search.dense import CENTROIDS_FILE
from mundap.index.search.fusion import Fusion
from mundap.index.search.word_arrays import save_words, word_arrays

# What makes no sense of so many, or takes as long as all else.
LEFT_OUT = (
    "Names are not learned: words are those of the analyser's dictionary.",
    "What is to be mended is not looked for: `mundap data lint` does.",
    "Weights and confidence are the usual ones: they are not fitted to so many entries.",
    "Ids that the file does not name are those of the texts, and not kept where a text changes.",
    "Entries that say the same under two ids are two.",
)
_KEY_FILE, _BLOCKS = "key.json", "blocks"
# Entries after which a killed build need not start again; and texts that are read at once: as many
# as are analysed ahead for one worker, so that the workers never wait for the encoder.
_BLOCK, _TEXTS = 8192, 16
# Words of each kind that a slip is repaired to, and entries in which they are seen side by side.
_USUAL_WORDS, _SEEN = 100_000, 20_000
# Bytes of the words of a passage, in blocks and as lists: some 240 of a short one.
_WORD_BYTES = 230
# Queries by which recall is measured: entries without their first word. As no more is read than
# it takes for these, few of them promise too much: 200 a point.
_ASKED = 500


class LargeBuild:
    """Makes the files of a generation in a folder that outlives a killed process.

    What the folder holds counts for the same entries, encoder and versions alone.
    """

    def __init__(self, folder: Path, entries: Sequence[FaqEntry], encoder: Encoder) -> None:
        self._folder = folder
        self._encoder = encoder
        if _is_shared(folder / ENTRIES_FILE):  # a generation has its files: they stay as they are
            shutil.rmtree(folder)
        (folder / _BLOCKS).mkdir(parents=True, exist_ok=True)
        with progress("Reading entries") as advance:
            write_passages(_watched(entries, advance), folder)
        with (folder / ENTRIES_FILE).open("rb") as file:
            self._faq_sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        self.passages = StoredPassages.open(folder)
        self._said: dict[str, Any] = {}
        self._take_up()

    def make(self, advance: Advance) -> None:
        """Make `LARGE_FILES`; raises OSError at once where the disk will not hold them."""
        if self._lacking() > shutil.disk_usage(self._folder).free:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._encode(advance)
        rows = mapped(self._folder / ROWS_FILE)
        with progress("Indexing vectors") as indexed:
            if not (self._folder / LISTS_FILE).exists():
                lists = index_rows(rows, indexed)
                with replaced_file(self._folder / LISTS_FILE) as partial:
                    write_index(lists, partial)
        write_effort(Effort(), self._folder)
        self._index_words()
        engine = StoredEngine.open(self._folder, self.passages.categories)
        recall = engine.measure(self._asked())
        write_effort(engine.effort, self._folder)
        confidence = Confidence.usual(content=False)
        fusion = Fusion.usual(self.passages.phrasings, content=False)
        for name, text in (("confidence.json", confidence), ("fusion.json", fusion)):
            (self._folder / name).write_text(text.to_json(), encoding="utf-8")
        (self._folder / "findings.json").write_text("[]\n", encoding="utf-8")
        self._said = {
            "recall": round(recall, 4),
            "search": asdict(engine.effort),
            "left_out": list(LEFT_OUT),
        }

    def fill(self, partial: Path, number: int) -> None:
        """Write the generation of this number into `partial`; its files stay here, too."""
        for name in LARGE_FILES:
            link_or_copy(self._folder / name, partial / name)
        record = EncoderRecord(self._encoder.fingerprint, self._encoder.dimension)
        Manifest(
            generation=number,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            encoders={RETRIEVAL: record},
            index_kind=StoredEngine.kind,
            entries=len(self.passages.entries),
            passages=len(self.passages),
            encoded=len(self.passages),
            faq_sha256=self._faq_sha256,
            files={name: FileRecord.of(partial / name) for name in LARGE_FILES},
            versions=versions(),
            large=self._said,
        ).write(partial)

    def room(self) -> str:
        """Say how much the disk can hold and how much is to be made yet, about."""
        free = shutil.disk_usage(self._folder).free
        return (
            f"{free / 1e6:,.0f} MB are free, about {self._lacking() / 1e6:,.0f} MB are still to be "
            "made; with room for them the same command goes on where it was"
        )

    def remove(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self._folder)

    def _lacking(self) -> int:
        """Return how many bytes are to be made yet, about."""
        made = (self._folder / ROWS_FILE, self._folder / LISTS_FILE, *self._blocks())
        there = sum(512 * path.stat().st_blocks for path in made if path.exists())
        # Of each number of a vector two bytes, and four bits for two.
        of_each = 9 * self._encoder.dimension // 4 + _WORD_BYTES
        return max(0, len(self.passages) * of_each - there)

    def _take_up(self) -> None:
        """Leave of an earlier build what is of use to this one."""
        key = {
            "format": FORMAT,
            "block": _BLOCK,
            "faq": self._faq_sha256,
            "encoder": self._encoder.fingerprint,
            "versions": versions(),
        }
        file = self._folder / _KEY_FILE
        try:
            same = json.loads(file.read_text(encoding="utf-8")) == key
        except (OSError, ValueError):
            same = False
        if not same:
            for path in (*self._blocks(), self._folder / LISTS_FILE):
                path.unlink(missing_ok=True)
            shape = (len(self.passages), self._encoder.dimension)
            np.lib.format.open_memmap(self._folder / ROWS_FILE, "w+", np.float16, shape)
            file.write_text(json.dumps(key), encoding="utf-8")
            sync(file)

    def _blocks(self) -> list[Path]:
        return sorted((self._folder / _BLOCKS).glob("[0-9]*.npz"))

    def _encode(self, advance: Advance) -> None:
        """Make the blocks that are not there; `advance` hears of these alone."""
        known = dict[str, int]()
        done = self._whole_blocks(known)
        bounds = self.passages.bounds
        begun = done * _BLOCK
        total = len(self.passages) - int(bounds[min(begun, len(bounds) - 1)])
        made = 0
        for first in range(begun, len(self.passages.entries), _BLOCK):
            place = slice(*bounds[[first, min(first + _BLOCK, len(bounds) - 1)]].tolist())
            part = Passages.of_each(self.passages.entries[first : first + _BLOCK])
            vectors, words = self._read(part.texts, lambda n: advance(made + n, total))  # noqa: B023
            half = vectors.astype(np.float16)
            self._write(half, place.start)
            Block.of(part, half.astype(np.float32), words, known).write(
                self._folder / _BLOCKS / f"{first // _BLOCK:06d}.npz"
            )
            made += len(part)

    def _whole_blocks(self, known: dict[str, int]) -> int:
        """Return how many blocks an earlier build left, and add their words to `known`.

        Where one is damaged it goes, and so do those that count words on from there.
        """
        files = self._blocks()
        for number, file in enumerate(files):
            try:
                words = Block.read(file).words
            except (OSError, EOFError, ValueError, KeyError, BadZipFile):
                for damaged in files[number:]:
                    damaged.unlink()
                return number
            for word in words:
                known[word] = len(known)
        return len(files)

    def _write(self, vectors: NDArray[np.float16], row: int) -> None:
        """Write vectors at their row; raises OSError where, mapped, a full disk would end us."""
        file = self._folder / ROWS_FILE
        offset = np.load(file, mmap_mode="r").offset + row * vectors.strides[0]
        with file.open("r+b") as out:
            out.seek(offset)
            out.write(vectors.tobytes())
            out.flush()
            os.fsync(out.fileno())

    def _read(
        self, texts: Sequence[str], advance: Callable[[int], None]
    ) -> tuple[Vectors, list[PassageWords]]:
        vectors: list[Vectors] = []
        words: list[PassageWords] = []
        analysed = analysed_ahead(texts)
        while part := list(islice(analysed, _TEXTS)):
            vectors.append(self._encoder.encode(part))
            words += map(PassageWords.of, part)
            advance(len(words))
        return np.concatenate(vectors), words

    def _index_words(self) -> None:
        counts, terms, sizes, lengths = WordCounts(), [], [], []
        vocabulary: dict[str, int] = {}
        files = self._blocks()
        with progress("Indexing words") as advance:
            for number, file in enumerate(files, start=1):
                block = Block.read(file)
                for word in block.words:
                    vocabulary[word] = len(vocabulary)
                counts.merge(block.counts)
                terms.append(block.terms)
                sizes.append(block.sizes)
                lengths.append(block.lengths)
                advance(number, len(files))
        np.save(self._folder / CENTROIDS_FILE, np.concatenate(lengths), allow_pickle=False)
        arrays = word_arrays(
            np.concatenate(terms), np.concatenate(sizes), self.passages.owners, len(vocabulary)
        )
        save_words(self._folder, vocabulary, arrays)
        step = max(1, len(self.passages.entries) // _SEEN)
        seen = Passages.of_each(self.passages.entries[::step])
        query_layer = QueryLayer.of_vocabulary(counts.usual(_USUAL_WORDS), seen)
        (self._folder / QUERY_LAYER_FILE).write_bytes(query_layer.dump())

    def _asked(self) -> Vectors:
        """Return vectors of texts that are near to stored ones: these without their first word."""
        rows = np.linspace(0, len(self.passages) - 1, min(_ASKED, len(self.passages)), dtype=int)
        texts = [self.passages.texts[row] for row in np.unique(rows).tolist()]
        return self._encoder.encode([text.partition(" ")[2] or text for text in texts])


def _is_shared(file: Path) -> bool:
    return file.exists() and file.stat().st_nlink > 1


def _watched(entries: Sequence[FaqEntry], advance: Advance) -> Iterator[FaqEntry]:
    for number, entry in enumerate(entries, start=1):
        yield entry
        if number % _BLOCK == 0 or number == len(entries):
            advance(number, len(entries))

"""A generation of a FAQ that is too large to hold: made block by block, resumed where it was."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mundap.index.bundle.known_texts import versions
from mundap.index.bundle.large_contents import LARGE_FILES, QUERY_LAYER_FILE
from mundap.index.bundle.manifest import RETRIEVAL, EncoderRecord, FileRecord, Manifest
from mundap.index.durable import link_or_copy, replaced_file, sync
from mundap.index.encoders.encoder import Encoder, Vectors
from mundap.index.engines.stored_engine import (
    LISTS_FILE,
    ROWS_FILE,
    Effort,
    StoredEngine,
    index_rows,
    write_effort,
    write_lists,
)
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.passage_words import PassageWords
from mundap.index.faq.passages.passages import Passages
from mundap.index.faq.passages.stored_passages import ENTRIES_FILE, StoredPassages, write_passages
from mundap.index.mapped_array import mapped
from mundap.index.progress import progress
from mundap.index.query.query_layer import QueryLayer
from mundap.index.query.vocabulary import WordCounts
from mundap.index.search.confidence import Confidence
from mundap.index.search.dense import CENTROIDS_FILE, centroid_lengths
from mundap.index.search.fusion import Fusion
from mundap.index.search.word_arrays import save_words, word_arrays

Advance = Callable[[int, int], None]

# What makes no sense of so many, or takes as long as all else.
LEFT_OUT = (
    "Names are not learned: words are those of the analyser's dictionary.",
    "What is to be mended is not looked for: `mundap data lint` does.",
    "Weights and confidence are the usual ones: they are not fitted to so many entries.",
    "Ids that the file does not name are those of the texts, and not kept where a text changes.",
    "Entries that say the same under two ids are two.",
)
_KEY_FILE, _BLOCKS = "key.json", "blocks"
# Entries after which a killed build need not start again; and texts that are read at once, of
# which the analyser still knows the words when the encoder has read them.
_BLOCK, _TEXTS = 8192, 256
# Words of each kind that a slip is repaired to, and entries in which they are seen side by side.
_USUAL_WORDS, _SEEN = 100_000, 20_000
# Queries by which recall is measured: entries without their first word.
_ASKED = 200


@dataclass(frozen=True, slots=True)
class Block:
    """What is kept of some entries besides their vectors."""

    terms: NDArray[np.int32]
    sizes: NDArray[np.int64]
    lengths: NDArray[np.float32]
    words: list[str]
    counts: bytes

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
        with np.load(file, allow_pickle=False) as stored:
            words = json.loads(stored["words"].tobytes())
            counts = stored["counts"].tobytes()
            return cls(stored["terms"], stored["sizes"], stored["lengths"], words, counts)


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
        """Make `LARGE_FILES`."""
        self._encode(advance)
        rows = mapped(self._folder / ROWS_FILE)
        with progress("Indexing vectors") as indexed:
            if not (self._folder / LISTS_FILE).exists():
                lists = index_rows(rows, indexed)
                with replaced_file(self._folder / LISTS_FILE) as partial:
                    write_lists(lists, partial)
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

    def remove(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self._folder)

    def _take_up(self) -> None:
        """Leave of an earlier build what is of use to this one."""
        key = {
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
        done = self._blocks()
        for file in done:
            for word in Block.read(file).words:
                known[word] = len(known)
        bounds = self.passages.bounds
        begun = len(done) * _BLOCK
        total = len(self.passages) - int(bounds[min(begun, len(bounds) - 1)])
        made = 0
        for first in range(begun, len(self.passages.entries), _BLOCK):
            place = slice(*bounds[[first, min(first + _BLOCK, len(bounds) - 1)]].tolist())
            part = Passages.of_each(self.passages.entries[first : first + _BLOCK])
            vectors, words = self._read(part.texts, lambda n: advance(made + n, total))  # noqa: B023
            half = vectors.astype(np.float16)
            self._write(half, place.start)
            _block(part, half.astype(np.float32), words, known).write(
                self._folder / _BLOCKS / f"{first // _BLOCK:06d}.npz"
            )
            made += len(part)

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
        for first in range(0, len(texts), _TEXTS):
            part = texts[first : first + _TEXTS]
            vectors.append(self._encoder.encode(part))
            words += map(PassageWords.of, part)
            advance(first + len(part))
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


def _block(
    part: Passages, vectors: Vectors, words: Sequence[PassageWords], known: dict[str, int]
) -> Block:
    """Return what is kept of entries; new words are added to `known`."""
    before = len(known)
    terms = [known.setdefault(form, len(known)) for each in words for form in each.forms]
    counts = WordCounts()
    counts.add(part.texts, words)
    lengths = centroid_lengths(lambda rows: vectors[rows], part)
    sizes = np.array([len(each.forms) for each in words], dtype=np.int64)
    new = [*known][before:]
    return Block(np.array(terms, np.int32), sizes, lengths, new, counts.dump())


def _is_shared(file: Path) -> bool:
    return file.exists() and file.stat().st_nlink > 1


def _watched(entries: Sequence[FaqEntry], advance: Advance) -> Iterator[FaqEntry]:
    for number, entry in enumerate(entries, start=1):
        yield entry
        if number % _BLOCK == 0 or number == len(entries):
            advance(number, len(entries))

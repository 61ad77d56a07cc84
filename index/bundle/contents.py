"""What lies in one generation, written and read."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mundap.index.bundle.encoder_store import EncoderStore
from mundap.index.bundle.findings import FINDINGS_FILE, dump_findings
from mundap.index.bundle.known_texts import (
    CANDIDATES_FILE,
    CONTENT_WORDS_FILE,
    NAMES_FILE,
    WORDS_FILE,
    read_names,
)
from mundap.index.bundle.large_contents import QUERY_LAYER_FILE, open_large
from mundap.index.bundle.manifest import READING, BundleError, Manifest
from mundap.index.encoders.encoder import Encoder, PieceEncoder
from mundap.index.engines.engine import Engine
from mundap.index.engines.milvus_place import MilvusPlace
from mundap.index.faq.entry import FaqEntry, dump_jsonl, load_jsonl
from mundap.index.faq.passages.name_candidates import dump_candidates
from mundap.index.faq.passages.name_learning import NameLearning
from mundap.index.faq.passages.passage_words import PassageWords, dump_words
from mundap.index.faq.passages.passages import Passages
from mundap.index.faq.problems import FaqProblem
from mundap.index.query.query_layer import QueryLayer
from mundap.index.search.confidence import Confidence
from mundap.index.search.content import ContentRetriever
from mundap.index.search.dense import DenseRetriever
from mundap.index.search.fusion import Fusion
from mundap.index.search.lexical import LEXICAL_FILES, LexicalIndex
from mundap.index.search.retriever import Retriever

# The folder of what a pretrained encoder has read.
CONTENT = "content"
FAQ_FILE = "faq.jsonl"
FUSION_FILE, CONFIDENCE_FILE = "fusion.json", "confidence.json"
FILES = (
    FAQ_FILE,
    *LEXICAL_FILES,
    QUERY_LAYER_FILE,
    WORDS_FILE,
    NAMES_FILE,
    CANDIDATES_FILE,
    FUSION_FILE,
    CONFIDENCE_FILE,
    FINDINGS_FILE,
)


_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Contents:
    """What is searched, and how sure its best hits are."""

    retriever: Retriever
    confidence: Confidence

    def write(
        self,
        directory: Path,
        words: Sequence[PassageWords],
        learned: NameLearning,
        findings: Sequence[FaqProblem],
    ) -> None:
        """Write `files` into `directory`; `words` are those of each passage.

        `findings` are what is to be mended in the FAQ.
        """
        retriever = self.retriever
        texts = {
            FAQ_FILE: dump_jsonl(retriever.passages.entries),
            WORDS_FILE: dump_words(words),
            NAMES_FILE: learned.dump(),
            CANDIDATES_FILE: dump_candidates(learned.texts),
            FUSION_FILE: retriever.fusion.to_json(),
            CONFIDENCE_FILE: self.confidence.to_json(),
            FINDINGS_FILE: dump_findings(findings),
        }
        for name, text in texts.items():
            (directory / name).write_text(text, encoding="utf-8")
        retriever.dense.seal(directory)
        retriever.lexical_index.save(directory)
        if retriever.content is not None:
            retriever.content.seal(directory / CONTENT)
            words_of_contents = map(_line, retriever.content.words.tokens)
            (directory / CONTENT_WORDS_FILE).write_text("".join(words_of_contents), "utf-8")
        (directory / QUERY_LAYER_FILE).write_bytes(retriever.query_layer.dump())

    @property
    def engines(self) -> list[Engine]:
        """What keeps the vectors of each index."""
        dense, content = self.retriever.dense, self.retriever.content
        legs = [dense, content.phrasings, content.contents] if content else [dense]
        return [leg.engine for leg in legs]

    def kept_in(self, place: MilvusPlace, generation: int) -> "Contents":
        """Return the same with all vectors in collections of a generation; raises EngineError."""
        whole = self.retriever

        def moved(dense: DenseRetriever, index: str) -> DenseRetriever:
            vectors, categories = dense.engine.vectors(), dense.passages.categories
            return dense.kept_by(place.build(generation, index, vectors, categories))

        content = whole.content and replace(
            whole.content,
            phrasings=moved(whole.content.phrasings, "phrasings"),
            contents=moved(whole.content.contents, "contents"),
        )
        dense = moved(whole.dense, "dense")
        retriever = Retriever(dense, whole.lexical_index, whole.query_layer, whole.fusion, content)
        return Contents(retriever, self.confidence)

    @property
    def files(self) -> tuple[str, ...]:
        """The names of what `write` writes."""
        files = (*FILES, *self.retriever.dense.files)
        if self.retriever.content is None:
            return files
        own = (f"{CONTENT}/{name}" for name in self.retriever.content.files)
        return (*files, *own, CONTENT_WORDS_FILE)

    @classmethod
    def read(
        cls,
        path: Path,
        manifest: Manifest,
        encoder: Encoder | None = None,
        pretrained: PieceEncoder | None = None,
    ) -> "Contents":
        """Verify and load a generation; without encoders those that the bundle holds.

        Where its pretrained encoder cannot run, the reason is logged and the FAQ is searched
        without. Raises BundleError, naming both values, where something does not agree.
        """
        manifest.verify(path)
        encoder = encoder if encoder is not None else _encoder_of(path, manifest)
        manifest.require_encoder(encoder.fingerprint, encoder.dimension, path)
        if manifest.large:
            return cls._read_large(path, manifest, encoder)
        reader = _pretrained_of(path, manifest, pretrained)
        try:
            passages = Passages.of(read_entries(path))
            dense = DenseRetriever.open(path, encoder, passages)
            fusion = Fusion.from_json((path / FUSION_FILE).read_text(encoding="utf-8"))
            names = read_names(path, manifest).names
            query_layer = QueryLayer.load((path / QUERY_LAYER_FILE).read_bytes(), names)
            confidence = read_confidence(path)
            content = None
            if reader is not None:
                content = ContentRetriever.open(path / CONTENT, reader, passages, names)
            words = LexicalIndex.load(path, passages, names)
            retriever = Retriever(dense, words, query_layer, fusion, content)
            if READING in manifest.encoders and content is None:
                retriever = without_content(retriever)
                confidence = retriever.usual_confidence()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BundleError(f"{path}: {error}") from None
        if dense.engine.dimension != manifest.dimension:
            raise BundleError(
                f"{path}: vectors of dimension {dense.engine.dimension}, but the manifest records "
                f"{manifest.dimension}. Rebuild with `mundap index build`."
            )
        if confidence.encoder not in ("", manifest.encoder):
            raise BundleError(
                f"{path}: its confidence was fitted on encoder {confidence.encoder}, but its "
                f"vectors are of {manifest.encoder}. Rebuild with `mundap index build`."
            )
        return cls(retriever, confidence)

    @classmethod
    def _read_large(cls, path: Path, manifest: Manifest, encoder: Encoder) -> "Contents":
        try:
            fusion = Fusion.from_json((path / FUSION_FILE).read_text(encoding="utf-8"))
            amended = "amended" in manifest.large
            retriever = open_large(path, encoder, fusion, amended=amended)
            return cls(retriever, read_confidence(path))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BundleError(f"{path}: {error}") from None


def _line(words: Sequence[str]) -> str:
    return json.dumps(words, ensure_ascii=False) + "\n"


def read_entries(path: Path) -> list[FaqEntry]:
    """Read the FAQ of a generation, in its order."""
    with (path / FAQ_FILE).open(encoding="utf-8", newline="\n") as lines:
        return load_jsonl(lines)


def read_confidence(path: Path) -> Confidence:
    """Read the confidence that was fitted for a generation."""
    return Confidence.from_json((path / CONFIDENCE_FILE).read_text(encoding="utf-8"))


def without_content(retriever: Retriever) -> Retriever:
    """Return a retriever of the same entries with the usual weights of one without `content`."""
    return Retriever(retriever.dense, retriever.lexical_index, retriever.query_layer)


def _pretrained_of(
    path: Path, manifest: Manifest, given: PieceEncoder | None
) -> PieceEncoder | None:
    record = manifest.encoders.get(READING)
    if record is None:
        return None
    if given is not None and given.fingerprint == record.fingerprint:
        return given
    try:
        return EncoderStore(path.parent.parent).load_pretrained(manifest)
    except BundleError as error:
        _LOG.warning("%s: %s It is searched without, which answers fewer questions.", path, error)
        return None


def _encoder_of(path: Path, manifest: Manifest) -> Encoder:
    try:
        return EncoderStore(path.parent.parent).load(manifest)
    except BundleError as error:
        raise BundleError(f"{path}: {error}") from None

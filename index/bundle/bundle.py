"""A searchable FAQ on disk: entries, vectors, words, confidence and what made them."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mundap.index.bundle.generations import KEEP, Generations
from mundap.index.bundle.known_texts import WORDS_FILE, Advance, KnownTexts, versions
from mundap.index.bundle.manifest import BundleError, FileRecord, Manifest
from mundap.index.encoders.encoder import Encoder, EncoderError, load_encoder
from mundap.index.engines.faiss_kinds import INDEX_KINDS, IndexKind, kind_for
from mundap.index.faq.entry import FaqEntry, dump_jsonl, load_jsonl
from mundap.index.faq.passage_words import dump_words
from mundap.index.faq.passages import Passages
from mundap.index.query.query_layer import QueryLayer
from mundap.index.search.confidence import Confidence
from mundap.index.search.dense import DENSE_FILES, DenseRetriever
from mundap.index.search.fusion import Fusion
from mundap.index.search.lexical import LEXICAL_FILES, LexicalIndex
from mundap.index.search.retriever import Retriever

FAQ_FILE = "faq.jsonl"
FUSION_FILE, CONFIDENCE_FILE = "fusion.json", "confidence.json"
QUERY_LAYER_FILE = "query_layer.npz"
FILES = (
    FAQ_FILE,
    *DENSE_FILES,
    *LEXICAL_FILES,
    QUERY_LAYER_FILE,
    WORDS_FILE,
    FUSION_FILE,
    CONFIDENCE_FILE,
)

Fuse = Callable[[Retriever], Fusion]
Calibrate = Callable[[Retriever], Confidence]

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Bundle:
    """One verified generation, ready to search."""

    path: Path
    manifest: Manifest
    retriever: Retriever
    confidence: Confidence

    @classmethod
    def build(
        cls,
        directory: Path,
        entries: Sequence[FaqEntry],
        encoder: Encoder,
        *,
        encoder_source: str,
        kind: str = "auto",
        fuse: Fuse = lambda retriever: retriever.fusion,
        calibrate: Calibrate = lambda retriever: Confidence(),
        keep: int = KEEP,
        wait: float = 0.0,
        advance: Advance = lambda done, total: None,
    ) -> Manifest:
        """Write a new generation of `entries` below `directory` and make it the current one.

        Vectors and words of texts that the current generation already holds are taken over when
        the encoder is the same. `fuse` gets the retriever and returns the weights of its signals;
        `calibrate` gets it with those and returns the confidence that is fitted to it. Raises
        BundleError when there is nothing to index or another writer is at work for more than
        `wait` seconds; the serving generation stays as it is.
        """
        if not entries:
            raise BundleError(f"{directory}: 0 entries to index; wanted at least 1.")
        if kind not in (*INDEX_KINDS, "auto"):
            raise BundleError(f"index kind {kind!r}; wanted auto, {', '.join(INDEX_KINDS)}.")
        generations = Generations(Path(directory))
        with generations.writing(wait=wait):
            passages = Passages.of(entries)
            chosen = kind_for(len(passages), kind)  # type: ignore[arg-type]
            known = _known_texts(generations, encoder, chosen)
            vectors, encoded = known.encode(passages, encoder, advance)
            words = known.words_of(passages)
            dense = DenseRetriever.of_vectors(encoder, passages, vectors, chosen)
            lexical_index = LexicalIndex.build(passages, [found.forms for found in words])
            query_layer = QueryLayer.of(passages, words)
            fusion = fuse(Retriever(dense, lexical_index, query_layer))
            retriever = Retriever(dense, lexical_index, query_layer, fusion)
            confidence = calibrate(retriever)

            def fill(partial: Path, number: int) -> None:
                texts = {
                    FAQ_FILE: dump_jsonl(entries),
                    WORDS_FILE: dump_words(words),
                    FUSION_FILE: retriever.fusion.to_json(),
                    CONFIDENCE_FILE: confidence.to_json(),
                }
                for name, text in texts.items():
                    (partial / name).write_text(text, encoding="utf-8")
                dense.seal(partial)
                lexical_index.save(partial)
                (partial / QUERY_LAYER_FILE).write_bytes(query_layer.dump())
                manifest = Manifest(
                    generation=number,
                    created=datetime.now(UTC).isoformat(timespec="seconds"),
                    encoder=encoder.fingerprint,
                    encoder_source=encoder_source,
                    dimension=encoder.dimension,
                    index_kind=dense.engine.kind,
                    entries=len(entries),
                    passages=len(passages),
                    encoded=encoded,
                    faq_sha256=faq_digest(entries),
                    files={name: FileRecord.of(partial / name) for name in FILES},
                    versions=versions(),
                )
                manifest.write(partial)

            return Manifest.read(generations.publish(fill, keep=keep))

    @classmethod
    def open(cls, directory: Path, encoder: Encoder | None = None) -> Bundle:
        """Verify and load the current generation of `directory`.

        Without `encoder`, the one the manifest names is loaded. When the current generation
        is damaged, the reason is logged and the newest good one before it serves instead.
        Raises BundleError, naming both values, when none can be searched.
        """
        generations = Generations(Path(directory))
        while True:
            stamp = generations.stamp()
            try:
                return cls._open_newest(generations, encoder)
            except BundleError:
                if generations.stamp() == stamp:
                    raise
                # Rebuilds have replaced and removed what was being opened: look again.

    @classmethod
    def _open_newest(cls, generations: Generations, encoder: Encoder | None) -> Bundle:
        serving = generations.current()
        older = [path for path in reversed(generations.paths()) if path.name < serving.name]
        first_error: BundleError | None = None
        for path in (serving, *older):
            try:
                bundle = cls.open_generation(path, encoder)
            except BundleError as error:
                first_error = first_error or error
                continue
            if first_error is not None:
                _LOG.warning("%s Generation %s serves instead.", first_error, path.name)
            return bundle
        assert first_error is not None
        raise first_error

    @classmethod
    def open_generation(cls, path: Path, encoder: Encoder | None = None) -> Bundle:
        """Verify and load one generation; see `open`."""
        manifest = Manifest.read(path)
        manifest.verify(path)
        encoder = encoder if encoder is not None else _encoder_of(manifest, path)
        manifest.require_encoder(encoder.fingerprint, encoder.dimension, path)
        try:
            with (path / FAQ_FILE).open(encoding="utf-8", newline="\n") as lines:
                passages = Passages.of(load_jsonl(lines))
            dense = DenseRetriever.open(path, encoder, passages)
            fusion = Fusion.from_json((path / FUSION_FILE).read_text(encoding="utf-8"))
            query_layer = QueryLayer.load((path / QUERY_LAYER_FILE).read_bytes())
            retriever = Retriever(dense, LexicalIndex.load(path, passages), query_layer, fusion)
            confidence = Confidence.from_json((path / CONFIDENCE_FILE).read_text(encoding="utf-8"))
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
        return cls(path, manifest, retriever, confidence)

    @property
    def entries(self) -> tuple[FaqEntry, ...]:
        """The FAQ of this generation, in its order."""
        return self.retriever.passages.entries


def verify_generation(path: Path) -> Manifest:
    """Check manifest and checksums of one generation; raises BundleError naming the difference."""
    manifest = Manifest.read(path)
    manifest.verify(path)
    return manifest


def is_good(path: Path) -> bool:
    """Whether a generation passes `verify_generation`."""
    try:
        verify_generation(path)
    except BundleError:
        return False
    return True


def faq_digest(entries: Sequence[FaqEntry]) -> str:
    """Return the SHA-256 of the entries; it tells whether a FAQ has changed since a build."""
    return hashlib.sha256(dump_jsonl(entries).encode()).hexdigest()


def _encoder_of(manifest: Manifest, path: Path) -> Encoder:
    try:
        return load_encoder(manifest.encoder_source)
    except EncoderError as error:
        raise BundleError(f"{path}: its encoder cannot be loaded. {error}") from None


def _known_texts(generations: Generations, encoder: Encoder, kind: IndexKind) -> KnownTexts:
    """Return what the current generation knows, for one of this kind.

    Nothing where another encoder made it, and no vectors where it keeps them less exactly.
    """
    try:
        bundle = Bundle.open_generation(generations.current(), encoder)
    except BundleError:
        return KnownTexts()  # none yet, damaged, or another encoder's: do everything anew
    known = KnownTexts.of(bundle.path, bundle.manifest, bundle.retriever)
    exact = kind == "fp16" or bundle.retriever.dense.engine.kind != "fp16"
    return known if exact else KnownTexts(words=known.words)

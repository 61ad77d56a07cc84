"""A searchable FAQ on disk: entries, vectors, words, confidence, and the encoder of them all."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mundap.index.bundle.contents import Contents
from mundap.index.bundle.encoder_store import EncoderStore
from mundap.index.bundle.generations import KEEP, Generations
from mundap.index.bundle.manifest import READING, RETRIEVAL, BundleError, Manifest
from mundap.index.bundle.writer import (
    BundleWriter,
    Calibrate,
    Fuse,
    Look,
    usual_look,
)
from mundap.index.encoders.encoder import Encoder, PieceEncoder
from mundap.index.faq.entry import FaqEntry
from mundap.index.progress import Advance
from mundap.index.search.confidence import Confidence
from mundap.index.search.retriever import Retriever

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
        encoder_directory: Path | None = None,
        pretrained: PieceEncoder | None = None,
        pretrained_directory: Path | None = None,
        kind: str = "auto",
        fuse: Fuse = lambda retriever: retriever.fusion,
        calibrate: Calibrate = Retriever.usual_confidence,
        look: Look = usual_look,
        keep: int = KEEP,
        wait: float = 0.0,
        advance: Advance = lambda done, total: None,
    ) -> Manifest:
        """Write a new generation of `entries` below `directory` and make it the current one.

        See `BundleWriter`, of which this is every step at once; whatever is raised, the serving
        generation stays as it is.
        """
        with BundleWriter.locked(directory, wait=wait) as writer:
            manifest = writer.seal(
                entries,
                encoder,
                encoder_directory=encoder_directory,
                pretrained=pretrained,
                pretrained_directory=pretrained_directory,
                kind=kind,
                fuse=fuse,
                calibrate=calibrate,
                look=look,
                advance=advance,
            )
            writer.promote(manifest.generation, encoder, pretrained)
            writer.prune(keep)
        return manifest

    @classmethod
    def open(
        cls,
        directory: Path,
        encoder: Encoder | None = None,
        pretrained: PieceEncoder | None = None,
    ) -> Bundle:
        """Verify and load the current generation of `directory`.

        Without `encoder` and `pretrained`, those that the bundle holds are loaded. When the
        current generation is damaged, the reason is logged and the last good one that served
        before it, and was not rejected, serves instead. Raises BundleError, naming both values,
        when none can be searched.
        """
        generations = Generations(Path(directory))
        while True:
            stamp = generations.stamp()
            try:
                return cls._open_newest(generations, encoder, pretrained)
            except BundleError:
                if generations.stamp() == stamp:
                    raise
                # Rebuilds have replaced and removed what was being opened: look again.

    @classmethod
    def _open_newest(
        cls,
        generations: Generations,
        encoder: Encoder | None,
        pretrained: PieceEncoder | None,
    ) -> Bundle:
        first_error: BundleError | None = None
        for path in (generations.current(), *generations.older()):
            try:
                bundle = cls.open_generation(path, encoder, pretrained)
            except BundleError as error:
                first_error = first_error or error
                continue
            if first_error is not None:
                _LOG.warning("%s Generation %s serves instead.", first_error, path.name)
            return bundle
        assert first_error is not None
        raise first_error

    @classmethod
    def open_generation(
        cls, path: Path, encoder: Encoder | None = None, pretrained: PieceEncoder | None = None
    ) -> Bundle:
        """Verify and load one generation; see `open`."""
        manifest = Manifest.read(path)
        contents = Contents.read(path, manifest, encoder, pretrained)
        return cls(path, manifest, contents.retriever, contents.confidence)

    @property
    def entries(self) -> Sequence[FaqEntry]:
        """The FAQ of this generation, in its order."""
        return self.retriever.passages.entries

    @property
    def directory(self) -> Path:
        """The bundle directory that this generation lies in."""
        return self.path.parent.parent

    def require_reader(self) -> None:
        """Raise BundleError with the reason where this generation is searched without its reader.

        That is its pretrained encoder: what cannot run is left out, see `Contents.read`.
        """
        if READING in self.manifest.encoders and self.retriever.content is None:
            EncoderStore(self.directory).load_pretrained(self.manifest)
            raise BundleError(f"{self.path}: its pretrained encoder runs again. Try once more.")

    @property
    def encoder_directory(self) -> Path | None:
        """Where its encoder lies; None for one that is an object of the caller's own."""
        return EncoderStore(self.directory).directory_of(self.manifest)


def verify_generation(path: Path) -> Manifest:
    """Check manifest, checksums and encoders of one generation.

    Raises BundleError naming what is missing or differs.
    """
    manifest = Manifest.read(path)
    manifest.verify(path)
    encoders = EncoderStore(path.parent.parent)
    for role, encoder in manifest.encoders.items():
        encoders.require_whole(encoder.fingerprint)
        path = encoders.path(encoder.fingerprint)
        found = encoders.directory_of(manifest) if role == RETRIEVAL else path
        if found is None or not found.is_dir():
            raise BundleError(f"{path}: missing. Rebuild with `mundap index build`.")
    return manifest


def is_good(path: Path) -> bool:
    """Whether a generation passes `verify_generation`."""
    try:
        verify_generation(path)
    except BundleError:
        return False
    return True

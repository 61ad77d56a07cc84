"""What a new generation takes over from the one that serves."""

from dataclasses import replace

from mundap.index.bundle.contents import FAQ_FILE, Contents, read_entries
from mundap.index.bundle.generations import Generations
from mundap.index.bundle.known_texts import KnownTexts
from mundap.index.bundle.manifest import (
    READING,
    RETRIEVAL,
    BundleError,
    FileRecord,
    Manifest,
)
from mundap.index.encoders.encoder import Encoder, PieceEncoder
from mundap.index.engines.engine import EngineAwayError
from mundap.index.engines.faiss_kinds import IndexKind
from mundap.index.faq.entry import FaqEntry


def current_entries(generations: Generations) -> list[FaqEntry]:
    """Return the FAQ of the current generation; none where it is damaged or there is none.

    Nor of one that is too large to hold.
    """
    try:
        path = generations.current()
        manifest = Manifest.read(path)
        if not manifest.large and manifest.files[FAQ_FILE] == FileRecord.of(path / FAQ_FILE):
            return read_entries(path)
    except (BundleError, OSError):
        pass
    return []


def known_texts(
    generations: Generations, encoder: Encoder, pretrained: PieceEncoder | None, kind: IndexKind
) -> KnownTexts:
    """Return what the current generation knows, for one of this kind.

    Nothing where another encoder made it, and no vectors where it keeps them less exactly.
    """
    try:
        path = generations.current()
        manifest = Manifest.read(path)
        record = manifest.encoders.get(READING)
        same = record and pretrained and record.fingerprint == pretrained.fingerprint
        if manifest.large:
            return KnownTexts()  # of too many texts to hold
        if not same:  # what another has read is of no use
            manifest = replace(manifest, encoders={RETRIEVAL: manifest.encoders[RETRIEVAL]})
        retriever = Contents.read(path, manifest, encoder, pretrained).retriever
        known = KnownTexts.of(path, manifest, retriever)
    except (BundleError, EngineAwayError):
        return KnownTexts()  # none yet, damaged, or another encoder's: do everything anew
    exact = kind == "fp16" or retriever.dense.engine.kind != "fp16"
    return known if exact else known.words_alone()

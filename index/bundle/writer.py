"""The one who changes a bundle: builds generations, lets them serve, takes them back."""

import hashlib
import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mundap.index.bundle.change import Change
from mundap.index.bundle.collections import Collections, as_bundle_error
from mundap.index.bundle.contents import Contents
from mundap.index.bundle.encoder_store import EncoderStore
from mundap.index.bundle.generations import KEEP, Generations
from mundap.index.bundle.known_texts import versions
from mundap.index.bundle.large import is_large
from mundap.index.bundle.large_build import LargeBuild
from mundap.index.bundle.manifest import (
    READING,
    RETRIEVAL,
    BundleError,
    EncoderRecord,
    FileRecord,
    Manifest,
)
from mundap.index.bundle.taken_over import current_entries, known_texts
from mundap.index.encoders.encoder import Encoder, PieceEncoder
from mundap.index.engines.engine import EngineError
from mundap.index.engines.faiss_kinds import INDEX_KINDS, kind_for
from mundap.index.engines.milvus_place import MilvusPlace
from mundap.index.faq.entry import FaqEntry, dump_jsonl
from mundap.index.faq.kept_ids import keep_ids
from mundap.index.faq.passages.passages import Passages
from mundap.index.faq.problems import FaqProblem, find_problems
from mundap.index.first_line import first_line
from mundap.index.progress import Advance
from mundap.index.query.query_layer import QueryLayer
from mundap.index.search.confidence import Confidence
from mundap.index.search.dense import DenseRetriever
from mundap.index.search.fusion import Fusion
from mundap.index.search.lexical import LexicalIndex
from mundap.index.search.retriever import Retriever

# What a killed build of a large FAQ left, and the next goes on with.
_BUILDING = ".building"

Fuse = Callable[[Retriever], Fusion]
Calibrate = Callable[[Retriever], Confidence]
Look = Callable[[Retriever], Sequence[FaqProblem]]


def usual_look(retriever: Retriever) -> Sequence[FaqProblem]:
    """Return what the texts alone show to be mended in the FAQ of a retriever."""
    return find_problems(retriever.passages.entries)


@dataclass(frozen=True, slots=True)
class BundleWriter:
    """Changes one bundle directory, which nobody else changes meanwhile; see `locked`."""

    generations: Generations
    encoders: EncoderStore

    @classmethod
    @contextmanager
    def locked(cls, directory: Path, *, wait: float = 0.0) -> Iterator["BundleWriter"]:
        """Give a writer; what a change is made from is to be read after this, not before.

        Raises BundleError when another writer is at work for more than `wait` seconds.
        """
        generations = Generations(Path(directory))
        with generations.writing(wait=wait):
            yield cls(generations, EncoderStore(generations.directory))

    def seal(
        self,
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
        milvus: MilvusPlace | None = None,
        ids_stay: bool = False,
        advance: Advance = lambda done, total: None,
    ) -> Manifest:
        """Write a new generation of `entries` that nothing serves yet.

        `encoder_directory` is where `encoder` was loaded from: it is copied into the bundle. One
        that lies nowhere has to be given to whoever opens the bundle. The same holds for
        `pretrained`, which reads questions with their answers where it is given. Ids that the FAQ
        does not name are those that the current generation gave, see `keep_ids`, but with
        `ids_stay`. What it knows of a text is taken over when the encoder is the same.
        `fuse` gets the retriever and returns the weights of its signals; `calibrate` gets it with
        those and returns the confidence that is fitted to it; `look` gets it and returns what is to
        be mended in the FAQ. With `milvus` vectors are kept there, once all is fitted here. Of a
        large FAQ without either, which is made in files as `LargeBuild` says unless `ids_stay`,
        none of the three is called. Raises BundleError when there is nothing to index; whatever it
        raises, nothing has changed.
        """
        if not entries:
            raise BundleError(f"{self._directory}: 0 entries to index; wanted at least 1.")
        if kind not in (*INDEX_KINDS, "auto"):
            raise BundleError(f"index kind {kind!r}; wanted auto, {', '.join(INDEX_KINDS)}.")
        if milvus is not None:
            with as_bundle_error(self._directory):
                # Better now than after an hour.
                milvus.require_reachable()
                self._collections.clean(milvus)
            kind = "flat"
        # What is edited in a store is held in memory there, too.
        in_files = pretrained is None and kind == "auto" and not ids_stay
        if in_files and is_large(len(entries)):
            return self._seal_large(entries, encoder, encoder_directory, advance)
        if not ids_stay:
            entries = keep_ids(entries, current_entries(self.generations))
        passages = Passages.of(entries)
        chosen = kind_for(len(passages), kind)  # type: ignore[arg-type]
        known = known_texts(self.generations, encoder, pretrained, chosen)
        vectors, encoded = known.encode(passages, encoder, advance)
        learned = known.learn_names(entries)
        names = learned.names
        words = known.words_of(passages, names)
        dense = DenseRetriever.of_vectors(encoder, passages, vectors, chosen)
        lexical_index = LexicalIndex.build(passages, [found.forms for found in words], names)
        query_layer = QueryLayer.of(passages, words, names)
        content = None if pretrained is None else known.read(passages, pretrained, names, advance)
        fusion = fuse(Retriever(dense, lexical_index, query_layer, content=content))
        retriever = Retriever(dense, lexical_index, query_layer, fusion, content)
        contents, findings = Contents(retriever, calibrate(retriever)), look(retriever)

        def fill(partial: Path, number: int) -> None:
            nonlocal contents
            if milvus is not None:
                self._collections.begin(milvus, number)
                contents = contents.kept_in(milvus, number)
            contents.write(partial, words, learned, findings)
            Manifest(
                generation=number,
                created=datetime.now(UTC).isoformat(timespec="seconds"),
                encoders=_records(encoder, pretrained),
                index_kind=contents.retriever.dense.engine.kind,
                entries=len(passages.entries),
                passages=len(passages),
                encoded=encoded,
                faq_sha256=faq_digest(entries),
                files={name: FileRecord.of(partial / name) for name in contents.files},
                versions=versions(),
                milvus=milvus,
            ).write(partial)

        # What a killed build of a larger FAQ left is of no use any more.
        shutil.rmtree(self._directory / _BUILDING, ignore_errors=True)
        with self._whole_or_not_at_all(), as_bundle_error(self._directory):
            if encoder_directory is not None:
                self.encoders.add(encoder_directory, encoder.fingerprint)
            if pretrained is not None and pretrained_directory is not None:
                self.encoders.add(pretrained_directory, pretrained.fingerprint)
            return Manifest.read(self.generations.seal(fill))

    def _seal_large(
        self,
        entries: Sequence[FaqEntry],
        encoder: Encoder,
        encoder_directory: Path | None,
        advance: Advance,
    ) -> Manifest:
        """Do what `seal` does, in files; see `LargeBuild`, which a killed process goes on with."""
        with self._whole_or_not_at_all():
            build = LargeBuild(self._directory / _BUILDING, entries, encoder)
            try:
                build.make(advance)
                if encoder_directory is not None:
                    self.encoders.add(encoder_directory, encoder.fingerprint)
                manifest = Manifest.read(self.generations.seal(build.fill))
            except OSError as error:
                raise OSError(f"{error.strerror or first_line(error)}; {build.room()}") from None
            build.remove()
            return manifest

    def amend(
        self,
        changed: Sequence[FaqEntry],
        removed: Collection[str] = (),
        encoder: Encoder | None = None,
    ) -> Manifest:
        """Write a generation of the serving large FAQ with some entries changed, new or gone.

        An entry takes the place of that of its id. Nothing serves it yet. Raises BundleError where
        what serves is no large FAQ, an id to remove is none of its, or too many entries differ by
        now from what its files were made of.
        """
        path = self.generations.current()
        change = Change.of(path, Manifest.read(path), changed, removed)
        used = encoder or self.encoders.load(change.manifest)
        change.manifest.require_encoder(used.fingerprint, used.dimension, path)
        with self._whole_or_not_at_all():
            sealed = self.generations.seal(lambda partial, no: change.fill(partial, no, used))
            return Manifest.read(sealed)

    def milvus(self) -> MilvusPlace | None:
        """Return where the current generation keeps its vectors, if not here."""
        try:
            return Manifest.read(self.generations.current()).milvus
        except BundleError:  # none yet, or damaged
            return None

    def promote(
        self,
        number: int,
        encoder: Encoder | None = None,
        pretrained: PieceEncoder | None = None,
    ) -> None:
        """Let a sealed generation serve, once it opens with its encoder.

        `encoder` and `pretrained` are those that it was built with, for ones that the bundle does
        not hold. Raises BundleError, and then what served goes on serving.
        """
        path = self.generations.path(number)
        self.generations.promote(path, lambda path: self._open(path, encoder, pretrained))

    def rollback(self, encoder: Encoder | None = None) -> Path:
        """Let the last generation that served before, and opens, serve again, and return it.

        The one that it replaces is rejected. Raises BundleError when there is none.
        """
        return self.generations.rollback(lambda path: self._open(path, encoder))

    def prune(self, keep: int = KEEP) -> None:
        """Remove generations as `Generations.prune` does, then the encoders that none left uses."""
        before = self._collections.places()
        self.generations.prune(keep)
        self._collections.drop_gone(before)
        self._keep_used_encoders()

    @property
    def _directory(self) -> Path:
        return self.generations.directory

    @property
    def _collections(self) -> Collections:
        return Collections(self.generations)

    @contextmanager
    def _whole_or_not_at_all(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = error.strerror or first_line(error)
            raise BundleError(
                f"{self._directory}: the generation could not be written ({reason}). What serves "
                "stays."
            ) from None
        finally:
            with suppress(EngineError):  # its note stays for the next writer
                self._collections.clean()
            self._keep_used_encoders()

    def _keep_used_encoders(self) -> None:
        used = set()
        for path in self.generations.paths():
            with suppress(BundleError):  # a damaged one uses nothing any more
                encoders = Manifest.read(path).encoders.values()
                used |= {encoder.fingerprint for encoder in encoders}
        self.encoders.keep(used)

    def _open(
        self, path: Path, encoder: Encoder | None, pretrained: PieceEncoder | None = None
    ) -> None:
        manifest = Manifest.read(path)
        if encoder is None or encoder.fingerprint != manifest.encoder:
            encoder = None
        else:  # that it is loaded says nothing of the next start
            self.encoders.require_whole(manifest.encoder)
        contents = Contents.read(path, manifest, encoder, pretrained)
        with as_bundle_error(path):
            for engine in contents.engines:
                engine.verify()
            if manifest.milvus is not None:
                manifest.milvus.point(manifest.generation)


def _records(encoder: Encoder, pretrained: PieceEncoder | None) -> dict[str, EncoderRecord]:
    roles: dict[str, Encoder | None] = {RETRIEVAL: encoder, READING: pretrained}
    return {
        role: EncoderRecord(one.fingerprint, one.dimension)
        for role, one in roles.items()
        if one is not None
    }


def faq_digest(entries: Sequence[FaqEntry]) -> str:
    """Return the SHA-256 of the entries; it tells whether a FAQ has changed since a build."""
    return hashlib.sha256(dump_jsonl(entries).encode()).hexdigest()

"""The bundle that serves now; follows rebuilds and roll-backs without a restart."""

import asyncio
import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.generations import Generations
from mundap.index.bundle.manifest import Manifest
from mundap.index.bundle.writer import BundleWriter
from mundap.index.encoders.encoder import Encoder
from mundap.index.engines.engine import EngineAwayError

_LOG = logging.getLogger(__name__)
# Any word will do.
_PROBE = "문답"


class Serving(Protocol):
    """Whatever says which generation answers."""

    def get(self) -> Bundle:
        """Return the generation to answer this question with."""


class LiveBundle:
    """Hands out the generation that CURRENT names; a request keeps the one it was handed.

    A look at CURRENT costs microseconds, so every request takes it. Who is the first to see
    another generation there waits, as all who come meanwhile, until a thread beside them has
    opened it. One that cannot be opened is reported once, and the one in memory goes on serving.
    """

    def __init__(self, directory: Path, bundle: Bundle, stamp: tuple[int, int]) -> None:
        self._generations = Generations(directory)
        # As it lies on disk, and as it answers.
        self._loaded = self._bundle = bundle
        self._target: float | None = None
        self._stamp = stamp
        self._lock = threading.Lock()
        self._loading: Future[None] | None = None
        # Always the same thread: the analyser keeps memory for each that has used it.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="mundap-reload")

    @classmethod
    def open(cls, directory: Path, encoder: Encoder | None = None) -> "LiveBundle":
        """Open the current generation; raises BundleError when there is none to serve."""
        stamp = Generations(directory).stamp()
        return cls(directory, Bundle.open(directory, encoder), stamp)

    def get(self) -> Bundle:
        """Return the bundle to serve this request with: the newest, loaded first if need be.

        An event loop must not wait: within one it is what is loaded. `newest` waits there.
        """
        while (loading := self._load_newer()) is not None and not _in_event_loop():
            loading.result()
        return self._bundle

    async def newest(self) -> Bundle:
        """Do what `get` does, while the event loop goes on."""
        while (loading := self._load_newer()) is not None:
            await asyncio.shield(asyncio.wrap_future(loading))
        return self._bundle

    def answer_from(self, target: float | None) -> None:
        """Answer where that is as likely right as `target`; None: as each generation says."""
        self._target = target
        self._bundle = self._with_target(self._loaded)

    def _with_target(self, bundle: Bundle) -> Bundle:
        if self._target is None:
            return bundle
        return replace(bundle, confidence=replace(bundle.confidence, answer=self._target))

    def rollback(self) -> int:
        """Take back the generation that serves, and return the number of the one before it.

        Raises BundleError when there is none, or another writer is at work.
        """
        with BundleWriter.locked(self._generations.directory) as writer:
            path = writer.rollback(self._bundle.retriever.encoder)
        return int(path.name)

    def _load_newer(self) -> Future[None] | None:
        """Return the loading of what CURRENT names, begun now or before; None once it is done."""
        if self._generations.stamp() == self._stamp:
            return None
        with self._lock:
            stamp = self._generations.stamp()
            if stamp == self._stamp:  # done a moment ago
                return None
            if self._loading is None or self._loading.done():
                self._loading = self._thread.submit(self._load, stamp)
            return self._loading

    def _load(self, stamp: tuple[int, int]) -> None:
        try:
            path = self._generations.current()
            manifest = Manifest.read(path)
            if manifest != self._bundle.manifest:
                self._loaded = self._opened(path, manifest)
                self._bundle = self._with_target(self._loaded)
                _LOG.info("Serving generation %s.", path.name)
        except Exception as error:  # whatever it is: what is in memory answers
            serving = self._bundle.path.name
            _LOG.error("New generation refused: %s Generation %s goes on serving.", error, serving)
        finally:
            self._stamp = stamp

    def opened(self, number: int) -> Bundle:
        """Open another generation, which does not serve; raises BundleError."""
        path = self._generations.path(number)
        return self._with_target(
            self._thread.submit(self._opened, path, Manifest.read(path)).result()
        )

    def _opened(self, path: Path, manifest: Manifest) -> Bundle:
        """Open a generation, with the encoders in memory where they are that one's too."""
        encoder = self._bundle.retriever.encoder
        same = encoder.fingerprint == manifest.encoder
        content = self._bundle.retriever.content
        reader = content.encoder if content else None
        bundle = Bundle.open_generation(path, encoder if same else None, reader)
        # What a bundle computes once is computed before a visitor waits for it.
        with suppress(EngineAwayError):  # it was there when this generation was promoted
            bundle.retriever.rank([_PROBE], 1)
        return bundle


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True

"""The bundle that serves now; follows rebuilds without a restart."""

import logging
import threading
from pathlib import Path

from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.generations import Generations
from mundap.index.bundle.manifest import BundleError, Manifest
from mundap.index.encoders.encoder import Encoder

_LOG = logging.getLogger(__name__)
# Any word will do.
_PROBE = "문답"


class LiveBundle:
    """Hands out the newest good generation; a request keeps the one it was handed.

    A look at CURRENT costs microseconds, so every request takes it. A new generation is
    opened in a thread beside the requests and swapped in by reference. One that cannot be
    opened is reported once, and the one in memory goes on serving.
    """

    def __init__(self, directory: Path, bundle: Bundle, stamp: tuple[int, int]) -> None:
        self._generations = Generations(directory)
        self._bundle = bundle
        self._stamp = stamp
        self._lock = threading.Lock()
        self._reload: threading.Thread | None = None

    @classmethod
    def open(cls, directory: Path, encoder: Encoder | None = None) -> "LiveBundle":
        """Open the current generation; raises BundleError when there is none to serve."""
        stamp = Generations(directory).stamp()
        return cls(directory, Bundle.open(directory, encoder), stamp)

    def get(self) -> Bundle:
        """Return the bundle to serve this request with."""
        stamp = self._generations.stamp()
        if stamp != self._stamp:
            self._start_reload(stamp)
        return self._bundle

    def wait(self) -> None:
        """Return once no reload is under way."""
        reload = self._reload
        if reload is not None:
            reload.join()

    def _start_reload(self, stamp: tuple[int, int]) -> None:
        with self._lock:
            if stamp == self._stamp or (self._reload is not None and self._reload.is_alive()):
                return
            self._stamp = stamp
            self._reload = threading.Thread(target=self._load, name="mundap-reload", daemon=True)
            self._reload.start()

    def _load(self) -> None:
        try:
            path = self._generations.current()
            bundle = Bundle.open_generation(path, self._encoder_for(path))
            # What a bundle computes once is computed before a visitor waits for it.
            bundle.retriever.rank([_PROBE], 1)
            self._bundle = bundle
            _LOG.info("Serving generation %s.", path.name)
        except (ValueError, OSError) as error:
            serving = self._bundle.path.name
            _LOG.error("New generation refused: %s Generation %s goes on serving.", error, serving)

    def _encoder_for(self, path: Path) -> Encoder | None:
        """Return the encoder in memory where it is the new generation's too."""
        encoder = self._bundle.retriever.encoder
        try:
            same = Manifest.read(path).encoder == encoder.fingerprint
        except BundleError:
            return encoder
        return encoder if same else None

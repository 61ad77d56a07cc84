"""The encoders of a bundle, each once, whichever of its generations use it.

DIR/encoders/<fingerprint>/...   complete, never changed once it has its name
"""

import shutil
from collections.abc import Container
from contextlib import suppress
from pathlib import Path

from mundap.index.bundle.manifest import READING, BundleError, Manifest
from mundap.index.durable import replaced_directory
from mundap.index.encoders.encoder import (
    Encoder,
    EncoderError,
    PieceEncoder,
    directory_fingerprint,
)
from mundap.index.encoders.registry import encoder_directory, load_encoder, load_pretrained


class EncoderStore:
    """The encoders that lie in one bundle directory."""

    def __init__(self, directory: Path) -> None:
        self._folder = directory / "encoders"

    def path(self, fingerprint: str) -> Path:
        """Return where an encoder lies, or would."""
        return self._folder / fingerprint

    def add(self, source: Path, fingerprint: str) -> None:
        """Copy an encoder directory in, unless it is there and whole.

        A copy, not a link: who writes into the source later, and be it in place, changes nothing
        here. Raises BundleError when `source` is no longer what was loaded from it.
        """
        target = self.path(fingerprint)
        with suppress(BundleError):
            self.require_whole(fingerprint)
            if target.is_dir():
                return
        with replaced_directory(target) as partial:
            _copy(source, partial)
            found = directory_fingerprint(partial)
            if found != fingerprint:
                raise BundleError(
                    f"{source}: changed while it was read; it was encoder {fingerprint} and is "
                    f"{found} now. Build again."
                )

    def require_whole(self, fingerprint: str) -> None:
        """Raise BundleError naming both values when an encoder that lies here has changed."""
        path = self.path(fingerprint)
        if path.is_dir():
            _require(path, directory_fingerprint(path), fingerprint)

    def directory_of(self, manifest: Manifest) -> Path | None:
        """Return where the encoder of a generation lies, here or where format 3 found it.

        None where it lies nowhere, as an encoder that is an object of the caller's own.
        """
        found = [self.path(manifest.encoder)]
        if manifest.encoder_source:
            with suppress(EncoderError):
                found.append(encoder_directory(manifest.encoder_source))
        return next((path for path in found if path.is_dir()), None)

    def load_pretrained(self, manifest: Manifest) -> PieceEncoder:
        """Load the pretrained encoder of a generation; raises BundleError with the reason."""
        fingerprint = manifest.encoders[READING].fingerprint
        source = self.path(fingerprint)
        if not source.is_dir():
            raise BundleError(f"{source}: no such encoder directory.")
        try:
            encoder = load_pretrained(source)
        except EncoderError as error:
            raise BundleError(f"its pretrained encoder cannot be loaded. {error}") from None
        # Reading it has told: it is not read once more for that.
        _require(source, encoder.fingerprint, fingerprint)
        return encoder

    def load(self, manifest: Manifest) -> Encoder:
        """Load the encoder of a generation; raises BundleError saying why that fails."""
        source = self.directory_of(manifest)
        if source is None:
            raise BundleError(
                f"{manifest.encoder_source or self.path(manifest.encoder)}: no such encoder "
                "directory. Rebuild with `mundap index build`."
            )
        try:
            return load_encoder(source)
        except EncoderError as error:
            raise BundleError(f"its encoder cannot be loaded. {error}") from None

    def keep(self, fingerprints: Container[str]) -> None:
        """Remove every encoder but these, and what a killed writer left."""
        for path in self._folder.glob("*"):
            if path.name not in fingerprints:
                shutil.rmtree(path, ignore_errors=True)
        with suppress(OSError):  # not empty, or not there
            self._folder.rmdir()


def _require(path: Path, found: str, wanted: str) -> None:
    if found != wanted:
        raise BundleError(
            f"{path}: damaged, its fingerprint is {found} now. Rebuild with `mundap index build`."
        )


def _copy(source: Path, target: Path) -> None:
    """Copy the files below a directory, what links point to included, for everybody to read."""
    for file in source.rglob("*"):
        if file.is_file():
            copied = target / file.relative_to(source)
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copied)

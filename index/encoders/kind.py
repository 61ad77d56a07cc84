"""What is asked of an encoder's class, before one is loaded or without."""

from pathlib import Path
from typing import ClassVar, Protocol

from mundap.index.encoders.encoder import Encoder


class EncoderKind(Encoder, Protocol):
    """A way to keep an encoder in a directory, and what is usual for it."""

    # The embedded encoder and what was trained from it: quick, and small enough to train on a FAQ.
    is_embedded: ClassVar[bool]
    # Where training begins to look for the rate of an optimiser; None where nothing can train.
    learning_rate: ClassVar[float | None]
    # The file that turns cosines into similarity scores; None where five times the cosine must do.
    calibration: ClassVar[Path | None]
    # What it is called in a report.
    called: ClassVar[str]
    # Why there is nothing to export, as a sentence; "" where there is.
    not_exported: ClassVar[str]

    @classmethod
    def holds(cls, path_or_name: str | Path) -> bool:
        """Whether that names an encoder of this kind; reads a few small files at most."""

    @classmethod
    def directory(cls, path_or_name: str | Path) -> Path:
        """Return where its files lie, made or fetched where need be.

        Raises EncoderError with the reason where there are none.
        """

    @classmethod
    def load(cls, path_or_name: str | Path) -> Encoder:
        """Load what `holds` says yes to; raises EncoderError with the reason."""

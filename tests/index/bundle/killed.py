"""Changes of a bundle in a process that is killed at a chosen step; see test_kills."""

from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.writer import BundleWriter
from mundap.index.encoders.registry import load_encoder
from tests.index.bundle.dying import die_at
from tests.index.rebuilds import NEW


def build(directory: Path, encoder: Path) -> None:
    Bundle.build(directory, NEW, load_encoder(encoder), encoder_directory=encoder, keep=1)


def promote(directory: Path, encoder: Path) -> None:
    with BundleWriter.locked(directory) as writer:
        writer.promote(3)


def rollback(directory: Path, encoder: Path) -> None:
    with BundleWriter.locked(directory) as writer:
        writer.rollback()


def prune(directory: Path, encoder: Path) -> None:
    with BundleWriter.locked(directory) as writer:
        writer.prune(keep=1)


CHANGES: dict[str, Callable[[Path, Path], None]] = {
    change.__name__: change for change in (build, promote, rollback, prune)
}


def killed_at(step: int, change: str, directory: Path, encoder: Path, told: Connection) -> None:
    """Make a change and tell how many steps it took, or die just before the one of that number."""
    steps = die_at(step, directory)
    CHANGES[change](directory, encoder)
    told.send(steps())

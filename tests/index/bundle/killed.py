"""Changes of a bundle in a process that is killed at a chosen step; see test_kills."""

import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.writer import BundleWriter
from mundap.index.encoders.registry import load_encoder
from tests.index.rebuilds import NEW

# What changes a disk: `open` counts where it writes.
_STEPS = frozenset({"os.rename", "os.remove", "os.rmdir", "os.mkdir", "shutil.copyfile", "open"})


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
    taken = 0

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal taken
        if event not in _STEPS or not _below(directory, event, arguments):
            return
        if taken == step:
            os.kill(os.getpid(), signal.SIGKILL)
        taken += 1

    os.fsync = lambda descriptor: None  # a killed process loses nothing that the system holds
    sys.addaudithook(hook)
    CHANGES[change](directory, encoder)
    told.send(taken)


def _below(directory: Path, event: str, arguments: tuple[object, ...]) -> bool:
    if event == "open":
        path, _, flags = arguments
        return str(path).startswith(str(directory)) and bool(int(str(flags)) & os.O_ACCMODE)
    return any(str(argument).startswith(str(directory)) for argument in arguments[:2])

"""A process that is killed at a chosen step of what it does to the disk."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

# What changes a disk: `open` counts where it writes.
_STEPS = frozenset(
    {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "shutil.copyfile", "open"}
)


def die_at(step: int, directory: Path) -> Callable[[], int]:
    """Die just before the step of this number below `directory`; return what counts the steps."""
    taken = 0

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal taken
        if event not in _STEPS or not _writes(directory, event, arguments):
            return
        if taken == step:
            os.kill(os.getpid(), signal.SIGKILL)
        taken += 1

    os.fsync = lambda descriptor: None  # a killed process loses nothing that the system holds
    sys.addaudithook(hook)
    return lambda: taken


def _writes(directory: Path, event: str, arguments: tuple[object, ...]) -> bool:
    if event == "open":
        path, _, flags = arguments
        return str(path).startswith(str(directory)) and bool(int(str(flags)) & os.O_ACCMODE)
    return any(str(argument).startswith(str(directory)) for argument in arguments[:2])

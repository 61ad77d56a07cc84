"""Files and directories that take their place whole: written beside it, made durable, renamed."""

import ctypes
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4


@contextmanager
def replaced_file(target: Path) -> Iterator[Path]:
    """Give a path beside `target`; the file written there replaces `target` in one step.

    Where `target` is a symbolic link, what it points to is replaced and the link stays. Missing
    folders are made. An error within leaves what was at `target`; a killed process leaves besides
    at most a hidden file.
    """
    target = target.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = _beside(target)
    try:
        yield partial
        sync(partial)
        partial.replace(target)
        sync(target.parent)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def replaced_directory(target: Path) -> Iterator[Path]:
    """Give an empty directory beside `target`; filled, it takes the place of `target`.

    In one step, as of files, where the system can swap two directories (Linux). Elsewhere the old
    one moves aside first, and a process killed just then leaves it there under a hidden name.
    """
    target = target.resolve()
    partial, old = _beside(target), _beside(target)
    partial.mkdir(parents=True)
    try:
        yield partial
        sync_tree(partial)
        if not target.exists():
            partial.rename(target)
        elif not _swapped(partial, target):
            target.rename(old)
            partial.rename(target)
        sync(target.parent)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def link_or_copy(source: Path, target: Path) -> None:
    """Let a file that never changes lie at `target`, too; copied where that cannot be."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _swapped(one: Path, other: Path) -> bool:
    """Let two paths change places in one step; False where that cannot be done."""
    here, exchange = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux
    try:
        rename = ctypes.CDLL(None).renameat2
    except (AttributeError, OSError):
        return False
    swapped: bool = rename(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0
    return swapped


def sync_tree(directory: Path) -> None:
    """Do `sync` for a directory and everything below it."""
    for path in directory.rglob("*"):
        sync(path)
    sync(directory)


def sync(path: Path) -> None:
    """Make a file's content, or a directory's names, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _beside(target: Path) -> Path:
    # Same folder (a rename across file systems is no rename), same suffix (writers look at it).
    return target.with_name(f".{target.stem}-{uuid4().hex}{target.suffix}")

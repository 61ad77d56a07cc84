"""A disk of a given size, in memory, that runs full as any other does."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """Mount a file system of `size` bytes at `folder`; skip the test where nobody may."""
    folder.mkdir(exist_ok=True)
    mounted = _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))
    if mounted is None or mounted.returncode:
        why = "no `mount`" if mounted is None else mounted.stderr.strip()
        pytest.skip(f"a small disk cannot be mounted here: {why}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def resize(folder: Path, size: int) -> None:
    """Let the disk at `folder` have `size` bytes from now on."""
    _remount(folder, f"size={size}")


def read_only(folder: Path) -> None:
    """Let nobody write to the disk at `folder` any more."""
    _remount(folder, "ro")


def _remount(folder: Path, how: str) -> None:
    done = _mount("-o", f"remount,{how}", str(folder))
    assert done is not None
    assert done.returncode == 0, done.stderr


def _mount(*arguments: str) -> "subprocess.CompletedProcess[str] | None":
    try:
        return subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None

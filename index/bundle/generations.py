"""Numbered directories of which one is current: written whole, swapped in one step.

    DIR/generations/000001/...   complete, never changed once it has its name
    DIR/CURRENT                  one line: the name of the generation that serves
    DIR/.lock                    held by the one writer

A writer fills a temporary directory, makes it durable, renames it, and only then replaces
CURRENT. Killed at any moment it leaves the old CURRENT or the new one, both complete.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from filelock import FileLock, Timeout

from mundap.index.bundle.manifest import BundleError
from mundap.index.durable import replaced_file, sync, sync_tree

KEEP = 3

_FOLDER, _CURRENT, _LOCK = "generations", "CURRENT", ".lock"
_PARTIAL = ".partial-"


class Generations:
    """The generations of one bundle directory, oldest first."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._folder = directory / _FOLDER
        self._current = directory / _CURRENT

    def paths(self) -> list[Path]:
        """Return every complete generation, oldest first."""
        if not self._folder.is_dir():
            return []
        return sorted(path for path in self._folder.iterdir() if path.name.isdecimal())

    def current(self) -> Path:
        """Return the generation that serves; raises BundleError when there is none."""
        try:
            name = self._current.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            raise BundleError(
                f"{self.directory}: no index here. Build one with `mundap index build`."
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise BundleError(f"{self._current}: unreadable ({error}).") from None
        if not name.isdecimal():
            raise BundleError(
                f"{self._current}: holds {name[:40]!r}, wanted a number such as "
                "'000001'. Run `mundap index rollback` to point it at a complete generation."
            )
        return self._folder / name

    def stamp(self) -> tuple[int, int]:
        """Return a value that changes whenever CURRENT is replaced; (0, 0) without one."""
        try:
            status = os.stat(self._current)
        except OSError:
            return (0, 0)
        return (status.st_ino, status.st_mtime_ns)

    @contextmanager
    def writing(self, *, wait: float = 0.0) -> Iterator[None]:
        """Hold the write lock; raises BundleError when another writer keeps it for `wait` s.

        The lock is the operating system's: a killed writer leaves none behind.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.directory / _LOCK, timeout=wait):
                self._remove_partials()
                yield
        except Timeout:
            raise BundleError(
                f"{self.directory}: another rebuild is running. Wait for it to end, or pass "
                "--wait to queue behind it."
            ) from None

    def publish(self, fill: Callable[[Path, int], None], *, keep: int = KEEP) -> Path:
        """Let `fill(directory, number)` write a generation, then make it the current one.

        Call it while `writing`. When `fill` raises, nothing has changed. Older generations
        beyond the `keep` newest are removed afterwards.
        """
        number = 1 + max((int(path.name) for path in self.paths()), default=0)
        partial = Path(mkdtemp(prefix=_PARTIAL, dir=self._folder))
        try:
            partial.chmod(0o755)
            fill(partial, number)
            sync_tree(partial)
            final = self._folder / f"{number:06d}"
            partial.rename(final)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        sync(self._folder)
        self._point_at(final)
        self._prune(final, keep)
        return final

    def rollback(self, is_good: Callable[[Path], bool]) -> Path:
        """Make the newest older generation that `is_good` current, and return it."""
        try:
            serving = self.current().name
        except BundleError:
            serving = "999999"
        for path in reversed(self.paths()):
            if path.name < serving and is_good(path):
                self._point_at(path)
                return path
        raise BundleError(f"{self.directory}: no older generation to go back to.")

    def _point_at(self, generation: Path) -> None:
        with replaced_file(self._current) as partial:
            partial.write_text(f"{generation.name}\n", encoding="ascii")

    def _prune(self, current: Path, keep: int) -> None:
        others = [path for path in self.paths() if path != current]
        for path in others[: max(0, len(others) - (keep - 1))]:
            # Out of sight first: a half-removed directory must not look like a generation.
            doomed = path.with_name(f"{_PARTIAL}{path.name}")
            path.rename(doomed)
            shutil.rmtree(doomed, ignore_errors=True)

    def _remove_partials(self) -> None:
        for path in self._folder.glob(f"{_PARTIAL}*"):
            shutil.rmtree(path, ignore_errors=True)
        for path in self.directory.glob(f".{_CURRENT}-*"):
            path.unlink()

"""Numbered directories of which one is current: written whole, swapped in one step.

    DIR/generations/000001/...   complete, never changed once it has its name
    DIR/CURRENT                  the name of the generation that serves; see `Current`
    DIR/.lock                    held by the one writer

A writer fills a temporary directory, makes it durable and renames it: the generation is sealed.
Promoting it replaces CURRENT. Killed at any moment a writer leaves the old CURRENT or the new
one, and every generation that has its name is complete.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from filelock import FileLock, Timeout

from mundap.index.bundle.current import Current, State
from mundap.index.bundle.manifest import BundleAwayError, BundleBusyError, BundleError
from mundap.index.durable import replaced_file, sync, sync_tree

KEEP = 3

_FOLDER, _CURRENT, _LOCK = "generations", "CURRENT", ".lock"
_PARTIAL = ".partial-"

# Loads a generation as it would be served; raises BundleError where that fails.
Open = Callable[[Path], object]


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

    def path(self, number: int) -> Path:
        """Return where a generation lies; raises BundleError when there is none of that number."""
        path = self._folder / f"{number:06d}"
        if not path.is_dir():
            known = ", ".join(str(int(path.name)) for path in self.paths()) or "none"
            raise BundleError(f"{self.directory}: no generation {number}; there is {known}.")
        return path

    def states(self) -> list[tuple[Path, State]]:
        """Return every complete generation with what became of it, oldest first."""
        self.require_any()
        try:
            state = self.state()
        except BundleError:  # nothing serves yet, or nobody knows what
            state = Current("")
        return [(path, state.of(path.name)) for path in self.paths()]

    def require_any(self) -> None:
        """Raise BundleError where there is no generation."""
        if not self.paths():
            raise BundleError(f"{self.directory}: {_missing([])}")

    def current(self) -> Path:
        """Return the generation that serves; raises BundleError when there is none."""
        return self._folder / self.state().serving

    def state(self) -> Current:
        """Return what CURRENT holds; raises BundleError when there is none or it is garbled."""
        try:
            text = self._current.read_text(encoding="ascii")
        except FileNotFoundError:
            raise BundleError(f"{self.directory}: {_missing(self.paths())}") from None
        except (OSError, UnicodeDecodeError) as error:
            raise BundleError(f"{self._current}: unreadable ({error}).") from None
        try:
            return Current.parse(text, (path.name for path in self.paths()))
        except ValueError:
            raise BundleError(
                f"{self._current}: holds {text[:40].strip()!r}, wanted a number such as "
                "'000001'. Run `mundap index rollback` to point it at a complete generation."
            ) from None

    def older(self) -> list[Path]:
        """Return those that served before the current one and were not rejected, last first."""
        state = self.state()
        kept = {path.name for path in self.paths()} - state.rejected
        return [self._folder / name for name in reversed(state.served) if name in kept]

    def stamp(self) -> tuple[int, int]:
        """Return a value that changes whenever CURRENT is replaced; (0, 0) without one."""
        try:
            status = self._current.stat()
        except OSError:
            return (0, 0)
        return (status.st_ino, status.st_mtime_ns)

    @contextmanager
    def writing(self, *, wait: float = 0.0) -> Iterator[None]:
        """Hold the write lock; raises BundleBusyError when another keeps it for `wait` s.

        The lock is the operating system's: a killed writer leaves none behind. A bundle that
        is none yet when the lock is given back leaves no directory behind either.
        """
        new = not self.directory.exists()
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.directory / _LOCK, timeout=wait):
                self._remove_partials()
                try:
                    yield
                finally:
                    if not self.paths():
                        self._leave_nothing(new)
        except Timeout:
            raise BundleBusyError(
                f"{self.directory}: another rebuild is running. Wait for it to end, or pass "
                "--wait to queue behind it."
            ) from None

    def seal(self, fill: Callable[[Path, int], None]) -> Path:
        """Let `fill(directory, number)` write a generation and finish it; nothing serves it yet.

        Call it while `writing`. When `fill` raises, nothing has changed.
        """
        number = 1 + max((int(path.name) for path in self.paths()), default=0)
        partial = Path(mkdtemp(prefix=_PARTIAL, dir=self._folder))
        final = self._folder / f"{number:06d}"
        try:
            partial.chmod(0o755)
            fill(partial, number)
            sync_tree(partial)
            partial.rename(final)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        sync(self._folder)
        return final

    def promote(self, generation: Path, opens: Open) -> None:
        """Make a sealed generation the one that serves, once it `opens`.

        Call it while `writing`. Raises what `opens` raises, and then nothing has changed.
        """
        opens(generation)
        try:
            state = self.state().promoted(generation.name)
        except BundleError:  # none yet, or a garbled one
            state = Current(generation.name)
        self._point(state)

    def rollback(self, opens: Open) -> Path:
        """Make the last one that served before, and `opens`, current, and return it.

        The one that it replaces is rejected: no later roll-back and no start goes to it. Call it
        while `writing`. Raises BundleError when there is none, and then nothing has changed.
        """
        try:
            older = self.older()
        except BundleError:  # CURRENT is lost, and with it what was served and rejected
            path = self._first_that_opens(reversed(self.paths()), opens)
            self._point(Current(path.name))
            return path
        path = self._first_that_opens(older, opens)
        self._point(self.state().rolled_back(path.name))
        return path

    def prune(self, keep: int) -> None:
        """Remove all but the `keep` newest, the one that serves and the one that served last.

        Call it while `writing`.
        """
        paths = self.paths()
        wanted = {*paths[-max(keep, 1) :]}
        with suppress(BundleError):  # nothing serves yet
            wanted |= {self.current(), *self.older()[:1]}
        for path in paths:
            if path not in wanted:
                # Out of sight first: a half-removed directory must not look like a generation.
                doomed = path.with_name(f"{_PARTIAL}{path.name}")
                path.rename(doomed)
                shutil.rmtree(doomed, ignore_errors=True)

    def _first_that_opens(self, paths: Iterable[Path], opens: Open) -> Path:
        for path in paths:
            try:
                opens(path)
            except BundleAwayError:  # it may be as good as any
                raise
            except BundleError:
                continue
            return path
        raise BundleError(f"{self.directory}: no older generation to go back to.")

    def _point(self, state: Current) -> None:
        with replaced_file(self._current) as partial:
            partial.write_text(str(state), encoding="ascii")

    def _remove_partials(self) -> None:
        for path in self._folder.glob(f"{_PARTIAL}*"):
            shutil.rmtree(path, ignore_errors=True)
        for path in self.directory.glob(f".{_CURRENT}-*"):
            path.unlink()

    def _leave_nothing(self, new: bool) -> None:
        with suppress(OSError):  # something else lies there
            self._folder.rmdir()
            (self.directory / _LOCK).unlink()
            if new:
                self.directory.rmdir()


def _missing(sealed: list[Path]) -> str:
    if sealed:
        return "no generation serves. Let one serve with `mundap index promote`."
    return "no index here. Build one with `mundap index build`."

"""What a run that was stopped goes on from: a hidden directory beside its output."""

import json
import logging
import shutil
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import gethostname
from typing import Any

from filelock import FileLock, Timeout

from mundap.training.launch.team import Team

_LOG = logging.getLogger(__name__)

_IDENTITY, _STATE, _LOCK = "run.json", "trainer_state.json", "lock"
_EPOCHS = "*/checkpoint-*"


class CheckpointError(ValueError):
    """Checkpoints belong to another run, or another process trains the same output."""


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """The checkpoints of one run; each of its fits has a directory of its own."""

    folder: Path

    @classmethod
    def beside(cls, output: Path) -> "Checkpoints":
        """Return those of the run that writes `output`."""
        return cls(output.resolve().with_name(f".{output.resolve().name}.training"))

    def opened(self, identity: Mapping[str, Any], *, resume: bool) -> AbstractContextManager[bool]:
        """Keep out other runs; remove everything at the end, unless there is one to go on from.

        Of several processes the first does that, and the others see that they train the same.
        The context gives whether this process is the first, which writes.
        Raises CheckpointError where another run goes on, or where `resume` finds checkpoints
        of a run with another identity, naming the first difference.
        """
        owned = self._owned(identity, resume=resume)
        return Team.here().led(owned, lambda: self._join(identity))

    def fit(self, name: str) -> Path:
        """Return the directory of the fit called `name`; it may not exist yet."""
        return self.folder / name

    def latest(self, name: str) -> Path | None:
        """Return the last complete checkpoint of a fit."""
        complete = [path for path in self._epochs() if path.parent == self.fit(name)]
        return max(complete, key=lambda path: int(path.name.rpartition("-")[2]), default=None)

    def remove(self) -> None:
        """Remove them all."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def _owned(self, identity: Mapping[str, Any], *, resume: bool) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._alone():
            if not resume:
                self._discard()
            for path in self._cut_short():
                shutil.rmtree(path)
            try:
                self._claim(identity)
                yield
            except BaseException:
                if not self._epochs():
                    self.remove()
                raise
            self.remove()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        lock = FileLock(self.folder / _LOCK)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise CheckpointError(
                f"{self.folder}: another process is training the same output. Wait for it, or "
                "name another --output."
            ) from None
        try:
            yield
        finally:
            lock.release()

    def _discard(self) -> None:
        if self._epochs():
            _LOG.warning(
                "%s: checkpoints of a run that was stopped are removed, as this one starts from "
                "the beginning. --resume would go on from them.",
                self.folder,
            )
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
        (self.folder / _IDENTITY).unlink(missing_ok=True)

    def _claim(self, identity: Mapping[str, Any]) -> None:
        place = self.folder / _IDENTITY
        before = _read(place)
        if before is None:  # none, or killed while it was written: no checkpoint yet
            try:
                place.write_text(json.dumps(identity, ensure_ascii=False), encoding="utf-8")
            except OSError as error:  # of a full disk: it names no file
                raise OSError(error.errno, error.strerror, str(place)) from None
            return
        if difference := _difference(before, identity):
            raise CheckpointError(
                f"{self.folder}: the run that was stopped had {difference}. Give it the same, or "
                "leave --resume out to start anew."
            )

    def _join(self, identity: Mapping[str, Any]) -> None:
        """Make sure that this process takes part in the run that the first one has begun."""
        first = _read(self.folder / _IDENTITY)
        if first is None:
            raise CheckpointError(
                f"{self.folder}: not there on {gethostname()}, though the first process made it. "
                "All machines of a run need --output on a file system that they share."
            )
        if difference := _difference(first, identity):
            raise CheckpointError(
                f"The first process of this run has {difference} on {gethostname()}. Start all "
                "with the same command on the same data."
            )

    def _epochs(self) -> list[Path]:
        return [path for path in self.folder.glob(_EPOCHS) if read_state(path) is not None]

    def _cut_short(self) -> list[Path]:
        return [path for path in self.folder.glob(_EPOCHS) if read_state(path) is None]


def _difference(first: Mapping[str, Any], second: Mapping[str, Any]) -> str | None:
    """Return the first value that two identities differ in, as the first one has it."""
    for name in [*first, *second]:
        wanted, met = first.get(name), second.get(name)
        if met != wanted:
            return f"{name} {wanted!r}, this one has {met!r}"
    return None


def read_state(checkpoint: Path) -> dict[str, Any] | None:
    """Return the trainer's state in a checkpoint, or None where it was cut short.

    The trainer writes it last, so the rest is whole where it is.
    """
    return _read(checkpoint / _STATE)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return loaded

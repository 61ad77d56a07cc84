"""The processes that train one encoder together: those of a launch, or this one alone."""

import logging
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from accelerate import PartialState
from accelerate.utils import broadcast_object_list
from sentence_transformers.util.distributed import all_gather, get_rank, get_world_size
from torch import Tensor

from mundap.training.launch.launch import LaunchError, fall_silent, launched_processes
from mundap.training.launch.process_parts import ProcessParts

# While the first judges a large development split, or writes to a slow disk.
_PATIENCE = timedelta(hours=1)

_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Team:
    """How many train together, and which of them this process is, counted from 0.

    All do the same work on their parts of each batch. The first alone judges, prints and writes;
    the others wait for what it finds. Alone, nothing here does anything.
    """

    rank: int
    size: int

    @classmethod
    def join(cls) -> "Team":
        """Meet the other processes of a launch, where they have not met yet; one alone warns.

        Raises LaunchError where this machine has fewer GPUs than processes.
        """
        if launched_processes() > 1 and not dist.is_initialized():
            asked = os.environ.get("ACCELERATE_USE_CPU", "false").lower() == "true"
            on_cpu = asked or not torch.cuda.is_available()
            if on_cpu:
                # Else the trainer takes each of several without a GPU for a run of its own.
                os.environ["ACCELERATE_USE_CPU"] = "true"
            else:
                _require_gpus(int(os.environ.get("LOCAL_WORLD_SIZE", "1")))
            PartialState(cpu=on_cpu, timeout=_PATIENCE)
            # A launcher ends the others this way where one has failed; they tidy up first.
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
            cls.here()._quieten_others()
        return cls.here()

    @classmethod
    def here(cls) -> "Team":
        """Return the team that this process has joined."""
        return cls(int(get_rank()), int(get_world_size()))

    @property
    def is_first(self) -> bool:
        """Whether this process judges, prints and writes."""
        return self.rank == 0

    @property
    def is_several(self) -> bool:
        """Whether others train along."""
        return self.size > 1

    def wait(self) -> None:
        """Return once every process has come here."""
        if self.is_several:
            dist.barrier()

    def from_first(self, find: Callable[[], _Found]) -> _Found:
        """Return in every process what `find` returns in the first, which alone calls it."""
        found: list[Any] = [find() if self.is_first else None]
        if self.is_several:
            broadcast_object_list(found)
        result: _Found = found[0]
        return result

    @contextmanager
    def led(
        self, by_first: AbstractContextManager[None], join: Callable[[], None]
    ) -> Iterator[bool]:
        """Let the first process alone hold a context, within which the others `join` and work.

        Gives whether this process is the first.
        """
        with by_first if self.is_first else nullcontext():
            self.wait()
            if not self.is_first:
                join()
            yield self.is_first
            self.wait()

    def own(self, find: Callable[[Tensor], Tensor], rows: Tensor) -> Tensor:
        """Return this process's rows of what `find` makes of the rows of all, in their order."""
        found = find(all_gather(rows) if self.is_several else rows)
        return found[self.rank * len(rows) : (self.rank + 1) * len(rows)]

    def parts(self, batches: Any) -> Any:
        """Return a sampler of the parts of the batches of another, drawn for all together."""
        return ProcessParts(batches, self.size) if self.is_several else batches

    def _quieten_others(self) -> None:
        """Let the first process alone say what all of them meet."""
        if not self.is_first:
            logging.getLogger().setLevel(logging.ERROR)
            fall_silent()
        # What the libraries that share the work will have to change in one another.
        warnings.simplefilter("ignore", FutureWarning)


def _require_gpus(processes: int) -> None:
    gpus = torch.cuda.device_count()
    if processes > gpus:
        raise LaunchError(
            f"{processes} processes for {gpus} GPUs of this machine. Start one for each, or set "
            "ACCELERATE_USE_CPU=true to train on the processor."
        )

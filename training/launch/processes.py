"""The processes that train one encoder together: those of a launch, or this one alone.

All do the same work on their parts of each batch. The first alone judges, prints and writes;
the others wait for what it finds.
"""

import logging
import os
import signal
import sys
import warnings
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from accelerate import PartialState
from accelerate.utils import broadcast_object_list
from sentence_transformers.util.distributed import get_rank, get_world_size
from transformers.utils.logging import disable_progress_bar

from mundap.training.launch.launch import LaunchError, launched_processes

# While the first judges a large development split, or writes to a slow disk.
_PATIENCE = timedelta(hours=1)

_Found = TypeVar("_Found")


def join_processes() -> None:
    """Meet the other processes of a launch; without one, do nothing.

    Raises LaunchError where this machine has fewer GPUs than processes.
    """
    if launched_processes() == 1 or dist.is_initialized():
        return
    asked = os.environ.get("ACCELERATE_USE_CPU", "false").lower() == "true"
    on_cpu = asked or not torch.cuda.is_available()
    if on_cpu:
        # Else the trainer takes each of several processes without a GPU for a run of its own.
        os.environ["ACCELERATE_USE_CPU"] = "true"
    else:
        _require_gpus(int(os.environ.get("LOCAL_WORLD_SIZE", "1")))
    PartialState(cpu=on_cpu, timeout=_PATIENCE)
    # A launcher ends the others this way where one has failed; they tidy up first.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def _require_gpus(processes: int) -> None:
    gpus = torch.cuda.device_count()
    if processes > gpus:
        raise LaunchError(
            f"{processes} processes for {gpus} GPUs of this machine. Start one for each, or set "
            "ACCELERATE_USE_CPU=true to train on the processor."
        )


def quieten_all_but_first() -> None:
    """Let the first process alone warn of what all of them meet."""
    if not is_first():
        logging.getLogger().setLevel(logging.ERROR)
        disable_progress_bar()
        warnings.simplefilter("ignore")
    if process_count() > 1:
        # What the libraries that share the work will have to change in one another.
        warnings.simplefilter("ignore", FutureWarning)


def process_count() -> int:
    """Return how many processes train together."""
    return int(get_world_size())


def process_rank() -> int:
    """Return this one's number, from 0."""
    return int(get_rank())


def is_first() -> bool:
    """Return whether this process judges, prints and writes."""
    return process_rank() == 0


def wait_for_all() -> None:
    """Return once every process has come here."""
    if process_count() > 1:
        dist.barrier()


def from_first(find: Callable[[], _Found]) -> _Found:
    """Return in every process what `find` returns in the first, which alone calls it."""
    found: list[Any] = [find() if is_first() else None]
    if process_count() > 1:
        broadcast_object_list(found)
    result: _Found = found[0]
    return result

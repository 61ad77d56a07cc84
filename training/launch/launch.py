"""Whether a launcher started this process as one of several, and which of them speaks."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from datetime import timedelta

# What torchrun and the kinds of mpirun call the number of processes, as accelerate reads it.
_COUNTS = ("WORLD_SIZE", "PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "MV2_COMM_WORLD_SIZE")
_OF_SHARED_WEIGHTS = {
    "ACCELERATE_USE_DEEPSPEED": "--use_deepspeed",
    "ACCELERATE_USE_FSDP": "--use_fsdp",
    "ACCELERATE_USE_MEGATRON_LM": "--use_megatron_lm",
}
# Until the process whose failure made this one fail has had its say.
_GRACE = 2.0
# What keeps this process from printing; once it is closed, it speaks.
_SILENCE = ExitStack()


class LaunchError(ValueError):
    """Several processes were started for what one does, or one where several were meant."""


def launched_processes() -> int:
    """Return how many processes a launcher such as `accelerate launch` started, 1 without one."""
    counts = [int(os.environ[name]) for name in _COUNTS if os.environ.get(name, "").isdigit()]
    return max([1, *counts])


def require_launch() -> None:
    """Raise LaunchError where a launcher started something else than processes that share batches.

    `accelerate launch --cpu --num_processes 2` starts one, without a word, unless it has mpirun.
    """
    for variable, option in _OF_SHARED_WEIGHTS.items():
        if os.environ.get(variable, "false").lower() == "true":
            raise LaunchError(
                f"accelerate launch was asked for {option}, which parts an encoder among "
                "processes; here each has the whole and its part of every batch. Leave it out."
            )
    asked = os.environ.get("MASTER_PORT") and os.environ.get("ACCELERATE_USE_CPU") == "True"
    if asked and launched_processes() == 1:
        raise LaunchError(
            "accelerate launch --cpu was asked for several processes and started one, as it needs "
            "mpirun for more. Start them with torchrun --nproc_per_node 2 -m cli train ..."
        )
    if launched_processes() > 1:
        # Read as torch is imported; its remarks on gradients help nobody here.
        os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")


def require_one_process(what: str) -> None:
    """Raise LaunchError where several processes were started for `what`."""
    if launched_processes() > 1:
        raise LaunchError(
            f"{what} runs in one process, and {launched_processes()} were started. Leave the "
            "launcher out: only `mundap train` shares its work."
        )


def fall_silent() -> None:
    """Print nothing more in this process, unless it is the first that fails."""
    # Closed with the rest.
    nothing = _SILENCE.enter_context(open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    _SILENCE.enter_context(redirect_stdout(nothing))
    _SILENCE.enter_context(redirect_stderr(nothing))


@contextmanager
def one_voice() -> Iterator[None]:
    """Let only the first of several processes that fails tell why; the others end silently.

    What fails in all of them is told once, and so is what fails in one: as that one ends, the
    launcher ends the others, or they fail for want of it.
    """
    try:
        yield
    except Exception as error:
        if launched_processes() == 1:
            raise
        caused = not isinstance(error, (ValueError, OSError))
        if caused:
            time.sleep(_GRACE)
        if not _is_first_to_fail():
            sys.exit(2)
        _SILENCE.close()
        if caused and _lost_another(error):
            raise LaunchError(
                "Another process of this run ended without a word: killed, or out of memory? "
                "--resume goes on from the last complete epoch."
            ) from None
        raise


def _is_first_to_fail() -> bool:
    """Raise a flag where all processes of this launch see it; only the first finds it down."""
    import torch.distributed as dist

    attempt = os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")
    try:
        place = os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])
        store = dist.TCPStore(*place, is_master=False, timeout=timedelta(seconds=5))  # type: ignore[attr-defined]
        return int(store.add(f"mundap/failed/{attempt}", 1)) == 1
    except (dist.DistError, KeyError, ValueError):  # the first process held it, and is gone
        return True


def _lost_another(error: Exception) -> bool:
    text = str(error).lower()
    return any(sign in text for sign in ("gloo", "nccl", "connection", "peer"))

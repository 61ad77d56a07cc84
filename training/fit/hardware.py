"""What this machine and a base can do, asked before any work starts."""

import os
import warnings

import torch

from mundap.index.first_line import first_line
from mundap.training.config import TrainingConfig


class HardwareError(ValueError):
    """A value of the run asks for what this machine or this base cannot do."""


def require_hardware(config: TrainingConfig, *, embedded: bool) -> None:
    """Raise HardwareError, naming the value, where precision or compile cannot be had."""
    launched = os.environ.get("ACCELERATE_MIXED_PRECISION", "no")
    if launched not in ("no", config.precision):
        raise HardwareError(
            f"accelerate launch was asked for {launched}, and precision is {config.precision}. "
            f"Give --precision {launched} to mundap train, or --mixed_precision no to the launcher."
        )
    asked = f"precision is {config.precision}" if config.precision != "full" else ""
    asked = asked or ("compile is on" if config.compile else "")
    if embedded and asked:
        raise HardwareError(
            f"{asked}; it is for transformer bases, and the embedded encoder sums rows, a "
            "millisecond a step. Leave it out."
        )
    if config.precision == "fp16" and not torch.cuda.is_available():
        raise HardwareError(
            "precision is fp16, which needs a GPU; this machine has none that torch sees. Take "
            "bf16, or leave precision out."
        )
    if config.precision == "bf16" and not _has_bf16():
        raise HardwareError(
            "precision is bf16, which this GPU does not have. Take fp16, or leave precision out."
        )
    if config.compile:
        _require_compiler()


def _has_bf16() -> bool:
    # On a CPU torch emulates what the processor lacks.
    return not torch.cuda.is_available() or torch.cuda.is_bf16_supported()


def _require_compiler() -> None:
    """Compile one line: torch finds out only as it runs that a compiler is missing."""
    try:
        # Torch warns of its own parts; where warnings are errors that is not the compiler's fault.
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            torch.compile(lambda values: values + 1.0)(torch.ones(2))
    except Exception as error:
        raise HardwareError(
            f"compile is on, but torch cannot compile here ({first_line(error)}). Install a C++ "
            "compiler, or leave compile out."
        ) from None

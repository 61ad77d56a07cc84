"""How this program runs its own command line in a child process."""

import os
import sys
from pathlib import Path

import mundap

_ROOT = Path(str(mundap.__file__)).resolve().parents[1]


def mundap_command(*arguments: str) -> list[str]:
    """Return what to run for `mundap ARGUMENTS`, with this very interpreter.

    `-P` keeps a file of the working directory, `numpy.py` say, from being taken for a module.
    """
    return [sys.executable, "-P", "-m", "mundap.cli", *arguments]


def mundap_environment() -> dict[str, str]:
    """Return the environment in which that finds the project."""
    path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path}

"""How this program runs its own command line in a child process."""

import os
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent


def mundap_command(*arguments: str) -> list[str]:
    """Return what to run for `mundap ARGUMENTS`, with this very interpreter."""
    return [sys.executable, "-m", "cli", *arguments]


def mundap_environment() -> dict[str, str]:
    """Return the environment in which that finds the project."""
    path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path}

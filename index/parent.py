"""A process that ends with the one that runs it, however that ends."""

import os
import signal
import sys
import threading

# Whoever starts a process with this keeps the other end of its standard input, and writes nothing.
ENDS_WITH_PARENT = {"MUNDAP_ENDS_WITH_PARENT": "1"}


def end_with_parent() -> None:
    """Let this process end as soon as the one that runs it has, where that asked for it."""
    (variable,) = ENDS_WITH_PARENT
    # What this process starts has another standard input.
    if os.environ.pop(variable, None) and sys.stdin is not None:
        threading.Thread(target=_end_at_end_of_file, daemon=True).start()


def _end_at_end_of_file() -> None:
    # Not through `sys.stdin`, whose lock the interpreter wants as it ends.
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)

"""What an early start left out, made beside the server that serves already."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from mundap.chatbot.home.child import LOWEST_PRIORITY, mundap_command, mundap_environment
from mundap.chatbot.home.first_run import is_prepared
from mundap.chatbot.home.home import Home
from mundap.chatbot.settings import ChatSettings


@contextmanager
def completion(settings: ChatSettings) -> Iterator[None]:
    """Have `mundap prepare` make what is left, within the block; it says how far it is.

    Whoever leaves the block sooner ends it, and the next start takes it up.
    """
    if is_prepared(Home.of(settings)):
        yield
        return
    sys.stderr.write("Answering with what is ready; better answers follow by themselves.\n")
    # A group of its own: it has children, which end with it.
    process = subprocess.Popen(
        mundap_command(*completing(settings)),
        env=mundap_environment(),
        stdout=sys.stderr,
        start_new_session=True,
    )
    if hasattr(os, "setpriority"):
        with suppress(OSError):  # it has ended already
            os.setpriority(os.PRIO_PROCESS, process.pid, LOWEST_PRIORITY)
    try:
        yield
    finally:
        _end(process)


def completing(settings: ChatSettings) -> list[str]:
    """Return the command line that makes what is left."""
    arguments = ["prepare", "--home", str(settings.home), "--speed", settings.speed]
    return arguments if settings.faq is None else [*arguments, "--faq", str(settings.faq)]


def _end(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGTERM)
        else:
            process.terminate()
    process.wait()

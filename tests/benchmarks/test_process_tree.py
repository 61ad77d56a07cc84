"""Figures of a process and its children are sums over them."""

import os
import subprocess
import sys

from benchmarks.process_tree import megabytes, processor_seconds

WORKS = """
import time
held = b"1" * 50_000_000
while time.process_time() < 0.5: pass
print(flush=True)
input()
"""


def test_a_child_counts_while_it_runs_and_its_time_after_it_has_ended() -> None:
    before, memory = processor_seconds(os.getpid()), megabytes(os.getpid())
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", WORKS], **pipes) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert processor_seconds(os.getpid()) - before >= 0.45
        assert megabytes(os.getpid()) - memory > 40
        child.communicate(b"\n")

    assert processor_seconds(os.getpid()) - before >= 0.45


def test_nobody_takes_nothing() -> None:
    assert (processor_seconds(None), megabytes(None)) == (0, 0)

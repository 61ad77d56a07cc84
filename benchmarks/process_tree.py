"""What a process takes together with all that it has started, from /proc."""

import os
from pathlib import Path


def processor_seconds(root: int | None) -> float:
    """Return the processor time of a process and those that it has started; 0 of none."""
    ticks = 0
    for number in _tree(root):
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(") ")[2].split()
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def megabytes(root: int | None) -> float:
    """Return what they hold in memory, of what several share each its part (PSS); 0 of none."""
    kilobytes = 0
    for number in _tree(root):
        text = Path(f"/proc/{number}/smaps_rollup").read_text()
        kilobytes += int(text.split("\nPss:")[1].split()[0])
    return kilobytes / 1024


def _tree(root: int | None) -> list[int]:
    found = [] if root is None else [root]
    for number in found:
        children = Path(f"/proc/{number}/task").glob("*/children")
        found += [int(child) for path in children for child in path.read_text().split()]
    return found

"""Arrays that stay in their files until they are looked at."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def mapped(file: Path) -> NDArray[Any]:
    """Map an array that `np.save` wrote, to read alone; raises ValueError or OSError for damage."""
    # Not a `memmap`, each part of which takes as long to make as many a look at it.
    return np.asarray(np.load(file, mmap_mode="r", allow_pickle=False))

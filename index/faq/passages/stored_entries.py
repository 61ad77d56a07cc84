"""The entries of a FAQ in a file, each read as it is asked for."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

from mundap.index.faq.entry import FaqEntry, load_jsonl
from mundap.index.made_sequence import MadeSequence


class StoredEntries(MadeSequence[FaqEntry]):
    """Entries as JSON Lines of which entry e stands from byte `bounds[e]` up to `bounds[e + 1]`.

    Any thread may ask. An entry is made anew each time: two are the same where they are equal.
    """

    def __init__(self, file: Path, bounds: NDArray[np.int64]) -> None:
        self._file = file
        self._bounds = bounds
        self._descriptor = os.open(file, os.O_RDONLY)
        finalize(self, os.close, self._descriptor)
        if os.fstat(self._descriptor).st_size != int(bounds[-1]):
            raise ValueError(f"{file}: not of {bounds[-1]} bytes, as the places of its entries say")

    def __len__(self) -> int:
        return len(self._bounds) - 1

    def __iter__(self) -> Iterator[FaqEntry]:
        """Yield all, reading the file once."""
        with self._file.open(encoding="utf-8", newline="\n") as lines:
            for line in lines:
                yield from load_jsonl([line])

    def item(self, place: int) -> FaqEntry:
        """Read the entry at a place."""
        start, end = self._bounds[place : place + 2].tolist()
        # Read where it stands: threads share the descriptor, and so its position.
        row: dict[str, Any] = json.loads(
            os.pread(self._descriptor, end - start, start).decode("utf-8")
        )
        return FaqEntry(**{**row, "alternates": tuple(row["alternates"])})

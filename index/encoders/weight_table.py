"""A table of weights on disk, of which a process reads the rows it needs."""

import json
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WEIGHTS_KEY = "embedding.weight"
# Rows of the commonest words, 1 KB each. Reading one gives other threads Python's lock, and
# a dozen times for each query is a dozen times to wait for it.
_KEPT = 1024


class WeightTable:
    """The float32 tensor WEIGHTS_KEY of a safetensors file, read row by row.

    Rows are read, not mapped: around each row that is touched a mapping keeps fifteen more
    pages in the process, which after a thousand queries are 40 MB of other words.
    """

    def __init__(self, descriptor: int, offset: int, shape: tuple[int, int]) -> None:
        self._descriptor = descriptor
        self._offset = offset
        self.shape = shape
        self._kept: dict[int, NDArray[np.float32]] = {}

    @classmethod
    def open(cls, path: Path) -> "WeightTable":
        """Open a safetensors file: 8 bytes of length, a JSON header, the data.

        Raises FileNotFoundError, or ValueError with what is wrong with the file. It may be
        replaced while it is open: the rows stay those of the file that was opened.
        """
        size = path.stat().st_size
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if not 0 < length <= size - 8:
                raise ValueError(f"header of {length} bytes in a file of {size}")
            header = json.loads(file.read(length))
        try:
            entry = header[WEIGHTS_KEY]
            kind, (rows, columns), start = entry["dtype"], entry["shape"], entry["data_offsets"][0]
        except (KeyError, TypeError, ValueError, IndexError):
            raise ValueError(f"no tensor {WEIGHTS_KEY!r} with two dimensions") from None
        offset = 8 + length + start
        if kind != "F32":
            raise ValueError(f"{WEIGHTS_KEY} is {kind}, wanted F32")
        if size < (wanted := offset + 4 * rows * columns):
            raise ValueError(f"{size} bytes, wanted {wanted} for {rows} x {columns} weights")
        return cls(os.open(path, os.O_RDONLY), offset, (rows, columns))

    def __getitem__(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the rows, shape (len(rows), columns); any thread may ask.

        Raises OSError when the file has been cut since it was opened.
        """
        found = [np.empty(0, dtype=np.float32), *map(self._row, rows.tolist())]
        return np.concatenate(found).reshape(len(rows), self.shape[1])

    def whole(self) -> NDArray[np.float32]:
        """Return all rows, shape `self.shape`, read at once.

        Raises OSError when the file has been cut since it was opened.
        """
        found = np.empty(self.shape, dtype=np.float32)
        rest, offset = found.data.cast("B"), self._offset
        while rest:
            read = os.preadv(self._descriptor, [rest], offset)
            if not read:
                raise OSError("the weights are gone: their file was cut. Start again.")
            rest, offset = rest[read:], offset + read
        return found

    def _row(self, row: int) -> NDArray[np.float32]:
        kept = self._kept.pop(row, None)
        if kept is not None:
            self._kept[row] = kept  # the last to go
            return kept
        vector, stride = np.empty(self.shape[1], dtype=np.float32), 4 * self.shape[1]
        if os.preadv(self._descriptor, [vector.data], self._offset + row * stride) != stride:
            raise OSError(f"row {row} of the weights is gone: their file was cut. Start again.")
        self._kept[row] = vector
        if len(self._kept) > _KEPT:
            self._kept.pop(next(iter(self._kept)), None)
        return vector

    def __del__(self) -> None:
        os.close(self._descriptor)

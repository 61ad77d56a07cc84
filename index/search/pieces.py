"""Late interaction: how well each piece of a query is met by some piece of a text."""

import threading
import weakref
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mundap.index.encoders.encoder import Vectors
from mundap.index.engines.engine import EngineError, Rows

PIECES_FILE, BOUNDS_FILE = "pieces.npy", "piece_bounds.npy"
PIECES_FILES = (PIECES_FILE, BOUNDS_FILE)
# A unit vector's numbers lie in [-1, 1]: times this they are kept as whole ones.
_SCALE = 127


class Pieces:
    """Unit vectors of the pieces of texts, row by row, in eight bits.

    `vectors` has shape (pieces, dimension); those of text r stand from `bounds[r]` up to
    `bounds[r + 1]`. In eight bits a cosine is off by .005 at most, and a ranking as good.
    """

    def __init__(self, vectors: "NDArray[np.int8] | _Stored", bounds: NDArray[np.int64]) -> None:
        self._vectors = vectors
        self._bounds = bounds

    @classmethod
    def of(cls, texts: Sequence[NDArray[np.int8]]) -> "Pieces":
        """Put the pieces of each text, from `in_eight_bits`, one after the other."""
        bounds = np.cumsum([0, *map(len, texts)]).astype(np.int64)
        return cls(np.concatenate(texts), bounds)

    @classmethod
    def open(cls, directory: Path) -> "Pieces":
        """Open what `seal` left in `directory`; raises EngineError where that does not fit.

        They are most of what a bundle holds, and stay on disk, from where each query reads some.
        """
        vectors = _Stored(directory / PIECES_FILE)
        bounds = np.load(directory / BOUNDS_FILE, allow_pickle=False)
        if not len(bounds) or bounds[-1] != len(vectors):
            raise EngineError(
                f"{directory / PIECES_FILE}: {len(vectors)} pieces, but its texts have "
                f"{bounds[-1] if len(bounds) else 0}. Rebuild with `mundap index build`."
            )
        return cls(vectors, bounds)

    def seal(self, directory: Path) -> None:
        """Write `PIECES_FILES` into `directory`; the caller makes the write durable."""
        np.save(directory / PIECES_FILE, self._vectors[:], allow_pickle=False)
        np.save(directory / BOUNDS_FILE, self._bounds, allow_pickle=False)

    def __len__(self) -> int:
        return len(self._bounds) - 1

    def of_text(self, row: int) -> NDArray[np.int8]:
        """Return the pieces of one text, shape (pieces, dimension), as they are kept."""
        return self._vectors[self._bounds[row] : self._bounds[row + 1]]

    def kept(self, rows: Rows) -> "Pieces":
        """Return the pieces of these texts alone."""
        return Pieces.of([self.of_text(row) for row in rows.tolist()])

    def late(self, query: Vectors, rows: Rows) -> NDArray[np.float32]:
        """Return how well each of `rows` meets a query's pieces, shape (pieces, dimension).

        That is the mean, over the pieces of the query, of the best cosine with a piece of the
        text (MaxSim; Khattab and Zaharia, 2020); 0 for a query or a text without pieces.
        """
        found = np.zeros(len(rows), dtype=np.float32)
        sizes = np.diff(self._bounds)[rows]
        (full,) = sizes.nonzero()
        if not len(query) or not len(full):
            return found
        pieces = np.concatenate([self.of_text(row) for row in rows[full].tolist()])
        cosines = query @ pieces.T.astype(np.float32)
        starts = np.cumsum(sizes[full]) - sizes[full]
        found[full] = np.maximum.reduceat(cosines, starts, axis=1).mean(axis=0) / _SCALE
        return found


def in_eight_bits(vectors: Vectors) -> NDArray[np.int8]:
    """Return unit vectors, shape (n, dimension), as `Pieces` keeps them."""
    return np.rint(vectors * _SCALE).astype(np.int8)


class _Stored:
    """Rows of an array file, read as they are asked for; any thread may ask.

    Not mapped: a file that is cut in place, as by a copy over it, ends whoever maps it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("rb", buffering=0)
        # A request may hold a generation that is removed meanwhile: who lets go of it last closes.
        weakref.finalize(self, self._file.close)
        self._lock = threading.Lock()
        np.lib.format.read_magic(self._file)
        (self._rows, self._width), _, _ = np.lib.format.read_array_header_1_0(self._file)
        self._begin = self._file.tell()
        if path.stat().st_size != self._begin + self._rows * self._width:
            raise self._cut_short()

    def __len__(self) -> int:
        return self._rows

    def __getitem__(self, rows: slice) -> NDArray[np.int8]:
        start, stop, _ = rows.indices(self._rows)
        found = np.empty((max(0, stop - start), self._width), np.int8)
        with self._lock:
            self._file.seek(self._begin + start * self._width)
            read = self._file.readinto(found.data) if found.size else 0
        if read != found.size:
            raise self._cut_short()
        return found

    def _cut_short(self) -> EngineError:
        return EngineError(
            f"{self._path}: holds less than {self._rows:,} pieces in eight bits, so it was cut "
            "short. Rebuild with `mundap index build`."
        )

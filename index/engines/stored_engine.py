"""An engine for so many vectors that they stay on disk: inverted lists, refined row by row."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mundap.index.encoders.encoder import Vectors
from mundap.index.engines.engine import EngineError, RowHits, Rows, require_queries, require_vectors
from mundap.index.engines.faiss_kinds import faiss, use_threads, write_index
from mundap.index.faq.passages.categories import CATEGORY_FILES, Categories
from mundap.index.mapped_array import mapped

KIND = "ivf4"
LISTS_FILE, ROWS_FILE, EFFORT_FILE = "lists.faiss", "vectors.npy", "search.json"
STORED_FILES = (LISTS_FILE, ROWS_FILE, EFFORT_FILE, *CATEGORY_FILES)
# What a search must find of the ten nearest; the effort is raised until it does.
WANTED_RECALL = 0.95
_DEPTH = 10
# By which cosines of the same vectors differ from one way of adding to another.
_ROUNDING = 1e-5
# FAISS warns below 39 training vectors a list.
_VECTORS_PER_LIST = 39
# Of rows that four bits find at least so many are looked at in sixteen.
_FEWEST_REFINED = 100
# Vectors that a product quantiser of 16 centres is trained on at least.
_TRAINED = 1024
# A part of so many rows is searched whole: it takes some milliseconds.
_SCANNED = 20_000
_BLOCK = 65_536
_NONE: Rows = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Effort:
    """How many lists a search reads, and how many rows it refines for each that is wanted."""

    lists: int = 32
    refined: int = 5

    def more(self, lists: int, rows: int) -> "list[Effort]":
        """Return what is twice as much of either; nothing of which there is no more."""
        found = []
        if self.lists < lists:
            found.append(Effort(min(2 * self.lists, lists), self.refined))
        if self.refined < rows:
            found.append(Effort(self.lists, 2 * self.refined))
        return found


class StoredEngine:
    """An `Engine` of which a fifteenth of the vectors' bytes lies in memory, the rest in a file.

    In memory two numbers take four bits (a product quantiser, looked up in registers; André et al.
    2015), in lists of which a search reads some. What they propose is put in order by the vectors
    in half precision, of which a search reads those rows alone from the file. `added` rows follow
    those of the lists, and each search looks at all of them; rows that are `removed` are not found.
    """

    kind = KIND
    files = STORED_FILES

    def __init__(
        self,
        lists: Any,
        rows: NDArray[np.float16],
        categories: Categories,
        added: NDArray[np.float16] | None = None,
        removed: Rows = _NONE,
        effort: Effort = Effort(),
    ) -> None:
        self._lists = lists
        self._rows = rows
        self._added = rows[:0] if added is None else added
        self._size = len(rows) + len(self._added)
        if lists.ntotal != len(rows) or len(categories) != self._size:
            raise EngineError(
                f"{len(categories)} passages, but {lists.ntotal} vectors in lists and "
                f"{self._size} rows of vectors; wanted as many. Rebuild with `mundap index build`."
            )
        self._categories = categories
        self.effort = replace(effort, lists=min(effort.lists, lists.nlist))
        self._removed = removed
        # FAISS holds no reference to the selector within.
        self._gone = faiss().IDSelectorBatch(removed) if len(removed) else None
        self._live = self._gone and faiss().IDSelectorNot(self._gone)

    @classmethod
    def build(cls, vectors: Vectors, categories: Sequence[str]) -> "StoredEngine":
        """See `Engine`; `index_rows` makes the lists of vectors that lie in a file."""
        require_vectors(vectors)
        rows = vectors.astype(np.float16)
        return cls(index_rows(rows), rows, Categories.of(categories))

    @classmethod
    def open(cls, directory: Path, categories: Sequence[str]) -> "StoredEngine":
        """Map what lies in `directory`; raises EngineError where that is damaged."""
        try:
            flag = faiss().IO_FLAG_MMAP_IFC
            lists = faiss().read_index(str(directory / LISTS_FILE), flag)
            rows = mapped(directory / ROWS_FILE)
            effort = Effort(**json.loads((directory / EFFORT_FILE).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, RuntimeError, AssertionError, MemoryError):
            raise EngineError(
                f"{directory}: its vectors cannot be read. Rebuild with `mundap index build`, or "
                "go back with `mundap index rollback`."
            ) from None
        return cls(lists, rows, Categories.of(categories), effort=effort)

    def amended(
        self, added: NDArray[np.float16], removed: Rows, categories: Categories
    ) -> "StoredEngine":
        """Return an engine of these vectors without the rows `removed`, and with others."""
        return StoredEngine(self._lists, self._rows, categories, added, removed, self.effort)

    def seal(self, directory: Path) -> None:
        """Write `STORED_FILES` into `directory`; the caller makes the write durable."""
        write_index(self._lists, directory / LISTS_FILE)
        write_effort(self.effort, directory)
        np.save(directory / ROWS_FILE, self._rows, allow_pickle=False)
        self._categories.seal(directory)

    def verify(self) -> None:
        """Do nothing: all of it lies in the directory, whose checksums the bundle keeps."""

    @property
    def dimension(self) -> int:
        """Number of columns of the vectors."""
        return int(self._rows.shape[1])

    def count(self, category: str | None = None) -> int:
        """Return how many vectors there are, or are of `category`."""
        if category is None:
            return self._size - len(self._removed)
        return len(self._categories.rows_of(category))

    def cosines(self, rows: Rows, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the cosine of each of `rows` with one query, shape (dimension,)."""
        found: NDArray[np.float32] = self.vectors(rows) @ query
        return found

    def vectors(self, rows: Rows | None = None) -> Vectors:
        """Return the vectors of `rows`, else of all in their order, from half precision."""
        if not len(self._added):
            return np.asarray(self._rows if rows is None else self._rows[rows], np.float32)
        rows = np.arange(self._size) if rows is None else rows
        sealed = rows < len(self._rows)
        found = np.empty((len(rows), self.dimension), np.float32)
        found[sealed] = self._rows[rows[sealed]]
        found[~sealed] = self._added[rows[~sealed] - len(self._rows)]
        return found

    def search(self, queries: Vectors, k: int, *, category: str | None = None) -> list[RowHits]:
        """Return the k nearest rows of each query, shape (n, dimension), see `Engine`.

        Those of a category are searched exactly where they are few.
        """
        require_queries(queries, k, self.dimension)
        if category is None:
            added = np.arange(len(self._rows), self._size)
            return self._searched(
                queries, k, self._parameters(self.effort.lists, self._live), added
            )
        rows = self._categories.rows_of(category)
        if len(rows) <= _SCANNED:
            return [self._refined(query, rows, k) for query in queries]
        # A list then holds as many rows fewer that count: so many more lists are read.
        probes = min(self._lists.nlist, self.effort.lists * self._size // len(rows))
        bits = np.zeros(self._size, dtype=bool)
        bits[rows] = True
        selector = faiss().IDSelectorBitmap(np.packbits(bits, bitorder="little"))
        added = rows[rows >= len(self._rows)]
        return self._searched(queries, k, self._parameters(probes, selector), added)

    def measure(self, queries: Vectors) -> float:
        """Return which share of the ten nearest of `queries` is found; more lists until it holds.

        No more than that takes, give or take an eighth: lists are most of the time of a search.
        What is as near as the tenth counts as found: texts of the same words share a vector.
        """
        tenth = exact_scores(self._rows, queries, _DEPTH)[:, -1:] - _ROUNDING

        def found(effort: Effort) -> float:
            self.effort = effort
            return self._found(queries, tenth)

        effort, reached, too_few = self.effort, found(self.effort), 0
        while reached < WANTED_RECALL and (more := effort.more(self._lists.nlist, self._size)):
            too_few = effort.lists
            effort, reached = max(((each, found(each)) for each in more), key=lambda one: one[1])
        while reached >= WANTED_RECALL and too_few and effort.lists - too_few > effort.lists // 8:
            fewer = replace(effort, lists=(too_few + effort.lists) // 2)
            if (less := found(fewer)) < WANTED_RECALL:
                too_few = fewer.lists
            else:
                effort, reached = fewer, less
        self.effort = effort
        return reached

    def _found(self, queries: Vectors, least: NDArray[np.float32]) -> float:
        """Return the share of the ten nearest that is found: what scores `least` or more."""
        pairs = zip(self.search(queries, _DEPTH), least, strict=True)
        right = sum(int((hits.scores >= score).sum()) for hits, score in pairs)
        return right / (len(queries) * min(_DEPTH, self._size))

    def _searched(self, queries: Vectors, k: int, parameters: Any, added: Rows) -> list[RowHits]:
        use_threads(len(queries))
        wanted = min(max(self.effort.refined * k, _FEWEST_REFINED), len(self._rows))
        _, places = self._lists.search(queries, wanted, params=parameters)
        each = zip(queries, places, strict=True)
        return [self._refined(q, np.concatenate([f[f >= 0], added]), k) for q, f in each]

    def _refined(self, query: NDArray[np.float32], rows: Rows, k: int) -> RowHits:
        """Return the k best of `rows` by their vectors in half precision."""
        rows = np.sort(rows)
        scores = np.minimum(self.cosines(rows, query), np.float32(1))
        best = np.argsort(-scores, kind="stable")[:k]
        return RowHits(rows[best], scores[best])

    def _parameters(self, probes: int, selector: Any = None) -> Any:
        return faiss().SearchParametersIVF(sel=selector, nprobe=probes)


def index_rows(
    rows: NDArray[np.float16], advance: Callable[[int, int], None] = lambda done, total: None
) -> Any:
    """Return lists of the vectors `rows`, shape (n, dimension), which are read in blocks."""
    count, dimension = rows.shape
    if not count:
        raise EngineError("0 vectors; wanted at least 1. Add a question to the FAQ.")
    number = max(1, min(int(2 * count**0.5), count // _VECTORS_PER_LIST))
    parts = dimension // 2 if dimension % 2 == 0 else dimension
    kind = f"IVF{number},PQ{parts}x4fs"
    lists = faiss().index_factory(dimension, kind, faiss().METRIC_INNER_PRODUCT)
    places = np.linspace(0, count - 1, min(count, number * (_VECTORS_PER_LIST + 1)), dtype=np.int64)
    sample = np.asarray(rows[np.unique(places)], np.float32)
    # Threads that train little wait for each other, on a busy machine for most of the time.
    use_threads(1 if len(sample) <= _TRAINED else len(sample))
    lists.train(np.resize(sample, (max(len(sample), _TRAINED), dimension)))
    for block in _blocks(count):
        lists.add(np.asarray(rows[block], np.float32))
        advance(block.stop, count)
    return lists


def write_effort(effort: Effort, directory: Path) -> None:
    """Write how a search is done; the caller makes the write durable."""
    (directory / EFFORT_FILE).write_text(json.dumps(asdict(effort)), encoding="utf-8")


def exact_scores(rows: NDArray[np.float16], queries: Vectors, k: int) -> NDArray[np.float32]:
    """Return the k best cosines of each query with all rows, best first, by a scan of blocks."""
    best = np.empty((len(queries), 0), np.float32)
    for block in _blocks(len(rows)):
        cosines = np.minimum(queries @ np.asarray(rows[block], np.float32).T, np.float32(1))
        best = -np.sort(-np.hstack([best, _largest(cosines, k)]), axis=1)[:, :k]
    return best


def _largest(scores: NDArray[np.float32], k: int) -> NDArray[np.float32]:
    return np.partition(scores, -k, axis=1)[:, -k:] if scores.shape[1] > k else scores


def _blocks(count: int) -> Iterator[slice]:
    for first in range(0, count, _BLOCK):
        yield slice(first, min(first + _BLOCK, count))

"""Texts that nobody judged, to learn from as they are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mundap.index.korean.text import clean
from mundap.index.tables.table import TableError
from mundap.training.config import TrainingConfig
from mundap.training.data.pairs import PairError
from mundap.training.data.sentence_pairs import SentenceSplit
from mundap.training.data.table_stream import TableStream

COLUMN = "text"
_CHUNK = 8192


@dataclass(frozen=True, slots=True)
class Text:
    """A text alone."""

    text: str


def text_split(
    paths: Sequence[Path], config: TrainingConfig, wanted: int | None
) -> SentenceSplit[Text]:
    """Read the different texts of column `text`, or draw `wanted` rows of all, and hold some out.

    Files are read a piece at a time. Raises TableError on an unreadable file or a missing
    column, PairError where fewer than two different texts are left.
    """
    streams = [_open(path) for path in paths]
    rng = np.random.default_rng(config.seed)
    rows = sum(stream.rows for stream in streams)
    drawn = np.ones(rows, dtype=np.bool_)
    if wanted is not None and wanted < rows:
        drawn[:] = False
        drawn[rng.choice(rows, wanted, replace=False)] = True
    texts = list(dict.fromkeys(_texts(streams, drawn)))
    if len(texts) < 2:
        names = ", ".join(map(str, paths))
        raise PairError(f"{names}: {len(texts)} different texts; wanted at least 2.")
    order = rng.permutation(len(texts))
    out = min(round(config.development * len(texts)), len(texts) - 2)
    found = [Text(texts[row]) for row in order.tolist()]
    return SentenceSplit(found[out:], {"texts": found[:out]} if out else None, found[:out])


def _open(path: Path) -> TableStream:
    stream = TableStream.open(path, _CHUNK)
    if COLUMN not in stream.schema.names:
        found = ", ".join(repr(name) for name in stream.schema.names) or "none"
        raise TableError(f"{path}: missing column {COLUMN!r}; found {found}.")
    return stream


def _texts(streams: Sequence[TableStream], drawn: np.ndarray) -> Iterator[str]:
    start = 0
    for stream in streams:
        for batch in stream.batches():
            chosen = np.flatnonzero(drawn[start : start + batch.num_rows])
            start += batch.num_rows
            cells = batch.column(COLUMN).take(chosen).to_pylist()
            yield from filter(None, (clean(str(cell or "")) for cell in cells))

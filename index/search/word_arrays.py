"""Which words entries and passages hold, and what each adds to a score, as arrays in files."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mundap.index.search.lexical import VOCABULARY_FILE, gain_of, idf

# By word: where it stands, the entry it adds least to first. By entry and by passage: its words.
ARRAYS = (
    *("word_bounds", "word_entries", "word_gains"),
    *("entry_bounds", "entry_words", "entry_gains"),
    *("passage_bounds", "passage_words"),
    "mean_length",
)

_Array = NDArray[Any]


def word_arrays(
    terms: NDArray[np.int32],
    sizes: NDArray[np.int64],
    owners: _Array,
    words: int,
    like: "tuple[NDArray[np.float64], float] | None" = None,
) -> dict[str, _Array]:
    """Return the arrays of an index.

    `terms` are the content morphemes of all passages, one after the other, as numbers below
    `words`; `sizes` says how many each passage has, `owners` whose entry it is, ascending. `like`
    are the idf of the words and how many an entry has on average, where these do not tell it.
    """
    entries = int(owners.max(initial=-1)) + 1
    rows = np.repeat(np.arange(len(sizes)), sizes)
    passage, held, _ = _counted(rows, terms, words)
    owner, used, often = _counted(owners[rows], terms, words)
    lengths = np.bincount(owners, sizes, minlength=entries)
    frequencies = np.bincount(used, minlength=words)
    rare, mean = like or (idf(frequencies, entries), float(lengths.mean()) or 1.0)
    gains = (rare[used] * gain_of(often, lengths[owner] / mean)).astype(np.float32)
    # By word, then by gain; of equals the last entry first, as lists are read from their end.
    order = np.lexsort((-owner, gains, used))
    return {
        "word_bounds": _bounds(frequencies),
        "word_entries": owner[order].astype(np.int32),
        "word_gains": gains[order],
        "entry_bounds": _bounds(np.bincount(owner, minlength=entries)),
        "entry_words": used,
        "entry_gains": gains,
        "passage_bounds": _bounds(np.bincount(passage, minlength=len(sizes))),
        "passage_words": held,
        "mean_length": np.array([mean]),
    }


def save_words(directory: Path, vocabulary: dict[str, int], arrays: dict[str, _Array]) -> None:
    """Write `STORED_LEXICAL_FILES` into `directory`; the caller makes the write durable."""
    text = json.dumps(vocabulary, ensure_ascii=False)
    (directory / VOCABULARY_FILE).write_text(text, encoding="utf-8")
    for name in ARRAYS:
        np.save(directory / f"bm25.{name}.npy", arrays[name], allow_pickle=False)


def _counted(places: _Array, terms: _Array, words: int) -> tuple[_Array, _Array, _Array]:
    """Return the different (place, term), ascending, and how often each stands there."""
    pairs, often = np.unique(places * np.int64(words or 1) + terms, return_counts=True)
    return pairs // (words or 1), (pairs % (words or 1)).astype(np.int32), often


def _bounds(sizes: _Array) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)

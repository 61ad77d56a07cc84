"""Builds the embedded default encoder, once per machine, without any model hub.

The morphological analyser carries a trained language model whose morpheme embeddings it
shows only as cosines. Cosines S of all morphemes with a few hundred anchors determine them:
with G = S[anchors] and G = U diag(w) U', the rows of S' U / sqrt(w) are the embeddings up to a
rotation, which no cosine sees (the Nystroem method, exact because the rank is 256).
Then: centre, remove the first principal components (Mu & Viswanath 2018), weight by smooth
inverse frequency (Arora et al. 2017). Ids run from frequent to rare, so Zipf's law gives p.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from mundap.index.durable import replaced_directory
from mundap.index.encoders.encoder import EncoderError, Vectors
from mundap.index.encoders.morpheme_config import WEIGHTS_FILE, MorphemeConfig, require_whole
from mundap.index.encoders.weight_table import WEIGHTS_KEY
from mundap.index.first_line import first_line
from mundap.index.korean.morphemes import (
    FIRST_MORPHEME_ID,
    MORPHEME_COUNT,
    dictionary_version,
    similarities,
)
from mundap.index.korean.rarity import rarities

DIMENSION = 256
# Rows for hashed n-grams: enough that the words of one FAQ rarely collide.
NGRAM_ROWS = 32_768
# More than the rank, so that the anchors span the space and rounding averages out.
ANCHORS = 320
COMPONENTS = 3
# Random n-gram vectors say little before training, so they start at half weight.
NGRAM_SCALE = 0.5
# Part of the directory's name: a change of any of the above is another encoder.
_RECIPE = "1"

_CHUNK = 8


def default_encoder_path(
    advance: Callable[[int, int], None] = lambda done, total: None,
    *,
    cache_dir: Path | None = None,
) -> Path:
    """Return the directory of the default encoder, building it (under a minute) if need be.

    It lies in the user's cache directory unless `cache_dir` says otherwise. `advance(done,
    total)` is called as the work goes on.
    """
    directory = encoder_cache(cache_dir) / f"default-{_RECIPE}-{dictionary_version().split()[-1]}"
    if _is_whole(directory):
        return directory
    directory.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(directory.parent / ".lock"):  # of two that start at once the second waits
        if not _is_whole(directory):
            with replaced_directory(directory) as partial:
                _write(_default_table(advance), partial)
    return directory


def recover_embeddings(advance: Callable[[int, int], None]) -> NDArray[np.float64]:
    """Return the analyser's morpheme embeddings, shape (MORPHEME_COUNT, 256), rows of norm 1."""
    ids = np.arange(FIRST_MORPHEME_ID, MORPHEME_COUNT)
    anchors = np.sort(np.random.default_rng(0).choice(ids, ANCHORS, replace=False))
    cosines = np.concatenate(list(_cosines(anchors.tolist(), advance)))
    gram = cosines[:, anchors].astype(np.float64)
    weights, vectors = np.linalg.eigh((gram + gram.T) / 2)
    weights, vectors = weights[-DIMENSION:], vectors[:, -DIMENSION:]
    embeddings: NDArray[np.float64] = cosines.T.astype(np.float64) @ (vectors / np.sqrt(weights))
    return embeddings


def weigh(embeddings: NDArray[np.float64]) -> Vectors:
    """Centre, drop the principal components that all words share, and scale by rarity."""
    known = embeddings[FIRST_MORPHEME_ID:]
    centred = embeddings - known.mean(axis=0)
    _, axes = np.linalg.eigh(np.cov(centred[FIRST_MORPHEME_ID:], rowvar=False))
    shared = axes[:, -COMPONENTS:]
    centred -= centred @ shared @ shared.T
    centred /= np.linalg.norm(centred, axis=1, keepdims=True)
    weighted: Vectors = (centred * rarities(len(embeddings))[:, None]).astype(np.float32)
    return weighted


def _default_table(advance: Callable[[int, int], None]) -> Vectors:
    ngrams = np.random.default_rng(0).standard_normal((NGRAM_ROWS, DIMENSION))
    ngrams *= NGRAM_SCALE / np.linalg.norm(ngrams, axis=1, keepdims=True)
    return np.concatenate([weigh(recover_embeddings(advance)), ngrams.astype(np.float32)])


def _cosines(
    anchors: list[int], advance: Callable[[int, int], None]
) -> Iterator[NDArray[np.float32]]:
    chunks = [anchors[start : start + _CHUNK] for start in range(0, len(anchors), _CHUNK)]
    # Spawned, not forked: the caller may hold threads (a progress bar, a page).
    workers = min(4, os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for number, rows in enumerate(pool.map(similarities, chunks), start=1):
            advance(min(number * _CHUNK, len(anchors)), len(anchors))
            yield rows


def _write(table: Vectors, directory: Path) -> None:
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    try:
        save_file({WEIGHTS_KEY: table}, directory / WEIGHTS_FILE)
    except (OSError, SafetensorError) as error:  # which has its own kind of a full disk
        raise EncoderError(
            f"{directory.parent}: the default encoder, {table.nbytes >> 20} MB, could not be "
            f"written there ({first_line(error)}). Make room and run it again."
        ) from None
    # safetensors keeps its files to their owner; a service has a user of its own.
    (directory / WEIGHTS_FILE).chmod(0o644)
    config = MorphemeConfig(DIMENSION, NGRAM_ROWS, dictionary_version())
    config.write(directory)


def _is_whole(directory: Path) -> bool:
    try:
        require_whole(directory)
    except (EncoderError, FileNotFoundError):
        return False
    return True


def encoder_cache(given: Path | None = None) -> Path:
    """Return where encoders that are made once a machine lie."""
    if given is not None:
        return given
    from platformdirs import user_cache_path

    return user_cache_path("mundap") / "encoders"

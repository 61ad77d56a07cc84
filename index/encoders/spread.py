"""A pretrained encoder whose passages are read by several processes, here or on other machines."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import lru_cache, partial
from typing import Any, TypeVar

import numpy as np

from mundap.index.encoders.encoder import EncoderError, PieceEncoder, ReadText, Vectors
from mundap.index.encoders.registry import load_pretrained
from mundap.index.first_line import first_line

# Texts of one task: a second of work or so, which is what a process that dies costs.
_PART = 64
# Processes that may die one after the other over the same texts, before these are to blame.
_LOSSES = 5
# Seconds for somebody to come and work.
_PATIENCE = 30.0

_Made = TypeVar("_Made")


class SpreadReader:
    """A `PieceEncoder` that gives passages away and reads queries itself.

    A text has one vector, whoever reads it: a process that is killed changes nothing in the
    result, as another one reads its texts.
    """

    def __init__(self, encoder: PieceEncoder, name: str, client: Any) -> None:
        """`name` is what every process loads the encoder by: a name, or a path that all have."""
        self._encoder, self._name, self._client = encoder, name, client
        self.fingerprint, self.dimension = encoder.fingerprint, encoder.dimension
        self.encode, self.encode_together = encoder.encode, encoder.encode_together
        self.read_queries = encoder.read_queries

    @property
    def at_once(self) -> int:
        """How many texts keep everybody at work."""
        return 2 * _PART * max(1, len(self._client.nthreads()))

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of passages, shape (len(texts), dimension)."""
        return np.concatenate([*self._parts(_encoded, texts), np.empty((0, self.dimension), "f4")])

    def read_passages(self, texts: Sequence[str]) -> list[ReadText]:
        """Return passages with their pieces."""
        return [read for part in self._parts(_read, texts) for read in part]

    def _parts(
        self, work: Callable[[str, str, list[str]], _Made], texts: Sequence[str]
    ) -> list[_Made]:
        parts = [list(texts[begin : begin + _PART]) for begin in range(0, len(texts), _PART)]
        # Not pure: who asks twice, be it for the same texts, has them read twice.
        whole = partial(work, self._name, self.fingerprint)
        futures = self._client.map(whole, parts, pure=False)
        try:
            found: list[_Made] = self._client.gather(futures)
        except EncoderError:
            raise
        except Exception as error:  # of the cluster's own, or of the network
            raise EncoderError(
                f"The texts could not be read by the workers ({first_line(error)}). Look at their "
                "log, or build without --workers."
            ) from None
        return found


@contextmanager
def spread(encoder: PieceEncoder, name: str, workers: str) -> Iterator[SpreadReader]:
    """Give a reader over `workers`: a number of local processes, or the address of a scheduler.

    Raises EncoderError where nobody is there to work.
    """
    distributed = _distributed()
    try:
        if workers.isdecimal() and int(workers):
            # Its usual port is one for the whole machine, and two builds may run on it.
            cluster = distributed.LocalCluster(
                n_workers=int(workers), threads_per_worker=1, dashboard_address="127.0.0.1:0"
            )
        elif "://" in workers:
            cluster = None
        else:
            raise EncoderError(
                f"--workers {workers}: wanted a number of processes, or the address of a Dask "
                "scheduler such as tcp://HOST:8786."
            )
        client = distributed.Client(cluster or workers, timeout=_PATIENCE)
        client.wait_for_workers(int(workers) if cluster else 1, timeout=_PATIENCE)
    except (OSError, TimeoutError) as error:
        raise EncoderError(
            f"--workers {workers}: nobody is there to work ({first_line(error)}). Start `dask "
            "scheduler` and `dask worker`, or give a number of processes."
        ) from None
    with client, cluster or nullcontext():
        yield SpreadReader(encoder, name, client)


def _distributed() -> Any:
    try:
        import dask
        import distributed
    except ImportError:
        raise EncoderError(
            "--workers wants Dask, which is not installed; `pip install 'mundap[dask]'`."
        ) from None
    dask.config.set({"distributed.scheduler.allowed-failures": _LOSSES})
    logging.getLogger("distributed").setLevel(logging.ERROR)
    return distributed


def _encoded(name: str, fingerprint: str, texts: list[str]) -> Vectors:
    return _loaded(name, fingerprint).encode_passages(texts)


def _read(name: str, fingerprint: str, texts: list[str]) -> list[ReadText]:
    return _loaded(name, fingerprint).read_passages(texts)


@lru_cache(maxsize=1)
def _loaded(name: str, fingerprint: str) -> PieceEncoder:
    """Load the encoder in a worker, once; raises EncoderError where it is another one there."""
    encoder = load_pretrained(name)
    if encoder.fingerprint != fingerprint:
        raise EncoderError(
            f"{name}: a worker has encoder {encoder.fingerprint}, and this process {fingerprint}. "
            "Install the same version there, or put the same files there."
        )
    return encoder

"""Batches of several processes: drawn as one, dealt out in equal parts."""

from collections.abc import Iterator
from typing import Any

from sentence_transformers.base.sampler import SetEpochMixin
from torch.utils.data import BatchSampler

from mundap.training.data.pairs import PairError


class ProcessParts(SetEpochMixin, BatchSampler):
    """Yields each batch cut into equal parts, one for every process, one after the other.

    In-batch negatives are gathered from all processes, so what must not meet must be kept
    apart in the batch of all of them: drawing a batch for each would not. accelerate deals
    what a sampler yields in turn, so every process gets its part of the same batch, and as
    many parts of the same lengths as the others. Rows that do not divide sit out an epoch.
    """

    # accelerate reads None as: lengths vary, deal whole batches and fill none up.
    batch_size: Any = None
    drop_last = False

    def __init__(self, whole: Any, processes: int) -> None:
        self._whole = whole
        self._processes = processes
        self.epoch = 0

    @property
    def sampler(self) -> Any:
        """What draws the rows; accelerate puts one in its place whose seed is the epoch's."""
        return self._whole.sampler

    @sampler.setter
    def sampler(self, sampler: Any) -> None:
        self._whole.sampler = sampler

    def set_epoch(self, epoch: int) -> None:
        """Draw the batches of this epoch from now on."""
        self._whole.set_epoch(epoch)

    def __len__(self) -> int:
        return len(self._whole) * self._processes

    def __iter__(self) -> Iterator[list[int]]:
        for batch in self._whole:
            length = len(batch) // self._processes
            if length == 0:
                raise PairError(
                    f"A batch has {len(batch)} rows for {self._processes} processes, as there are "
                    "too few rows, or answers, to train on. Start fewer processes."
                )
            for start in range(0, length * self._processes, length):
                yield batch[start : start + length]

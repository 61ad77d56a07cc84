"""The batches of several processes, without starting any."""

from collections.abc import Iterator
from typing import Any

import pytest
from accelerate.data_loader import BatchSamplerShard
from hypothesis import assume, given
from hypothesis import strategies as st

from mundap.index.korean.text import match_key
from mundap.training.data.batches import GroupBatchSampler
from mundap.training.data.pairs import Pair, PairError
from mundap.training.launch.process_parts import ProcessParts

SEEDS = st.integers(0, 2**31)
GROUPS = st.sampled_from("갑을병정무기경신임계")
TEXTS = st.sampled_from(["가", "나", "다", "라", "마", "A", "a", "바 사", "바  사", "아", "자"])


@st.composite
def colliding_pairs(draw: st.DrawFn) -> list[Pair]:
    rows = st.tuples(TEXTS, TEXTS, GROUPS)
    return [Pair(*row) for row in draw(st.lists(rows, min_size=1, max_size=80))]


def dealt(parts: ProcessParts, processes: int) -> list[list[list[int]]]:
    """Return the batches of each process, as accelerate deals them out."""
    return [
        list(BatchSamplerShard(parts, processes, rank, even_batches=False))
        for rank in range(processes)
    ]


@given(colliding_pairs(), st.integers(2, 4), st.integers(2, 5), SEEDS, st.integers(0, 3))
def test_no_answer_is_twice_in_the_batch_of_all_processes(
    pairs: list[Pair], processes: int, each: int, seed: int, epoch: int
) -> None:
    whole = GroupBatchSampler(range(len(pairs)), pairs, each * processes, seed)
    whole.set_epoch(epoch)
    assume(all(len(batch) >= processes for batch in whole))
    parts = ProcessParts(whole, processes)
    parts.set_epoch(epoch)
    ranks = dealt(parts, processes)
    # Every process has as many batches, of the same lengths: none waits for the others.
    assert {len(batches) for batches in ranks} == {len(whole)} == {len(parts) // processes}
    for shares in zip(*ranks, strict=True):
        assert len({len(share) for share in shares}) == 1
        assert 0 < len(shares[0]) <= each
        together = [row for share in shares for row in share]
        assert len({pairs[row].group for row in together}) == len(together)
        texts = [{match_key(text) for text in pairs[row].texts} for row in together]
        assert len(set().union(*texts)) == sum(map(len, texts))


class Batches:
    """Batches as they are given, whatever the epoch."""

    def __init__(self, batches: list[list[int]]) -> None:
        self.batches = batches
        self.epoch = -1
        self.sampler: Any = "rows"

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def __len__(self) -> int:
        return len(self.batches)

    def __iter__(self) -> Iterator[list[int]]:
        return iter(self.batches)


def test_each_process_takes_its_part_of_every_batch_and_the_rest_sits_out() -> None:
    parts = ProcessParts(Batches([[0, 1, 2, 3], [4, 5, 6], [7, 8]]), 2)
    assert dealt(parts, 2) == [[[0, 1], [4], [7]], [[2, 3], [5], [8]]]


def test_a_batch_that_cannot_be_shared_is_refused() -> None:
    with pytest.raises(PairError, match=r"A batch has 1 rows for 2 processes.*fewer processes"):
        list(ProcessParts(Batches([[0, 1], [2]]), 2))


def test_epochs_and_the_sampler_of_rows_are_those_of_the_whole_batches() -> None:
    whole = Batches([[0, 1]])
    parts = ProcessParts(whole, 2)
    parts.set_epoch(3)
    assert (whole.epoch, parts.sampler) == (3, "rows")
    parts.sampler = "others"
    assert whole.sampler == "others"

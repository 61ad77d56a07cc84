import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mundap.index.engines.engine import RowHits
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.passages import Passages
from mundap.index.search.hit import EntryRanking, Hit, best_entries, in_order

ALIKE = FaqEntry("a", "질문", "답", ("다른 질문", "또 다른 질문"))


def test_hits_go_by_score_and_equal_ones_by_id_descending() -> None:
    entries = [FaqEntry(entry_id, "질문", "답") for entry_id in ("9", "10", "b", "a")]
    scores = (0.5, 0.5, 0.1, 0.9)
    hits = [Hit(entry, "질문", score) for entry, score in zip(entries, scores, strict=True)]

    assert [hit.entry_id for hit in in_order(hits)] == ["a", "9", "10", "b"]
    assert in_order([]) == []


@pytest.mark.parametrize("rows", [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
def test_of_equal_passages_the_first_is_shown_in_whatever_order_they_come(rows: list[int]) -> None:
    found = RowHits(np.array(rows), np.ones(3, np.float32))

    [hit] = best_entries(found, Passages.of([ALIKE]), 3)

    assert hit == Hit(ALIKE, "질문", 1.0)


def test_collapsing_no_rows_gives_no_hits() -> None:
    nothing = RowHits(np.empty(0, np.int64), np.empty(0, np.float32))

    assert best_entries(nothing, Passages.of([ALIKE]), 3) == []


def test_scores_that_differ_by_rounding_alone_are_ties() -> None:
    ranking = EntryRanking.of(Passages.of([FaqEntry("a", "가", "1"), FaqEntry("b", "나", "2")]))
    hits = ranking.best(np.array([0.1 + 0.2, 0.3]), 2)
    assert [hit.entry_id for hit in hits] == ["b", "a"]


@settings(max_examples=200)
@given(
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=12),
    k=st.integers(1, 15),
    seed=st.integers(0, 1_000),
)
def test_the_best_entries_are_those_of_a_full_sort(sizes: list[int], k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    names = rng.permutation(len(sizes))
    entries = [
        FaqEntry(f"항목{name}", f"질문 {name}", "답", tuple(f"{name} {i}" for i in range(size - 1)))
        for name, size in zip(names, sizes, strict=True)
    ]
    passages = Passages.of(entries)
    scores = rng.choice([0.0, 0.25, 0.5, 1.0], len(passages))
    everything = RowHits(np.arange(len(passages)), scores.astype(np.float32))
    assert EntryRanking.of(passages).best(scores, k) == best_entries(everything, passages, k)


def test_a_ranking_of_less_than_one_entry_is_refused() -> None:
    with pytest.raises(ValueError, match="k is 0; wanted at least 1"):
        EntryRanking.of(Passages.of([ALIKE])).best(np.ones(3), 0)

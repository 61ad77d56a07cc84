import itertools
import unicodedata
from collections.abc import Sequence

import numpy as np
import pytest
import pytrec_eval
from hypothesis import given, settings
from hypothesis import strategies as st

from mundap.index.encoders.encoder import Vectors
from mundap.index.faq.entry import FaqEntry
from mundap.index.search import dense as dense_retriever
from mundap.index.search.dense import DenseRetriever
from mundap.index.search.hit import Hit
from tests.tiny_encoder import TinyEncoder

# Every unit vector of four halves: cosines are multiples of .5, exact, and often equal.
HALVES = np.array(list(itertools.product((-0.5, 0.5), repeat=4)), dtype=np.float32)


class NumberEncoder:
    """Gives "... v7" the vector of number 7."""

    fingerprint = "numbers"
    dimension = 4

    def encode(self, texts: Sequence[str]) -> Vectors:
        numbers = [int(text.rpartition("v")[2]) for text in texts]
        return HALVES[numbers].reshape(len(texts), 4)


def entry(entry_id: str, numbers: Sequence[int], category: str = "") -> FaqEntry:
    texts = [f"{entry_id}.{place} v{number}" for place, number in enumerate(numbers)]
    return FaqEntry(entry_id, texts[0], "답", tuple(texts[1:]), category)


def brute_force(entries: Sequence[FaqEntry], query: str, k: int, category: str | None) -> list[Hit]:
    encoder = NumberEncoder()
    [asked] = encoder.encode([query])
    hits = []
    for one in entries:
        if category is None or one.category == category:
            scores = [float(np.dot(vector, asked)) for vector in encoder.encode(one.passages)]
            best = max(scores)
            hits.append(Hit(one, one.passages[scores.index(best)], best))
    hits.sort(key=lambda hit: hit.entry_id, reverse=True)
    return sorted(hits, key=lambda hit: hit.score, reverse=True)[:k]


groups = st.lists(
    st.tuples(
        st.lists(st.integers(0, 15), min_size=1, max_size=12), st.sampled_from(["배송", "환불", ""])
    ),
    min_size=1,
    max_size=30,
)


@given(
    groups=groups,
    number=st.integers(0, 15),
    k=st.integers(1, 40),
    category=st.sampled_from([None, "배송", "환불", "", "없음"]),
    shift=st.integers(0, 29),
)
@settings(max_examples=200)
def test_hits_equal_a_brute_force_over_all_passages(
    groups: list[tuple[list[int], str]], number: int, k: int, category: str | None, shift: int
) -> None:
    # Ids out of the order of the rows, and such that "9" comes after "10".
    entries = [
        entry(str((place + shift) % len(groups)), numbers, category)
        for place, (numbers, category) in enumerate(groups)
    ]
    retriever = DenseRetriever.build(NumberEncoder(), entries)

    [hits] = retriever.search([f"v{number}"], k, category=category)

    assert hits == brute_force(entries, f"v{number}", k, category)


@given(
    groups=groups,
    number=st.integers(0, 15),
    count=st.integers(1, 40),
    category=st.sampled_from([None, "배송", "없음"]),
)
@settings(max_examples=100)
def test_the_nearest_owners_are_the_entries_with_the_best_passages(
    groups: list[tuple[list[int], str]], number: int, count: int, category: str | None
) -> None:
    entries = [entry(str(place), *group) for place, group in enumerate(groups)]
    retriever = DenseRetriever.build(NumberEncoder(), entries)
    cosines = {
        place: max(float(HALVES[one] @ HALVES[number]) for one in numbers)
        for place, (numbers, found_in) in enumerate(groups)
        if category in (None, found_in)
    }

    owners = retriever.nearest_owners(HALVES[number], count, category).tolist()

    assert len(set(owners)) == len(owners)
    best = sorted(cosines.values(), reverse=True)[:count]
    assert [cosines[owner] for owner in owners] == best


@given(groups=groups, number=st.integers(0, 15))
@settings(max_examples=50)
def test_ranks_are_those_of_trec_eval(groups: list[tuple[list[int], str]], number: int) -> None:
    entries = [entry(f"e{place}", numbers) for place, (numbers, _) in enumerate(groups)]
    [hits] = DenseRetriever.build(NumberEncoder(), entries).search([f"v{number}"], len(entries))
    scores = {hit.entry_id: hit.score for hit in hits}

    for rank, hit in enumerate(hits, start=1):
        evaluator = pytrec_eval.RelevanceEvaluator({"q": {hit.entry_id: 1}}, {"recip_rank"})
        assert evaluator.evaluate({"q": scores})["q"]["recip_rank"] == pytest.approx(1 / rank)


def test_an_entry_with_hundreds_of_alternates_hides_no_other() -> None:
    crowd = entry("crowd", [0] * 700)
    others = [entry(f"other-{number}", [1]) for number in range(9)]
    retriever = DenseRetriever.build(NumberEncoder(), [crowd, *others])

    [hits] = retriever.search(["v0"], 10)

    assert [hit.entry_id for hit in hits] == ["crowd", *[f"other-{n}" for n in range(8, -1, -1)]]
    assert hits[0] == Hit(crowd, crowd.question, 1.0)


def test_ties_beyond_k_do_not_push_out_a_later_id() -> None:
    entries = [entry(f"{number:04d}", [3]) for number in range(500)]

    [hits] = DenseRetriever.build(NumberEncoder(), entries).search(["v3"], 3)

    assert [hit.entry_id for hit in hits] == ["0499", "0498", "0497"]


def test_a_hit_shows_the_passage_that_matched_best() -> None:
    [hits] = DenseRetriever.build(NumberEncoder(), [entry("a", [1, 0, 0])]).search(["v0"], 1)

    assert hits == [Hit(entry("a", [1, 0, 0]), "a.1 v0", 1.0)]
    assert hits[0].entry_id == "a"


def test_a_category_limits_the_search() -> None:
    entries = [entry("a", [0], "배송"), entry("b", [1], "환불"), entry("c", [2], "환불")]
    retriever = DenseRetriever.build(NumberEncoder(), entries)

    [refunds] = retriever.search(["v0"], 5, category="환불")
    [unknown] = retriever.search(["v0"], 5, category="포인트")

    assert sorted(hit.entry_id for hit in refunds) == ["b", "c"]
    assert unknown == []


def test_every_query_has_its_own_hits() -> None:
    entries = [entry("a", [0]), entry("b", [5])]
    retriever = DenseRetriever.build(NumberEncoder(), entries)

    hits = retriever.search(["v5", "v0", "v5"], 1)

    assert [[hit.entry_id for hit in found] for found in hits] == [["b"], ["a"], ["b"]]
    assert retriever.search([], 1) == []


def test_a_query_is_cleaned_before_it_is_encoded(tiny_encoder: TinyEncoder) -> None:
    retriever = DenseRetriever.build(tiny_encoder, [FaqEntry("a", "환불 되나요?", "네")])

    [[hit]] = retriever.search([unicodedata.normalize("NFD", " 환불\n되나요?\u200b")], 1)

    assert tiny_encoder.encoded == ["환불 되나요?", "환불 되나요?"]
    assert hit.score == pytest.approx(1.0)


@pytest.mark.parametrize("k", [0, -3])
def test_fewer_than_one_hit_is_refused(k: int, tiny_encoder: TinyEncoder) -> None:
    retriever = DenseRetriever.build(tiny_encoder, [FaqEntry("a", "질문", "답")])

    with pytest.raises(ValueError, match=f"k is {k}; wanted at least 1"):
        retriever.search(["질문"], k)


def test_a_query_that_says_nothing_has_hits_of_score_zero(tiny_encoder: TinyEncoder) -> None:
    entries = [FaqEntry("a", "질문입니다", "답"), FaqEntry("b", "다른 질문", "답")]

    [hits] = DenseRetriever.build(tiny_encoder, entries).search([""], 2)

    assert [(hit.entry_id, hit.score) for hit in hits] == [("b", 0.0), ("a", 0.0)]


@pytest.mark.parametrize("block", [1, 2, 1024])
def test_lengths_of_sums_are_those_of_each_entry(
    monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(dense_retriever, "_BLOCK", block)
    entries = [entry("a", [0, 15, 3]), entry("b", [7]), entry("c", [1, 1])]
    sums = [NumberEncoder().encode(one.passages).sum(axis=0) for one in entries]
    found = DenseRetriever.build(NumberEncoder(), entries).centroid_lengths
    assert found.tolist() == [float(np.linalg.norm(total)) for total in sums]

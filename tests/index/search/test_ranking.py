"""What is found for one query, and how its first hit came first."""

import unicodedata

import pytest

from mundap.index.search.fusion import Fusion
from mundap.index.search.retriever import Retriever
from tests.index.search.by_cosines import DENSE_ONLY, entry, ranked
from tests.tiny_encoder import TinyEncoder


@pytest.mark.parametrize(
    ("query", "is_exact"),
    [
        ("환불 되나요?", True),
        (unicodedata.normalize("NFD", " 환불  되나요? "), True),
        ("환불 되나요", True),
        ("환불 돼요!!", True),
        ("환불 되나", False),
        ("", False),
    ],
)
def test_a_phrasing_that_is_the_query_is_exact(query: str, is_exact: bool) -> None:
    entries = [entry("a", "환불 되나요?", "환불 돼요"), entry("b", "배송비 얼마예요?")]

    [ranking] = Retriever.build(TinyEncoder(dimension=512), entries).rank([query], 2)

    assert ranking.is_exact == is_exact


def test_ranks_say_how_far_vectors_and_words_alone_put_the_first_hit() -> None:
    entries = [
        entry("near", "쿠폰 10"),
        entry("nearer than first", "교환 9"),
        entry("first", "환불 영수증 8"),
        entry("words", "환불 영수증 0", "영수증 환불 0"),
    ]

    ranking = ranked(entries, Fusion(1, 0, 0.5, 0), "환불 영수증")

    assert ranking.hits[0].entry_id == "first"
    assert (ranking.dense_rank, ranking.bm25_rank) == (3, 2)


def test_a_hit_that_shares_no_word_has_no_place_among_words() -> None:
    ranking = ranked([entry("a", "환불 9"), entry("b", "배송 0")], DENSE_ONLY, "쿠폰")

    assert (ranking.dense_rank, ranking.bm25_rank, ranking.shared) == (1, 0, ())


def test_shared_words_come_in_the_order_of_the_query_each_once() -> None:
    entries = [entry("a", "영수증 환불 쿠폰 9", "배송 0"), entry("b", "교환 1")]

    ranking = ranked(entries, DENSE_ONLY, "환불 영수증 배송 환불")

    assert ranking.shared == ("환불", "영수증")

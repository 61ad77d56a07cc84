import unicodedata

from mundap.training.data.pairs import Pair
from mundap.training.data.text_pool import TextPool

NFD = unicodedata.normalize("NFD", "환불 되나요")
PAIRS = [
    Pair("환불 되나요", "네.", "a"),
    Pair(NFD, "OK", "b"),
    Pair("ok", "배송비", "c", ("교환",)),
    Pair("쿠폰", "할인권", "d"),
]


def texts_of(pool: TextPool, anchor: str, positive: str) -> set[str]:
    rows = pool.row(anchor), pool.row(positive)
    assert rows[0] is not None
    assert rows[1] is not None
    return {pool.texts[row] for row in pool.known(rows[0], rows[1])}


def test_a_text_stands_once_however_it_is_spelt() -> None:
    pool = TextPool.of(PAIRS)
    assert pool.texts == ("환불 되나요", "네.", "OK", "배송비", "쿠폰", "할인권")
    assert (pool.anchors.tolist(), pool.positives.tolist()) == ([0, 0, 2, 4], [1, 2, 3, 5])


def test_negatives_are_no_texts_of_the_pool() -> None:
    pool = TextPool.of(PAIRS)
    assert pool.row("교환") is None
    assert pool.row("  ok ") == 2


def test_what_shares_an_answer_with_either_text_is_known() -> None:
    pool = TextPool.of(PAIRS)
    assert texts_of(pool, "환불 되나요", "네.") == {"환불 되나요", "네.", "OK"}
    assert texts_of(pool, "환불 되나요", "OK") == {"환불 되나요", "네.", "OK", "배송비"}
    assert texts_of(pool, "쿠폰", "할인권") == {"쿠폰", "할인권"}


def test_no_pairs_have_no_texts() -> None:
    pool = TextPool.of([])
    assert (pool.texts, pool.anchors.tolist(), pool.positives.tolist()) == ((), [], [])

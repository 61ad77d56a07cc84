from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.passages import Passages
from mundap.index.query.companions import Companions
from mundap.index.query.vocabulary import Vocabulary
from tests.index.shop_faq import ENTRIES, passages, vocabulary

COMPANIONS = Companions.of(vocabulary(), passages())
WORDS = ["환불", "배송비", "쿠폰", "카카오페이", "언제", "등록"]


def affinity(word: str, others: list[str]) -> float:
    """Return what `affinities` should, by looking into every entry."""
    held = [
        {part for text in entry.passages for w in text.split() for part in vocabulary().parts(w)}
        for entry in ENTRIES
    ]

    def share(*words: str) -> int:
        return sum(all(word in parts for word in words) for parts in held)

    expected = share(word) / len(ENTRIES)
    found = [(share(word, other) + expected) / (share(other) + 1) for other in others]
    return sum(log(value / expected) for value in found) / len(found)


@given(st.sampled_from(WORDS), st.lists(st.sampled_from(WORDS), min_size=1, unique=True))
def test_affinity_is_what_counting_entries_finds(word: str, others: list[str]) -> None:
    (found,) = COMPANIONS.affinities([word], " ".join(others))
    assert found == pytest.approx(affinity(word, others))


def test_a_word_is_likelier_beside_its_companions_and_as_likely_beside_strangers() -> None:
    near, far = COMPANIONS.affinities(["배송비", "쿠폰"], "얼마예요")
    assert near > 0 > far
    assert COMPANIONS.affinities(["배송비"], "날씨 ㅋㅋ") == [0.0]
    assert COMPANIONS.affinities([], "얼마예요") == []


def test_entries_count_once_however_often_they_say_a_word() -> None:
    entries = [
        FaqEntry("a", "환불 언제", "네.", ("환불 기간", "환불은")),
        FaqEntry("b", "배송 언제", "네."),
    ]
    found = Vocabulary.of(Passages.of(entries))
    (alone,) = Companions.of(found, Passages.of(entries)).affinities(["환불"], "언제")
    assert alone == pytest.approx(log((1 + 0.5) / (2 + 1) / 0.5))


def test_it_is_the_same_from_its_arrays() -> None:
    again = Companions(vocabulary(), COMPANIONS.bounds, COMPANIONS.rows)
    assert again.affinities(WORDS, "환불 언제") == COMPANIONS.affinities(WORDS, "환불 언제")


def test_a_faq_without_words_has_no_companions() -> None:
    empty = Companions.of(Vocabulary({}, {}, {}), Passages.of([]))
    assert empty.affinities([], "환불") == []

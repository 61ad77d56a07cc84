from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.passages import Passages
from mundap.index.korean.morphemes import content_forms
from mundap.index.search import threshold
from mundap.index.search.lexical import LexicalIndex, QueryWords
from mundap.index.search.stored_lexical import StoredLexicalIndex

FORMS = ["환불", "배송", "쿠폰", "영수증", "회원", "탈퇴"]
QUERIES = [
    "환불은 언제 되나요?",
    "배송 왜 안 와ㅠㅠ",
    "쿠폰이랑 영수증 좀",
    "안녕?!",
    "우주 배송 배송",
    "",
]
FAQ = [
    FaqEntry(
        "r", "환불은 언제 되나요?", "3일 걸려요.", ("돈 언제 돌려줘", "환불 기간 궁금해요"), "결제"
    ),
    FaqEntry("d", "배송이 늦어요", "확인할게요.", ("택배 왜 안 와😭",), "배송"),
    FaqEntry("c", "쿠폰은 어떻게 쓰나요?", "결제할 때 고르세요.", (), "결제"),
    FaqEntry("e", "?!", "글이 없어요.", (), "기타"),
]


def both(
    entries: list[FaqEntry], tokens: list[list[str]]
) -> tuple[LexicalIndex, StoredLexicalIndex]:
    passages = Passages.of(entries)
    stored = StoredLexicalIndex.of_tokens(passages, tokens)
    return LexicalIndex.build(passages, tokens), stored


def of_faq() -> tuple[LexicalIndex, StoredLexicalIndex]:
    return both(FAQ, [content_forms(text) for text in Passages.of(FAQ).texts])


@pytest.mark.parametrize("query", QUERIES)
def test_stored_words_say_what_words_in_memory_say(query: str) -> None:
    whole, stored = of_faq()
    said, read = whole.words(query), stored.words(query)

    assert (read.weights, read.mass) == (said.weights, pytest.approx(said.mass))
    np.testing.assert_allclose(stored.bm25(read), whole.bm25(said), rtol=2e-6)
    np.testing.assert_allclose(stored.coverage(read), whole.coverage(said), rtol=2e-6)
    rows = np.array([3, 0, 4])
    np.testing.assert_array_equal(stored.coverage_of(read, rows), stored.coverage(read)[rows])
    for row in range(len(whole.passages)):
        assert stored.shared(query, row) == whole.shared(query, row)


def test_a_search_by_words_alone_finds_what_one_in_memory_does_but_for_what_shares_none() -> None:
    whole, stored = of_faq()

    pairs = zip(stored.search(QUERIES, 3), whole.search(QUERIES, 3), strict=True)
    for found, wanted in pairs:
        shared = [hit for hit in wanted if hit.score > 0]
        assert [hit.entry for hit in found] == [hit.entry for hit in shared]
        assert [hit.question for hit in found] == [hit.question for hit in shared]


@settings(max_examples=150, deadline=None)
@given(
    corpus=st.lists(st.lists(st.sampled_from(FORMS), max_size=9), min_size=1, max_size=40),
    asked=st.lists(st.tuples(st.sampled_from(FORMS), st.floats(0.1, 1.0)), max_size=5),
    count=st.integers(1, 12),
    category=st.sampled_from([None, "0", "1", "없음"]),
    step=st.integers(1, 5),
)
def test_the_best_entries_are_those_of_a_look_at_all(
    corpus: list[list[str]],
    asked: list[tuple[str, float]],
    count: int,
    category: str | None,
    step: int,
) -> None:
    entries = [
        FaqEntry(str(place), f"질문 {place}", "답", category=str(place % 3 // 2))
        for place in range(len(corpus))
    ]
    whole, stored = both(entries, corpus)
    mass = float(len(asked) * 10)
    [said, read] = [
        QueryWords(tuple(known[f] for f, _ in kept), tuple(w for _, w in kept), mass)
        for known in (whole._vocabulary, stored._vocabulary)
        for kept in [[(form, weight) for form, weight in asked if form in known]]
    ]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threshold, "_STEP", step)
        found = stored.scores(read)
        best = found.best(count, category)

    every = whole.scores(said)
    wanted = np.sort(every.of(np.array(every.best(count, category), np.int64)))
    np.testing.assert_allclose(np.sort(found.of(np.array(best, np.int64))), wanted, rtol=2e-6)
    assert len(set(best)) == len(best)
    assert all(category in (None, entries[owner].category) for owner in best)


def test_a_query_looks_at_few_of_many_entries() -> None:
    """A rare word that stands beside a usual one decides, and the usual one's list stays unread."""
    tokens = [["배송", *["회원"] * (place % 7)] for place in range(20_000)]
    tokens[77] = ["배송", "환불"]
    entries = [FaqEntry(str(place), f"질문 {place}", "답") for place in range(len(tokens))]
    _, stored = both(entries, tokens)
    looked = []
    of = stored.bm25_of
    stored.bm25_of = lambda words, owners, lookup: (
        looked.append(len(owners)) or of(words, owners, lookup)
    )  # type: ignore[method-assign,func-returns-value]

    words = stored.words("배송 환불")
    found = stored.scores(words).best(1)

    assert found == [77]
    assert sum(looked) < 5_000


def test_what_was_saved_is_opened_as_it_was(tmp_path: Path) -> None:
    _, built = of_faq()
    built.save(tmp_path)
    opened = StoredLexicalIndex.open(tmp_path, built.passages)

    for query in QUERIES:
        words = opened.words(query)
        assert words == built.words(query)
        np.testing.assert_array_equal(opened.bm25(words), built.bm25(words))
        np.testing.assert_array_equal(opened.coverage(words), built.coverage(words))

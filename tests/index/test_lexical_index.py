import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from index.faq import FaqEntry
from index.lexical_index import EntryRanking, LexicalIndex
from index.morphemes import content_forms
from index.passages import Passages
from index.retriever import best_entries
from index.vector_index import RowHits

ENTRIES = [
    FaqEntry(
        "배송-1", "배송비는 얼마인가요?", "3,000원입니다.", ("택배비 얼마예요", "배송 fee 얼마?")
    ),
    FaqEntry(
        "배송-2", "배송은 며칠 걸리나요?", "이틀입니다.", ("언제 도착해요ㅠㅠ", "택배 언제 와?")
    ),
    FaqEntry(
        "환불-1", "환불은 언제 되나요?", "3일 안에 됩니다.", ("환불 며칠 걸려요?", "돈 언제 돌려줘")
    ),
    FaqEntry("환불-2", "환불 수수료가 있나요?", "없습니다.", ("환불할 때 돈 떼나요",)),
    FaqEntry("인사", "안녕?", "안녕하세요!", ("ㅎㅇ", "😀", "그게 뭐야?")),
]
QUERIES = [
    "배송비 얼마야?",
    "환불 언제 되는지 알려 주세요",
    "택배 며칠 걸려",
    "fee",
    "돈 돈 돈 돌려줘",
    "오늘 날씨 어때",
    "",
    "😀😀",
    "은 는 이 가",
]


def by_rank_bm25(query, entries, k):
    """The same ranking from rank_bm25 alone."""
    passages = Passages.of(entries)
    bm25 = BM25Okapi([content_forms(text) for text in passages.texts])
    scores = bm25.get_scores(content_forms(query)).astype(np.float32)
    best = {}
    for owner, text, score in zip(passages.owners, passages.texts, scores.tolist(), strict=True):
        entry_id = entries[owner].entry_id
        if entry_id not in best or score > best[entry_id][0]:
            best[entry_id] = (score, text)
    ranked = sorted(((score, i, text) for i, (score, text) in best.items()), reverse=True)
    return [(entry_id, text, score) for score, entry_id, text in ranked[:k]]


@pytest.mark.parametrize("k", [1, 3, 5, 50])
def test_hits_equal_those_of_rank_bm25_used_directly(k):
    found = LexicalIndex.build(Passages.of(ENTRIES)).search(QUERIES, k)
    assert [[(h.entry_id, h.question, h.score) for h in hits] for hits in found] == [
        by_rank_bm25(query, ENTRIES, k) for query in QUERIES
    ]


def test_a_shared_word_brings_its_entry_to_the_top():
    found = LexicalIndex.build(Passages.of(ENTRIES)).search(["수수료", "도착"], 1)
    assert [hits[0].entry_id for hits in found] == ["환불-2", "배송-2"]


def test_every_entry_is_ranked_when_nothing_matches_and_ties_go_by_id_descending():
    hits = LexicalIndex.build(Passages.of(ENTRIES)).search(["zzz"], 10)[0]
    assert [(h.entry_id, h.score) for h in hits] == [
        ("환불-2", 0.0),
        ("환불-1", 0.0),
        ("인사", 0.0),
        ("배송-2", 0.0),
        ("배송-1", 0.0),
    ]


def test_a_decomposed_query_finds_what_the_composed_one_does():
    index = LexicalIndex.build(Passages.of(ENTRIES))
    composed, decomposed = "환불 수수료 있어?", unicodedata.normalize("NFD", "환불 수수료 있어?")
    assert composed != decomposed
    assert index.search([decomposed], 5) == index.search([composed], 5)


def test_a_corpus_without_any_content_morpheme_is_searchable():
    entries = [FaqEntry("a", "😀", "웃음"), FaqEntry("b", "?!", "물음")]
    hits = LexicalIndex.build(Passages.of(entries)).search(["배송비", ""], 5)
    assert [[(h.entry_id, h.score) for h in found] for found in hits] == [
        [("b", 0.0), ("a", 0.0)],
        [("b", 0.0), ("a", 0.0)],
    ]


def test_no_queries_and_no_passages_give_no_hits():
    assert LexicalIndex.build(Passages.of(ENTRIES)).search([], 5) == []
    assert LexicalIndex.build(Passages.of([])).search(["배송비"], 5) == [[]]


def test_k_below_one_is_refused():
    with pytest.raises(ValueError, match="k is 0; wanted at least 1"):
        LexicalIndex.build(Passages.of(ENTRIES)).search(["배송비"], 0)


def test_scores_that_differ_by_rounding_alone_are_ties():
    ranking = EntryRanking.of(Passages.of([FaqEntry("a", "가", "1"), FaqEntry("b", "나", "2")]))
    hits = ranking.best(np.array([0.1 + 0.2, 0.3]), 2)
    assert [hit.entry_id for hit in hits] == ["b", "a"]


@settings(max_examples=200)
@given(
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=12),
    k=st.integers(1, 15),
    seed=st.integers(0, 1_000),
)
def test_the_best_entries_are_those_of_a_full_sort(sizes, k, seed):
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

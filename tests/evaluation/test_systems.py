from dataclasses import replace

import numpy as np
import pytest

from mundap.evaluation.fit.served_confidence import measure_confidence
from mundap.evaluation.queries import Query
from mundap.evaluation.systems import SYSTEMS, ServedRanker, around, build_systems
from mundap.index.faq.entry import FaqEntry
from mundap.index.search.confidence import Confidence
from mundap.index.search.reranker import Reranker
from mundap.index.search.retriever import Retriever
from tests.tiny_encoder import TinyEncoder

ENTRIES = [
    FaqEntry(f"e{n}", question, f"답 {n}", (alternate,))
    for n, (question, alternate) in enumerate(
        [
            ("배송비는 얼마인가요?", "택배 요금"),
            ("환불은 언제 되나요?", "돈 언제 줘"),
            ("쿠폰은 어디에 쓰나요?", "할인권 사용"),
        ]
    )
]
QUERIES = ["배송비 얼마", "환불 언제", "쿠폰"]


def ids(hits):
    return [[(hit.entry_id, hit.score) for hit in of_query] for of_query in hits]


class Backwards:
    """Finds a query closest to the question that came last."""

    fingerprint = "backwards"

    def closeness(self, pairs):
        return np.linspace(0.1, 0.9, len(pairs), dtype=np.float32)


def test_every_system_is_the_one_that_its_name_says(tiny_encoder):
    retriever = Retriever.build(tiny_encoder, ENTRIES)
    systems = around(retriever)
    assert tuple(systems) == SYSTEMS
    assert ids(systems["hybrid"].search(QUERIES, 3)) == ids(retriever.search(QUERIES, 3))
    assert ids(systems["dense"].search(QUERIES, 3)) == ids(retriever.dense.search(QUERIES, 3))
    alone = build_systems(["bm25", "tfidf"], ENTRIES, TinyEncoder)
    for name in ("bm25", "tfidf"):
        assert ids(systems[name].search(QUERIES, 3)) == ids(alone[name].search(QUERIES, 3))


def test_no_encoder_is_loaded_for_words_alone():
    def refuse():
        raise AssertionError("an encoder was loaded")

    assert list(build_systems(["tfidf", "bm25"], ENTRIES, refuse)) == ["tfidf", "bm25"]
    with pytest.raises(AssertionError, match="an encoder was loaded"):
        build_systems(["tfidf", "dense"], ENTRIES, refuse)


def test_the_reranked_system_comes_first_and_reorders_the_hybrid_one(tiny_encoder):
    retriever = Retriever.build(tiny_encoder, ENTRIES)
    systems = around(retriever, reranker=Reranker(Backwards()))
    assert tuple(systems) == ("reranked", *SYSTEMS)
    hybrid = [[hit.entry_id for hit in hits] for hits in systems["hybrid"].search(QUERIES, 10)]
    reranked = [[hit.entry_id for hit in hits] for hits in systems["reranked"].search(QUERIES, 10)]
    assert reranked == [list(reversed(of_query)) for of_query in hybrid]
    first = systems["reranked"].search(QUERIES, 1)
    assert [[hit.entry_id for hit in hits] for hits in first] == [hits[:1] for hits in reranked]


def test_confidence_is_measured_on_given_queries_and_an_equal_answer_is_right(tiny_encoder):
    twin = replace(ENTRIES[0], entry_id="twin", question="운임이 궁금해요", alternates=())
    retriever = Retriever.build(tiny_encoder, [*ENTRIES, twin])
    queries = [
        Query("q1", "배송비는 얼마인가요?", "twin"),
        Query("q2", "환불은 언제 되나요?", "e1"),
    ]
    confidence = Confidence.usual(content=False)
    report = measure_confidence(retriever, confidence, queries, ["날씨 어때", "😀"])
    assert (report.n_in_scope, report.n_out_of_scope) == (2, 2)
    texts = [*(query.text for query in queries), "날씨 어때", "😀"]
    promised = [confidence.probability(r.evidence) for r in retriever.rank(texts, 1)]
    gaps = np.array(promised) - np.array([1, 1, 0, 0])
    assert report.brier.mean == pytest.approx((gaps**2).mean(), abs=1e-4)


def test_what_is_served_is_asked_as_a_bot_asks(tiny_encoder):
    many = [FaqEntry(f"m{n}", f"배송 질문 {n}", f"답 {n}") for n in range(50)]
    retriever = Retriever.build(tiny_encoder, [*ENTRIES, *many])
    served = ServedRanker(retriever)
    for k in (1, 4):
        asked = [list(retriever.rank_in_steps(query, k).hits) for query in QUERIES]
        assert ids(served.search(QUERIES, k)) == ids(asked)
    assert [len(hits) for hits in served.search(["배송 질문"], 100)] == [32]

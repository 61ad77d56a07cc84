import math
import unicodedata
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mundap.index.encoders.encoder import Vectors
from mundap.index.faq.entry import FaqEntry
from mundap.index.korean.morphemes import content_forms, content_morphemes
from mundap.index.korean.rarity import rarity
from mundap.index.query.query_layer import Reading, Step
from mundap.index.search.evidence import Evidence
from mundap.index.search.fusion import Fusion
from mundap.index.search.hit import Signals
from mundap.index.search.ranking import EncodedQuery, Ranking
from mundap.index.search.retriever import CANDIDATES, Retriever
from mundap.index.search.scope import UNKNOWN
from tests.index import shop_faq
from tests.index.search.by_cosines import DENSE_ONLY, CosineEncoder, entry, ranked
from tests.tiny_encoder import TinyEncoder

WORDS = ("환불", "배송", "쿠폰", "회원", "결제", "교환", "적립금", "영수증")


class ScatteredEncoder:
    """Gives each text one of seven vectors in three dimensions, one of them zero."""

    fingerprint = "scattered"
    dimension = 3

    def encode(self, texts: Sequence[str]) -> Vectors:
        axes = np.vstack([np.eye(3), -np.eye(3), np.zeros((1, 3))]).astype(np.float32)
        return axes[[zlib.crc32(text.encode()) % 7 for text in texts]].reshape(len(texts), 3)


def brute_force(
    entries: Sequence[FaqEntry], query: str, fusion: Fusion, category: str | None
) -> dict[str, float]:
    """Score every entry by the definitions, one after the other."""
    encoder = ScatteredEncoder()
    phrasings = sum(len({*one.passages}) for one in entries) / len(entries)
    language = 1 - min(math.log2(phrasings) / 4, 1)
    asked_words = [(word.form, rarity(word) ** language) for word in content_morphemes(query)]
    documents = {
        one.entry_id: [word for text in one.passages for word in content_forms(text)]
        for one in entries
    }
    usual = sum(map(len, documents.values())) / len(entries)
    [asked] = encoder.encode([query]).astype(float)

    def idf(word: str) -> float:
        frequency = sum(word in words for words in documents.values())
        return math.log(1 + (len(entries) - frequency + 0.5) / (frequency + 0.5))

    mass = sum(weight * idf(word) for word, weight in asked_words) or 1.0
    scores = {}
    for one in entries:
        if category not in (None, one.category):
            continue
        vectors = encoder.encode(one.passages).astype(float)
        middle = vectors.mean(axis=0)
        size = np.linalg.norm(middle)
        document = documents[one.entry_id]
        counts, norm = Counter(document), 1.5 * (0.25 + 0.75 * len(document) / usual)
        bm25 = sum(w * idf(word) * counts[word] / (counts[word] + norm) for word, w in asked_words)
        held = [
            sum(w * idf(word) for word, w in asked_words if word in content_forms(text))
            for text in one.passages
        ]
        parts = {
            fusion.dense: max(vectors @ asked),
            fusion.centroid: middle @ asked / size if size else 0.0,
            fusion.bm25: bm25 / mass,
            fusion.coverage: max(held) / mass,
        }
        scores[one.entry_id] = sum(w * part for w, part in parts.items()) / sum(parts)
    return scores


phrasings = st.lists(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join),
    min_size=1,
    max_size=5,
    unique=True,
)


@given(
    groups=st.lists(
        st.tuples(phrasings, st.sampled_from(["배송", "환불"])), min_size=1, max_size=CANDIDATES
    ),
    words=st.lists(st.sampled_from((*WORDS, "우주")), min_size=1, max_size=5),
    k=st.integers(1, 40),
    category=st.sampled_from([None, "배송", "환불", "없음"]),
    # Different ones, as the brute force tells the parts apart by them.
    fusion=st.sampled_from([Fusion(1, 0.3, 0.5, 0.2), Fusion(0.1, 4, 2, 3), Fusion(1, 2, 6, 0.5)]),
)
@settings(max_examples=60)
def test_hits_equal_a_brute_force_over_all_entries(
    groups: list[tuple[list[str], str]],
    words: list[str],
    k: int,
    category: str | None,
    fusion: Fusion,
) -> None:
    entries = [entry(str(n), *texts, category=name) for n, (texts, name) in enumerate(groups)]
    retriever, query = Retriever.build(ScatteredEncoder(), entries, fusion), " ".join(words)
    vectors = ScatteredEncoder().encode([query])

    [ranking] = retriever.rank_encoded(
        [Reading(query, ())], [EncodedQuery(vectors[0])], k, category=category
    )

    expected = brute_force(entries, query, fusion, category)
    # Scores are rounded to six digits.
    found = {hit.entry_id: hit.score for hit in ranking.hits}
    assert found == pytest.approx({key: expected[key] for key in found}, abs=2e-6)
    best = sorted(expected.values(), reverse=True)[:k]
    assert list(found.values()) == pytest.approx(best, abs=2e-6)
    order = [(hit.score, hit.entry_id) for hit in ranking.hits]
    assert order == sorted(order, reverse=True)


def test_equal_scores_go_by_id_descending_also_where_k_parts_them() -> None:
    entries = [entry(name, "환불 7") for name in ("9", "10", "a", "11")]

    assert [hit.entry_id for hit in ranked(entries, Fusion(), "환불").hits] == [
        "a",
        "9",
        "11",
        "10",
    ]
    assert [hit.entry_id for hit in ranked(entries, Fusion(), "환불", 2).hits] == ["a", "9"]


def test_the_order_of_the_faq_changes_nothing() -> None:
    forward = Retriever.build(TinyEncoder(), shop_faq.ENTRIES)
    backward = Retriever.build(TinyEncoder(), shop_faq.ENTRIES[::-1])
    queries = ["배송비 얼마야", "환불 언제", "카카오 결제", "우주 정거장", ""]

    assert forward.rank(queries, 8) == backward.rank(queries, 8)


def test_each_proposes_what_the_other_overlooks() -> None:
    crowd = [entry(f"crowd-{place}", "교환 9") for place in range(CANDIDATES)]
    lexical = entry("by words", "환불 영수증 0")
    entries = [*crowd, entry("by vector", "배송 10"), lexical]

    by_words = ranked(entries, Fusion(0, 0, 1, 0), "환불 영수증", 1)
    by_vector = ranked(entries, DENSE_ONLY, "환불 영수증", 1)

    assert [hit.entry_id for hit in by_words.hits] == ["by words"]
    assert [hit.entry_id for hit in by_vector.hits] == ["by vector"]


def test_as_many_entries_as_asked_for_are_ranked() -> None:
    entries = [entry(f"{place:03d}", "환불 5") for place in range(2 * CANDIDATES)]

    ranking = ranked(entries, DENSE_ONLY, "배송", 2 * CANDIDATES)

    assert [hit.entry_id for hit in ranking.hits] == [f"{n:03d}" for n in range(63, -1, -1)]


def test_a_hit_shows_its_nearest_passage_and_the_signals_of_its_entry() -> None:
    found = entry("a", "환불 6", "배송 8", "환불 배송 8")

    ranking = ranked([found, entry("b", "쿠폰 0")], Fusion(), "환불")

    # Of the two passages with the best cosine the first.
    [hit, _] = ranking.hits
    assert (hit.entry, hit.question) == (found, "배송 8")
    middle = np.array([0.6 + 0.8 + 0.8, 0.8 + 0.6 + 0.6])
    # The word twice among seven, numbers included; an entry has four and a half on average.
    bm25 = 2 / (2 + 1.5 * (0.25 + 0.75 * 7 / 4.5))
    signals = Signals(0.8, middle[0] / np.linalg.norm(middle), bm25, 1.0)
    assert hit.signals is not None
    for name in ("dense", "centroid", "bm25", "coverage"):
        assert getattr(hit.signals, name) == pytest.approx(getattr(signals, name), abs=1e-6)


def test_a_category_limits_what_is_ranked() -> None:
    entries = [
        entry("a", "환불 9", category="환불"),
        entry("b", "환불 배송 10", category="배송"),
        entry("c", "쿠폰 1", category="환불"),
    ]
    retriever = Retriever.build(CosineEncoder(), entries)

    [hits] = retriever.search(["환불"], 5, category="환불")

    assert [hit.entry_id for hit in hits] == ["a", "c"]


def test_a_category_that_no_entry_has_finds_nothing() -> None:
    retriever = Retriever.build(TinyEncoder(), [entry("a", "환불 되나요?")])

    [ranking] = retriever.rank(["환불 되나요?"], 5, category="포인트")

    assert ranking == Ranking(Reading("환불 되나요?", ()), (), None, 0, 0, ())


def test_vectors_alone_speak_for_a_query_without_words() -> None:
    entries = [entry("hello", "안녕 9"), entry("other", "환불 3")]

    ranking = ranked(entries, Fusion(1, 0, 9, 9), "안녕")

    assert [(hit.entry_id, hit.score) for hit in ranking.hits] == [("hello", 0.9), ("other", 0.3)]
    assert (ranking.bm25_rank, ranking.shared) == (0, ())


@pytest.mark.parametrize("query", ["", "  \n", "\u200b"])
def test_a_query_that_says_nothing_has_hits_of_score_zero(query: str) -> None:
    entries = [entry("a", "질문입니다"), entry("b", "다른 질문")]

    [ranking] = Retriever.build(TinyEncoder(), entries).rank([query], 2)

    assert [(hit.entry_id, hit.score) for hit in ranking.hits] == [("b", 0.0), ("a", 0.0)]
    # Either is as likely, and both are among the first three.
    assert ranking.evidence == Evidence(
        0.0, 0.0, 0.0, share=0.5, shown=1.0, single=1.0, beside=UNKNOWN
    )
    assert (ranking.reading, ranking.bm25_rank, ranking.shared) == (Reading("", ()), 0, ())


def test_a_query_is_read_before_it_is_encoded() -> None:
    encoder = TinyEncoder()
    retriever = Retriever.build(encoder, shop_faq.ENTRIES)
    encoder.encoded.clear()

    # What a Korean keyboard that is set to English types for 환불.
    [ranking] = retriever.rank(["ghksqnf"], 1)

    assert encoder.encoded == ["환불"]
    assert ranking.reading == Reading("환불", (Step("keyboard layout", "ghksqnf", "환불"),))
    assert (ranking.hits[0].entry_id, ranking.shared) == ("refund", ("환불",))


def test_every_query_has_its_own_hits() -> None:
    retriever = Retriever.build(TinyEncoder(), shop_faq.ENTRIES)
    queries = ["쿠폰 등록", unicodedata.normalize("NFD", "배송비 얼마?"), "쿠폰 등록"]

    hits = retriever.search(queries, 1)

    assert [[hit.entry_id for hit in found] for found in hits] == [["coupon"], ["fee"], ["coupon"]]
    assert hits == [list(ranking.hits) for ranking in retriever.rank(queries, 1)]
    assert retriever.search([], 1) == []


def test_the_fusion_is_what_is_usual_for_so_many_phrasings_unless_another_is_given() -> None:
    usual = Fusion.usual(
        len(shop_faq.passages()) / len(shop_faq.ENTRIES),
        content=False,
    )
    assert Retriever.build(TinyEncoder(), shop_faq.ENTRIES).fusion == usual
    assert Retriever.build(TinyEncoder(), shop_faq.ENTRIES, DENSE_ONLY).fusion == DENSE_ONLY


@pytest.mark.parametrize("k", [0, -3])
def test_fewer_than_one_hit_is_refused(k: int) -> None:
    retriever = Retriever.build(TinyEncoder(), [entry("a", "질문")])

    with pytest.raises(ValueError, match=f"k is {k}; wanted at least 1"):
        retriever.search(["질문"], k)


def test_a_copy_of_an_entry_is_offered_once_and_weighs_nothing() -> None:
    entries = [
        entry("a", "환불 언제 되나요", answer="사흘"),
        entry("b", "배송 언제 오나요", answer="이틀"),
        entry("c", "쿠폰 등록 방법", answer="쿠폰함"),
    ]
    copied = [*entries, replace(entries[0], entry_id="a-2"), replace(entries[0], entry_id="a-3")]
    once, thrice = (Retriever.build(TinyEncoder(), faq) for faq in (entries, copied))

    for query in ("환불 언제", "언제 돼요", "쿠폰 환불"):
        [wanted], [found] = once.rank([query], 9), thrice.rank([query], 9)
        assert found == wanted
        assert thrice.lexical_index.words(query) == once.lexical_index.words(query)
    assert thrice.lexical_index.search(["환불"], 9) == once.lexical_index.search(["환불"], 9)


def test_a_name_is_one_word_for_what_is_known_of_a_query() -> None:
    """Else 무신사 would be two words, and a topic of one word would pass for a question."""
    faq = [entry("shop", "무신사에서 산 옷도 되나요?"), entry("other", "신사 구두도 되나요?")]
    retriever = Retriever.build(TinyEncoder(), faq)

    [bare, asked] = retriever.rank(["무신사", "무신사 환불"], 1)

    assert bare.hits[0].entry_id == "shop"
    assert bare.shared == ("무신사",)
    assert bare.evidence is not None
    assert asked.evidence is not None
    assert (bare.evidence.single, asked.evidence.single) == (1.0, 0.0)

import json
import math
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from mundap.chatbot.home.bundled import bundled_path
from mundap.evaluation.queries import read_queries
from mundap.index.faq.entry import FaqEntry, read_faq
from mundap.index.faq.passages.passages import Passages
from mundap.index.korean.morphemes import content_forms, content_morphemes
from mundap.index.korean.rarity import rarity
from mundap.index.search.lexical import K1, LEXICAL_FILES, LexicalIndex, QueryWords

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
# Words for texts whose analysis costs nothing.
FORMS = [*"가나다라마"]


class LuceneBM25(BM25Okapi):
    """rank_bm25 with the idf of Lucene, which is never negative."""

    def _calc_idf(self, nd: dict[str, int]) -> None:
        for word, frequency in nd.items():
            self.idf[word] = math.log(1 + (self.corpus_size - frequency + 0.5) / (frequency + 0.5))


def documents(entries: Sequence[FaqEntry]) -> list[list[str]]:
    """Return the content morphemes of all phrasings of each entry."""
    return [[form for text in entry.passages for form in content_forms(text)] for entry in entries]


def mass(bm25: LuceneBM25, forms: Sequence[str], weights: Sequence[float]) -> float:
    """Return what a document could at most have of `forms`, over k1 + 1."""
    rarest = math.log(1 + (bm25.corpus_size + 0.5) / 0.5)
    idf = (bm25.idf.get(form, rarest) for form in forms)
    return sum(weight * one for weight, one in zip(weights, idf, strict=True)) or 1.0


def weighed_scores(
    bm25: LuceneBM25, forms: Sequence[str], weights: Sequence[float]
) -> NDArray[np.float64]:
    """Return rank_bm25's scores where each word of a query counts `weights` times."""
    parts = (w * bm25.get_scores([form]) for form, w in zip(forms, weights, strict=True))
    return sum(parts, np.zeros(bm25.corpus_size))


def weight_of(word: str, language: float = 1.0) -> float:
    """Return the rarity of one content morpheme."""
    [weight] = weights_of(word, language)
    return weight


def weights_of(query: str, language: float = 1.0) -> list[float]:
    """Return the rarity of each content morpheme, as far as the language counts."""
    return [rarity(morpheme) ** language for morpheme in content_morphemes(query)]


def test_scores_are_those_of_rank_bm25_as_a_share_of_what_can_be_had() -> None:
    lexical_index = LexicalIndex.build(Passages.of(ENTRIES))
    expected = LuceneBM25(documents(ENTRIES), k1=1.5, b=0.75)

    for query in QUERIES:
        forms, weights = content_forms(query), weights_of(query, lexical_index.language)
        scores = lexical_index.bm25(lexical_index.words(query))
        wanted = weighed_scores(expected, forms, weights) / (K1 + 1)
        wanted /= mass(expected, forms, weights)
        np.testing.assert_allclose(scores, wanted, rtol=2e-6)


@settings(max_examples=100)
@given(
    corpus=st.lists(
        st.lists(st.sampled_from(FORMS), min_size=1, max_size=9), min_size=1, max_size=9
    ),
    asked=st.lists(st.tuples(st.integers(0, 4), st.floats(0.1, 1.0)), min_size=1, max_size=6),
)
def test_scores_are_those_of_rank_bm25_for_any_documents(
    corpus: list[list[str]], asked: list[tuple[int, float]]
) -> None:
    entries = [FaqEntry(str(place), f"질문 {place}", "답") for place in range(len(corpus))]
    lexical_index = LexicalIndex.build(Passages.of(entries), corpus)
    used = sorted(set().union(*corpus))
    terms = tuple(place for place, _ in asked if place < len(used))
    weights = tuple(weight for place, weight in asked if place < len(used))
    forms = [used[term] for term in terms]
    expected = LuceneBM25(corpus, k1=1.5, b=0.75)
    most = mass(expected, forms, weights)

    scores = lexical_index.bm25(QueryWords(terms, weights, most))

    wanted = weighed_scores(expected, forms, weights) / (K1 + 1) / most
    np.testing.assert_allclose(scores, wanted, rtol=2e-6)
    assert scores.dtype == np.float32
    assert ((scores >= 0) & (scores < 1)).all()


def test_the_first_hit_is_that_of_rank_bm25_on_the_bundled_queries() -> None:
    """With the same idf and rarities always; plain rank_bm25's puts another first for some.

    Robertson's idf falls faster for words of many entries, and is replaced where it is negative.
    """
    entries = [e for path in sorted(bundled_path("faq").glob("*.csv")) for e in read_faq(path)]
    queries = [query.text for query in read_queries(bundled_path("queries.csv"))][::3]
    passages = Passages.of(entries)
    tokens = [content_forms(text) for text in passages.texts]
    corpus: list[list[str]] = [[] for _ in entries]
    for owner, forms in zip(passages.owners, tokens, strict=True):
        corpus[owner].extend(forms)
    ids = np.array([entry.entry_id for entry in entries])

    lexical_index = LexicalIndex.build(passages, tokens)
    language = lexical_index.language
    found = [hit.entry_id for [hit] in lexical_index.search(queries, 1)]

    def agreement(bm25: BM25Okapi, *, weighed: bool) -> float:
        same = 0
        for query, entry_id in zip(queries, found, strict=True):
            forms, weights = content_forms(query), weights_of(query, language)
            scores = weighed_scores(bm25, forms, weights if weighed else [1.0] * len(forms))
            single = scores.astype(np.float32)
            same += entry_id == max(ids[single == single.max()])
        return same / len(queries)

    assert agreement(LuceneBM25(corpus, k1=1.5, b=0.75), weighed=True) == 1.0
    assert 0.9 <= agreement(BM25Okapi(corpus, k1=1.5, b=0.75), weighed=False) < 1.0


def test_words_are_looked_up_and_unknown_ones_count_as_the_rarest() -> None:
    entries = [FaqEntry("a", "환불", "답"), FaqEntry("b", "환불 배송", "답")]
    lexical_index = LexicalIndex.build(Passages.of(entries))
    # Of two documents: in both, in one, in none.
    both, one, none = math.log(1 + 0.5 / 2.5), math.log(1 + 1.5 / 1.5), math.log(1 + 2.5 / 0.5)

    for query, terms, idf in [
        ("환불", (1,), [both]),
        ("배송 환불 배송", (0, 1, 0), [one, both, one]),
        ("영수증", (), [none]),
        ("영수증 환불", (1,), [none, both]),
        ("안녕?!", (), []),
        ("", (), []),
    ]:
        words, rarities = lexical_index.words(query), weights_of(query)
        assert words.terms == terms
        assert words.mass == pytest.approx(sum(w * i for w, i in zip(rarities, idf, strict=True)))


def test_words_of_grammar_do_not_outvote_a_word_of_the_subject() -> None:
    """By inverse document frequency alone 할 수 있는 것 is three words against one."""
    entries = [
        FaqEntry("foreigner", "외국인 계좌 개설", "여권을 가져오세요."),
        FaqEntry("abroad", "해외에서 쓸 수 있는 것", "카드입니다."),
        FaqEntry("lost", "카드 분실 신고", "앱에서 하세요."),
    ]
    lexical_index = LexicalIndex.build(Passages.of(entries))

    [[hit]] = lexical_index.search(["외국인도 할 수 있는 것이 있나요?"], 1)

    assert hit.entry_id == "foreigner"


def test_with_sixteen_phrasings_an_entry_the_faq_alone_says_what_is_rare() -> None:
    entries = [FaqEntry("a", "수 0", "답", tuple(f"수 {n}" for n in range(1, 16)))]
    [one], [four], [many] = (
        LexicalIndex.build(Passages.of([replace(entries[0], alternates=kept)])).words("수").weights
        for kept in ((), entries[0].alternates[:3], entries[0].alternates)
    )

    assert one == weight_of("수") < four < many == 1.0


def test_coverage_is_the_share_of_the_query_that_a_passage_holds() -> None:
    entries = [
        FaqEntry("a", "환불", "답", ("영수증 영수증", "환불 배송")),
        FaqEntry("b", "배송", "답"),
    ]
    lexical_index = LexicalIndex.build(Passages.of(entries))
    # Of two entries one has 환불, one 영수증 and both have 배송; nobody has 쿠폰.
    language = 1 - math.log2(4 / 2) / 4  # two phrasings an entry
    weights = {word: weight_of(word, language) for word in ("환불", "영수증", "배송", "쿠폰")}
    refund, receipt = math.log(2) * weights["환불"], math.log(2) * weights["영수증"]
    both, none = math.log(1.2) * weights["배송"], math.log(6) * weights["쿠폰"]

    two = lexical_index.coverage(lexical_index.words("환불 배송"))
    unknown = lexical_index.coverage(lexical_index.words("쿠폰 영수증"))
    nothing = lexical_index.coverage(lexical_index.words("안녕?!"))

    assert two == pytest.approx([refund / (refund + both), 0, 1, both / (refund + both)], abs=1e-6)
    assert unknown == pytest.approx([0, receipt / (receipt + none), 0, 0], abs=1e-6)
    assert nothing.tolist() == [0, 0, 0, 0]


def test_shared_words_are_those_of_one_passage_each_once_in_the_order_of_the_query() -> None:
    entries = [FaqEntry("a", "영수증 환불", "답", ("배송",)), FaqEntry("b", "쿠폰", "답")]
    lexical_index = LexicalIndex.build(Passages.of(entries))

    query = "환불 배송 쿠폰 영수증 우주 환불"

    assert lexical_index.shared(query, 0) == ("환불", "영수증")
    assert lexical_index.shared(query, 1) == ("배송",)
    assert lexical_index.shared(query, 2) == ("쿠폰",)
    assert lexical_index.shared("우주", 0) == lexical_index.shared("", 0) == ()


def test_shared_words_are_written_as_a_dictionary_lists_them() -> None:
    lexical_index = LexicalIndex.build(Passages.of([FaqEntry("a", "언제 와요?", "내일이요.")]))

    assert lexical_index.shared("언제 왔나요", 0) == ("언제", "오다")


def test_a_hit_shows_the_passage_that_covers_most_of_the_query() -> None:
    found = LexicalIndex.build(Passages.of(ENTRIES)).search(["택배 언제", "fee 얼마", "수수료"], 1)

    assert [(hit.entry_id, hit.question) for [hit] in found] == [
        ("배송-2", "택배 언제 와?"),
        ("배송-1", "배송 fee 얼마?"),
        ("환불-2", "환불 수수료가 있나요?"),
    ]


def test_words_in_two_phrasings_of_an_entry_add_up() -> None:
    entries = [
        FaqEntry("a", "환불 얼마", "답", ("택배 언제",)),
        FaqEntry("b", "환불 쿠폰", "답", ("영수증 언제",)),
    ]

    [[first, second]] = LexicalIndex.build(Passages.of(entries)).search(["환불 택배"], 2)

    assert (first.entry_id, second.entry_id) == ("a", "b")
    assert first.score > second.score > 0


def test_every_entry_is_ranked_when_nothing_matches_and_ties_go_by_id_descending() -> None:
    [hits] = LexicalIndex.build(Passages.of(ENTRIES)).search(["zzz"], 10)

    assert [(hit.entry_id, hit.score) for hit in hits] == [
        ("환불-2", 0.0),
        ("환불-1", 0.0),
        ("인사", 0.0),
        ("배송-2", 0.0),
        ("배송-1", 0.0),
    ]


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_the_k_best_are_the_first_of_all(k: int) -> None:
    lexical_index = LexicalIndex.build(Passages.of(ENTRIES))

    few, everything = lexical_index.search(QUERIES, k), lexical_index.search(QUERIES, 50)

    assert few == [hits[:k] for hits in everything]
    assert {len(hits) for hits in everything} == {len(ENTRIES)}


def test_a_decomposed_query_finds_what_the_composed_one_does() -> None:
    lexical_index = LexicalIndex.build(Passages.of(ENTRIES))
    composed, decomposed = "환불 수수료 있어?", unicodedata.normalize("NFD", "환불 수수료 있어?")

    assert composed != decomposed
    assert lexical_index.search([decomposed], 5) == lexical_index.search([composed], 5)


def test_tokens_that_are_known_already_are_not_analysed_again() -> None:
    passages = Passages.of(ENTRIES)
    tokens = [content_forms(text) for text in passages.texts]

    given = LexicalIndex.build(passages, tokens)
    invented = LexicalIndex.build(passages, [["zzz"], *tokens[1:]])

    assert given.search(QUERIES, 5) == LexicalIndex.build(passages).search(QUERIES, 5)
    [[hit]] = invented.search(["zzz"], 1)
    assert (hit.entry_id, hit.question) == ("배송-1", "배송비는 얼마인가요?")


def test_a_corpus_without_any_content_morpheme_is_searchable() -> None:
    entries = [FaqEntry("a", "😀", "웃음"), FaqEntry("b", "?!", "물음")]

    found = LexicalIndex.build(Passages.of(entries)).search(["배송비", ""], 5)

    assert [[(hit.entry_id, hit.score) for hit in hits] for hits in found] == [
        [("b", 0.0), ("a", 0.0)],
        [("b", 0.0), ("a", 0.0)],
    ]


def test_no_queries_and_no_entries_give_no_hits() -> None:
    assert LexicalIndex.build(Passages.of(ENTRIES)).search([], 5) == []
    assert LexicalIndex.build(Passages.of([])).search(["배송비"], 5) == [[]]


def test_k_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="k is 0; wanted at least 1"):
        LexicalIndex.build(Passages.of(ENTRIES)).search(["배송비"], 0)


@pytest.mark.parametrize("entries", [ENTRIES, [FaqEntry("a", "😀", "답")], []])
def test_what_is_saved_is_loaded_and_saved_again_byte_for_byte(
    entries: list[FaqEntry], tmp_path: Path
) -> None:
    passages = Passages.of(entries)
    built = LexicalIndex.build(passages)
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()

    built.save(first)
    loaded = LexicalIndex.load(first, passages)
    loaded.save(second)

    assert sorted(path.name for path in first.iterdir()) == sorted(LEXICAL_FILES)
    for name in LEXICAL_FILES:
        assert (second / name).read_bytes() == (first / name).read_bytes()
    assert loaded.search(QUERIES, 9) == built.search(QUERIES, 9)
    for query in QUERIES:
        words = loaded.words(query)
        assert words == built.words(query)
        np.testing.assert_array_equal(loaded.coverage(words), built.coverage(words))


def test_arrays_hold_plain_numbers_and_a_pickled_one_is_refused(tmp_path: Path) -> None:
    passages = Passages.of(ENTRIES)
    LexicalIndex.build(passages).save(tmp_path)
    kinds = {path.name: np.load(path).dtype for path in tmp_path.glob("*.npy")}
    assert kinds == {
        "bm25.entry_bounds.npy": np.int32,
        "bm25.entry_rows.npy": np.int32,
        "bm25.gains.npy": np.float32,
        "bm25.passage_bounds.npy": np.int32,
        "bm25.passage_rows.npy": np.int32,
    }
    vocabulary = json.loads((tmp_path / "bm25.vocabulary.json").read_text(encoding="utf-8"))
    assert list(vocabulary) == sorted(vocabulary)
    assert list(vocabulary.values()) == list(range(len(vocabulary)))

    np.save(tmp_path / "bm25.gains.npy", np.array([{}], dtype=object), allow_pickle=True)

    with pytest.raises(ValueError, match="Object arrays"):
        LexicalIndex.load(tmp_path, passages)

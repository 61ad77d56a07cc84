import math
import unicodedata
from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mundap.evaluation.fit.judged import Judged
from mundap.evaluation.fit.reduction import MOST, Reduction, own_phrasings
from mundap.evaluation.queries import Query
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.passages import Passages
from mundap.index.korean.text import match_key
from mundap.index.search.confidence import EVIDENCE
from mundap.index.search.content import ContentRetriever
from mundap.index.search.dense import DenseRetriever
from mundap.index.search.evidence import SHOWN, Evidence
from mundap.index.search.fusion import Fusion
from mundap.index.search.lexical import LexicalIndex
from mundap.index.search.retriever import Retriever
from tests.tiny_encoder import TinyEncoder, TinyReader

SHOP = [
    FaqEntry("fee", "배송비는 얼마인가요?", "3,000원이에요.", ("택배비 얼마", "배송비 알려 줘")),
    FaqEntry("fee-2", "택배 요금", "3,000원이에요.", ("배송 요금 얼마예요",)),
    FaqEntry("refund", "환불은 언제 되나요?", "3일 걸려요.", ("환불 며칠 걸려요",)),
    FaqEntry("points", "적립금은 언제 들어오나요?", "다음 날이요."),
]


def faq(*sizes: int, answers: int | None = None) -> list[FaqEntry]:
    """Return one entry for each size, with as many phrasings; answers repeat where said."""
    return [
        FaqEntry(
            f"e{place}",
            f"{place}번 질문 0",
            f"답 {place % (answers or len(sizes))}",
            tuple(f"{place}번 질문 {number}" for number in range(1, size)),
        )
        for place, size in enumerate(sizes)
    ]


def retriever_of(entries: list[FaqEntry]) -> Retriever:
    return Retriever.build(TinyEncoder(), entries, Fusion())


def rows_of(parts: list[np.ndarray]) -> list[int]:
    return sorted(row for part in parts for row in part.tolist())


def test_queries_are_judged_by_the_answer_they_find() -> None:
    retriever = retriever_of(SHOP)
    texts = ["배송비는 얼마인가요?", "택배 요금", "환불은 언제 되나요?", "우주 정거장"]
    # The second finds another entry with the answer that is wanted; the last is wrong.
    wanted = ["fee", "fee", "refund", "points"]
    queries = [Query(f"q{n}", *pair) for n, pair in enumerate(zip(texts, wanted, strict=True))]

    judged = Judged.queries(retriever, queries)

    assert judged.correct.tolist() == [True, True, True, False]
    assert judged.in_scope.tolist() == [True] * 4
    rankings = retriever.rank(texts, SHOWN)
    facts = [list(astuple(r.evidence)) for r in rankings if r.evidence]
    assert judged.evidence.tolist() == facts


def test_an_answer_among_the_first_three_is_shown() -> None:
    entries = [FaqEntry(str(n), f"환불 {'가나다라마바사'[:n]}", f"답 {n}") for n in range(1, 6)]
    retriever = retriever_of(entries)
    order = [hit.entry_id for hit in retriever.rank(["환불 가나다라"], 5)[0].hits]

    judged = Judged.queries(retriever, [Query(place, "환불 가나다라", place) for place in order])

    assert judged.correct.tolist() == [True, False, False, False, False]
    assert judged.shown.tolist() == [True, True, True, False, False]


def test_a_phrasing_left_out_is_asked_of_what_a_pretrained_encoder_read_of_the_rest() -> None:
    reader = TinyReader()
    retriever = Retriever.build(TinyEncoder(), SHOP, pretrained=reader)
    reader.read.clear()

    judged = Reduction.of(retriever).asked_without(np.array([1]), np.array([1]), True)

    without = [FaqEntry("fee", SHOP[0].question, SHOP[0].answer, ("배송비 알려 줘",)), *SHOP[1:]]
    # The whole FAQ's query layer and names stay.
    names = retriever.lexical_index.names
    dense = DenseRetriever.build(TinyEncoder(), without)
    words = LexicalIndex.build(dense.passages, names=names)
    content = ContentRetriever.build(TinyReader(), Passages.of(without), names)
    fresh = Retriever(dense, words, retriever.query_layer, retriever.fusion, content)
    [expected] = fresh.rank(["택배비 얼마"], SHOWN)
    assert isinstance(expected.evidence, Evidence)
    assert judged.evidence[0] == pytest.approx(astuple(expected.evidence), abs=1e-6)
    assert (judged.correct.tolist(), reader.read) == ([True], [])


def test_questions_are_not_asked_in_scope_where_contents_repeat_them() -> None:
    entries = faq(3, 2, 1)
    plain, reading = (
        Retriever.build(TinyEncoder(), entries, pretrained=pretrained)
        for pretrained in (None, TinyReader())
    )

    in_scope = [len(own_phrasings(each)[0]) for each in (plain, reading)]

    # All of the first two entries; without their questions.
    assert in_scope == [5, 3]


def test_answers_are_compared_clean_and_without_case() -> None:
    one = FaqEntry("one", "환불 되나요", "네, OK")
    two = FaqEntry("two", "반품 되나요", unicodedata.normalize("NFD", " 네,  ok"))

    judged = Judged.queries(retriever_of([one, two]), [Query("q", "반품 되나요", "one")])

    assert judged.correct.tolist() == [True]


def test_a_query_out_of_scope_is_never_right() -> None:
    judged = Judged.out_of_scope(retriever_of(SHOP), ["배송비는 얼마인가요?", "우주 정거장"])

    assert judged.correct.tolist() == judged.in_scope.tolist() == [False, False]
    assert judged.shown.tolist() == [False, False]
    assert judged.evidence.shape == (2, len(EVIDENCE))


def test_no_queries_can_be_added_to_some() -> None:
    retriever = retriever_of(SHOP)
    some, none = Judged.out_of_scope(retriever, ["우주", "환불"]), Judged.none()

    both = none + some + Judged.queries(retriever, []) + none

    assert (len(none), len(both)) == (0, 2)
    np.testing.assert_array_equal(both.evidence, some.evidence)
    assert (both.correct.tolist(), both.in_scope.tolist()) == ([False] * 2, [False] * 2)


def test_a_phrasing_never_finds_itself() -> None:
    # No two phrasings have anything in common: whoever is left out finds nothing.
    texts = ["가나", "다라", "마바", "사아", "자차", "카타"]
    entries = [
        FaqEntry(str(place), texts[2 * place], f"답 {place}", (texts[2 * place + 1],))
        for place in range(3)
    ]
    retriever = Retriever.build(TinyEncoder(dimension=512), entries, Fusion())
    assert min(Judged.out_of_scope(retriever, texts).evidence[:, 0]) > 0.5

    in_scope, _ = own_phrasings(retriever)

    assert len(in_scope) == 6
    assert in_scope.evidence[:, 0].tolist() == [0.0] * 6


def test_a_phrasing_left_out_finds_the_others_of_its_entry() -> None:
    reduction = Reduction.of(retriever_of(SHOP))

    judged = reduction.asked_without(np.array([0]), np.array([0]), True)

    without = [FaqEntry("fee", "택배비 얼마", "3,000원이에요.", ("배송비 알려 줘",)), *SHOP[1:]]
    [expected] = retriever_of(without).rank(["배송비는 얼마인가요?"], 1)
    assert isinstance(expected.evidence, Evidence)
    assert judged.evidence.tolist() == [list(astuple(expected.evidence))]
    assert (judged.correct.tolist(), judged.in_scope.tolist()) == ([True], [True])


def test_an_answer_left_out_is_not_there_to_be_found() -> None:
    reduction = Reduction.of(retriever_of(SHOP))

    judged = reduction.asked_without(np.array([0, 1, 2, 3, 4]), np.array([0, 3]), False)

    expected = Judged.out_of_scope(retriever_of(SHOP[2:]), ["배송비는 얼마인가요?", "택배 요금"])
    np.testing.assert_array_equal(judged.evidence, expected.evidence)
    assert (judged.correct.tolist(), judged.in_scope.tolist()) == ([False] * 2, [False] * 2)


def test_with_nothing_left_or_nothing_asked_there_is_nothing_to_judge() -> None:
    reduction = Reduction.of(retriever_of(SHOP))
    everything, nothing = np.arange(8), np.array([], dtype=np.int64)

    assert len(reduction.asked_without(everything, everything, False)) == 0
    assert len(reduction.asked_without(np.array([0]), nothing, True)) == 0


sizes = st.lists(st.integers(1, 14), min_size=1, max_size=12)


@given(sizes, st.integers(0, 99))
@settings(max_examples=30)
def test_each_phrasing_is_left_out_once_and_never_with_its_whole_entry(
    sizes: list[int], seed: int
) -> None:
    reduction = Reduction.of(retriever_of(faq(*sizes)))
    owners = reduction.retriever.passages.owners

    parts = list(reduction.phrasing_parts(np.random.default_rng(seed)))

    several = [row for row, owner in enumerate(owners.tolist()) if sizes[owner] > 1]
    assert rows_of(parts) == several
    for part in parts:
        left_out = np.bincount(owners[part], minlength=len(sizes))
        assert (left_out < np.array(sizes)).all()
        # Of an entry with many phrasings no more than a tenth go at a time.
        assert (left_out <= np.ceil(np.array(sizes) / 10)).all()


@given(sizes.flatmap(lambda some: st.tuples(st.just(some * 3), st.integers(1, 3 * len(some)))))
@settings(max_examples=30)
def test_an_answer_is_left_out_with_every_entry_that_has_it(
    drawn: tuple[list[int], int],
) -> None:
    sizes, answers = drawn
    reduction = Reduction.of(retriever_of(faq(*sizes, answers=answers)))
    passages = reduction.retriever.passages

    parts = list(reduction.answer_parts(np.random.default_rng(0)))

    rows = rows_of(parts)
    assert len(set(rows)) == len(rows)
    keys = [match_key(passages.entries[owner].answer) for owner in passages.owners]
    for part in parts:
        rest = sorted(set(range(len(passages))) - set(part.tolist()))
        assert not {keys[row] for row in part} & {keys[row] for row in rest}


def test_a_large_faq_asks_only_answers_that_have_several_phrasings_out_of_scope() -> None:
    # Twenty entries of two phrasings, one of one with an answer of theirs, five with their own.
    entries = [*faq(*[2] * 20), FaqEntry("same", "더 물어요", "답 7"), *faq_alone(5)]
    reduction = Reduction.of(retriever_of(entries))

    parts = list(reduction.answer_parts(np.random.default_rng(0)))

    assert rows_of(parts) == list(range(41))
    [part] = [part for part in parts if 40 in part]
    assert {14, 15} <= set(part.tolist())


def faq_alone(count: int) -> list[FaqEntry]:
    return [FaqEntry(f"alone-{n}", f"혼자 {n}", f"혼자인 답 {n}") for n in range(count)]


def test_a_small_faq_asks_every_answer_out_of_scope() -> None:
    entries = [*faq(*[2] * 19), *faq_alone(5)]

    parts = Reduction.of(retriever_of(entries)).answer_parts(np.random.default_rng(0))

    assert rows_of(list(parts)) == list(range(43))


def test_every_phrasing_of_a_faq_is_asked_both_ways() -> None:
    entries = faq(*[3] * 12, 1, 1)

    in_scope, out_of_scope = own_phrasings(retriever_of(entries))

    assert (len(in_scope), len(out_of_scope)) == (36, 38)
    assert (in_scope.in_scope.all(), out_of_scope.in_scope.any()) == (True, False)
    assert not out_of_scope.correct.any()
    lengths = np.concatenate([in_scope.evidence[:, 2], out_of_scope.evidence[:, 2]])
    assert lengths.min() >= math.log1p(1)


def test_no_more_than_a_thousand_are_asked_either_way() -> None:
    entries = faq(*[6] * 200)

    in_scope, out_of_scope = own_phrasings(retriever_of(entries))

    assert (len(in_scope), len(out_of_scope)) == (MOST, MOST)


def test_entries_of_one_phrasing_cannot_be_asked_in_scope() -> None:
    in_scope, out_of_scope = own_phrasings(retriever_of(faq_alone(12)))

    assert (len(in_scope), len(out_of_scope)) == (0, 12)


@pytest.mark.parametrize("entries", [faq(1), faq(4, 3, answers=1)])
def test_a_faq_of_one_answer_has_nothing_out_of_scope(entries: list[FaqEntry]) -> None:
    _, out_of_scope = own_phrasings(retriever_of(entries))

    assert len(out_of_scope) == 0


def test_the_same_seed_draws_the_same_queries_and_another_others() -> None:
    retriever = retriever_of(faq(*[5] * 10))

    def evidence(seed: int) -> list[list[float]]:
        in_scope, out_of_scope = own_phrasings(retriever, seed)
        return (in_scope + out_of_scope).evidence.tolist()

    assert evidence(3) == evidence(3)
    assert evidence(3) != evidence(4)

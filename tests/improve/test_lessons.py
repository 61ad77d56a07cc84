import unicodedata
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.feedback.verdicts.judgements import Judgement, Verdict
from mundap.feedback.verdicts.query_parts import Part
from mundap.improve.lessons import Accepted, HeldBack, Lessons, decided, gather
from mundap.improve.parting import is_fitted
from mundap.index.faq.entry import FaqEntry
from mundap.index.korean.text import match_key

FEE = FaqEntry("fee", "배송비는 얼마인가요?", "3,000원이에요.", ("택배비 얼마",), "배송")
REFUND = FaqEntry("refund", "환불은 언제 되나요?", "사흘 걸려요.")
SHOP = [FEE, REFUND]
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def said(query: str, verdict: Verdict, entry_id: str | None = None) -> Judgement:
    return Judgement(query, verdict, entry_id, NOW)


def gathered(
    *judgements: Judgement, tests: tuple[str, ...] = (), drafted: list[FaqEntry] | None = None
) -> Lessons:
    known: dict[str, Part] = {match_key(one.query): "training" for one in judgements}
    known |= {match_key(query): "test" for query in tests}
    return gather(SHOP, drafted or [], judgements, known)


def test_an_accepted_query_becomes_a_phrasing_of_its_entry_and_is_learned_from() -> None:
    lessons = gathered(said("송료 좀 알려 줘요 ㅠㅠ", "right", "fee"))
    added = replace(FEE, alternates=("택배비 얼마", "송료 좀 알려 줘요 ㅠㅠ"))
    assert lessons == Lessons(
        entries=(added, REFUND),
        accepted=(Accepted("송료 좀 알려 줘요 ㅠㅠ", "fee", is_fitted("송료 좀 알려 줘요 ㅠㅠ")),),
        wrong=(),
        uncovered=(),
        asked=(),
        held_back=(),
        added=1,
        left_out=0,
    )


@pytest.mark.parametrize("query", ["택배비 얼마", " 택배비  얼마", "배송비는 얼마인가요?"])
def test_a_phrasing_that_is_there_is_not_added_again(query: str) -> None:
    decomposed = unicodedata.normalize("NFD", query)
    lessons = gathered(said(decomposed, "right", "fee"))
    assert (lessons.entries, lessons.added) == ((FEE, REFUND), 0)


def test_what_is_held_back_is_searched_but_nothing_learns_from_it() -> None:
    lessons = gathered(
        said("송료", "right", "fee"),
        said("송료", "wrong", "refund"),
        said("로또 번호", "uncovered"),
        said("환불 거절", "wrong", "refund"),
        tests=("송료", "로또 번호", "환불 거절"),
    )
    assert lessons.entries[0].alternates == ("택배비 얼마", "송료")
    assert lessons.taught == SHOP
    assert (lessons.accepted, lessons.wrong, lessons.uncovered) == ((), (), ())
    assert lessons.asked == (
        HeldBack("송료", ("fee",), ("refund",)),
        HeldBack("로또 번호"),
        HeldBack("환불 거절", (), ("refund",)),
    )
    assert lessons.held_back == ("로또 번호", "송료", "환불 거절")


def test_an_encoder_learns_all_phrasings_but_those_that_are_fitted_on() -> None:
    queries = [f"송료 {n}" for n in range(40)]
    lessons = gathered(*(said(query, "right", "fee") for query in queries))
    fitted = {query for query in queries if is_fitted(query)}
    assert 5 < len(fitted) < 35
    taught = lessons.taught[0].alternates
    assert taught == ("택배비 얼마", *(query for query in queries if query not in fitted))
    assert {one.query for one in lessons.accepted if one.fitted} == fitted


def test_a_phrasing_that_the_owner_took_out_of_the_working_copy_is_not_added() -> None:
    drafted = [replace(FEE, answer="아직 쓰는 중", alternates=("송료",)), REFUND]
    lessons = gathered(said("송료", "right", "fee"), said("운임", "right", "fee"), drafted=drafted)
    # The answer that is being written waits until it is published.
    assert lessons.entries == (replace(FEE, alternates=("택배비 얼마", "송료")), REFUND)


def test_what_the_owner_says_is_no_phrasing_is_none_and_a_negative() -> None:
    lessons = gathered(said("택배비  얼마", "wrong", "fee"), said("택배비 얼마", "right", "refund"))
    assert lessons.entries == (
        replace(FEE, alternates=()),
        replace(REFUND, alternates=("택배비  얼마",)),
    )
    assert (lessons.wrong, lessons.added) == ((("택배비  얼마", "fee"),), 1)


def test_what_is_said_of_entries_that_are_not_published_is_left_out_and_counted() -> None:
    lessons = gathered(said("송료", "right", "new"), said("운임", "wrong", "gone"))
    assert (lessons.entries, lessons.accepted, lessons.wrong) == ((FEE, REFUND), (), ())
    assert (lessons.left_out, lessons.is_empty) == (2, True)


def test_a_part_is_decided_once_by_the_first_verdict() -> None:
    judgements = [said("송료", "right", "fee"), said("  송료 ", "wrong", "refund")]
    assert list(decided(judgements, {})) == ["송료"]
    assert decided(judgements, {"송료": "test"}) == {}


words = st.sampled_from(["송료", "운임", "ㅠㅠ", "😀", "Refund", "언제\u2028요", "한\ud800글"])
verdicts = st.one_of(
    st.tuples(words, st.sampled_from(["right", "wrong"]), st.sampled_from(["fee", "refund"])),
    st.tuples(words, st.just("uncovered"), st.none()),
)


@given(st.lists(verdicts), st.sets(words))
def test_lessons_survive_the_disk(rows: list[tuple[str, Verdict, str]], tests: set[str]) -> None:
    lessons = gathered(*(said(*row) for row in rows), tests=tuple(tests))
    again = Lessons.from_json(lessons.to_json())
    assert again == lessons
    assert again.digest == lessons.digest


def test_what_was_published_since_is_no_other_lesson() -> None:
    judgement = said("송료", "right", "fee")
    first = gathered(judgement)
    later = gather(first.entries, [], [judgement], {"송료": "training"})
    assert (first.added, later.added) == (1, 0)
    assert first.digest == later.digest

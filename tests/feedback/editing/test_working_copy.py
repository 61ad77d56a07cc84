"""The FAQ as it is edited."""

import pytest

from mundap.feedback.editing.working_copy import WorkingCopy
from mundap.feedback.store.database import Database
from mundap.feedback.verdicts.judgements import all_judgements, judge
from mundap.index.faq.edited_entry import EditError
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.entry_ids import question_id

FEE = FaqEntry("fee", "배송비는 얼마인가요?", "3,000원입니다.", ("택배비 얼마예요",), "배송")
REFUND = FaqEntry("refund", "환불은 언제 되나요?", "사흘 안에 됩니다.", (), "환불")
HOURS = FaqEntry("", "영업시간이 어떻게 되나요?", "아침 9시부터 저녁 6시까지입니다.")


@pytest.fixture
def copy(database: Database) -> WorkingCopy:
    return WorkingCopy(database)


@pytest.fixture
def shop(copy: WorkingCopy) -> WorkingCopy:
    copy.take_over([FEE, REFUND], "cli", "faq.xlsx")
    return copy


def test_it_is_empty_until_something_is_taken_over(copy: WorkingCopy) -> None:
    assert copy.is_empty()
    assert copy.snapshot() == (0, [])

    difference = copy.take_over([FEE, REFUND], "cli", "faq.xlsx")

    assert not copy.is_empty()
    assert copy.entries() == [FEE, REFUND]
    assert str(difference) == "2 added, 0 changed, 0 removed"


def test_a_new_entry_stands_last_under_an_id_of_its_question(shop: WorkingCopy) -> None:
    shop.save(HOURS, "김사장")

    *_, last = shop.entries()
    assert last.entry_id == question_id("영업시간이 어떻게 되나요?")
    assert (last.question, last.answer) == (HOURS.question, HOURS.answer)


def test_an_id_outlives_an_edit_of_the_question(shop: WorkingCopy) -> None:
    shop.save(HOURS, "김사장")
    hours = shop.entries()[-1]
    shop.save(FaqEntry(hours.entry_id, "몇 시에 여나요?", hours.answer), "김사장")
    shop.save(HOURS, "김사장")

    edited, again = shop.entries()[-2:]
    assert (edited.entry_id, edited.question) == (hours.entry_id, "몇 시에 여나요?")
    assert again.entry_id != hours.entry_id


def test_every_change_is_in_the_history_with_what_was_before(shop: WorkingCopy) -> None:
    deed = shop.save(FaqEntry("fee", FEE.question, "무료입니다."), "김사장")

    [last, first] = shop.history("fee")
    assert (last.deed, last.owner, last.action) == (deed, "김사장", "edit")
    assert (last.before, last.after) == (FEE, shop.entry("fee"))
    assert (first.action, first.before, first.after) == ("import", None, FEE)


def test_a_removed_entry_comes_back_where_it_stood(shop: WorkingCopy) -> None:
    deed = shop.remove("fee", "김사장")
    assert shop.entries() == [REFUND]

    shop.undo(deed, "김사장")

    assert shop.entries() == [FEE, REFUND]


def test_an_undo_is_undone(shop: WorkingCopy) -> None:
    undone = shop.undo(shop.remove("fee", "김사장"), "김사장")
    shop.undo(undone, "김사장")
    assert shop.entries() == [REFUND]


def test_an_edit_that_a_later_one_covers_is_not_undone(shop: WorkingCopy) -> None:
    first = shop.save(FaqEntry("fee", FEE.question, "무료입니다."), "김사장")
    shop.save(FaqEntry("fee", FEE.question, "5만 원부터 무료입니다."), "이점장")

    with pytest.raises(EditError, match=r"changed again by 이점장 at .*Undo that first"):
        shop.undo(first, "김사장")


def test_steps_go_back_one_by_one(shop: WorkingCopy) -> None:
    first = shop.save(FaqEntry("fee", FEE.question, "무료입니다."), "김사장")
    second = shop.save(FaqEntry("fee", FEE.question, "5만 원부터 무료입니다."), "김사장")
    shop.undo(second, "김사장")
    shop.undo(first, "김사장")
    assert shop.entries() == [FEE, REFUND]


def test_an_import_goes_back_as_one_deed(shop: WorkingCopy) -> None:
    shop.take_over([REFUND, FaqEntry("new", "새 질문인가요?", "네.")], "cli", "faq.csv")
    shop.undo(shop.history()[0].deed, "cli")
    assert shop.entries() == [FEE, REFUND]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (FaqEntry("fee", " ", "네."), "question is ' '; wanted what visitors ask"),
        (FaqEntry("fee", "왜요?", "🙂"), "answer is '🙂'; wanted what visitors are told"),
        (FaqEntry("fee", "왜요?", "네.", ("?!",)), "phrasing is '\\?!'; wanted one in words"),
        (FaqEntry("gone", "왜요?", "네."), "No entry has the id 'gone'"),
    ],
)
def test_what_cannot_be_kept_is_refused(shop: WorkingCopy, entry: FaqEntry, message: str) -> None:
    with pytest.raises(EditError, match=message):
        shop.save(entry, "김사장")
    assert shop.entries() == [FEE, REFUND]


def test_a_phrasing_that_another_entry_has_is_said(shop: WorkingCopy) -> None:
    entry = FaqEntry("refund", REFUND.question, REFUND.answer, ("택배비 얼마예요",))
    kinds = {problem.kind: problem.entry_ids for problem in shop.problems(entry)}
    assert set(kinds["contradiction"]) == {"fee", "refund"}


def test_a_phrasing_is_added_and_judged_at_once(shop: WorkingCopy) -> None:
    shop.add_phrasing("refund", "돈 언제 돌려줘?", "김사장")

    refund = shop.entry("refund")
    assert refund is not None
    assert refund.alternates == ("돈 언제 돌려줘?",)
    with shop.database.reading() as connection:
        [verdict] = all_judgements(connection)
    assert (verdict.query, verdict.verdict, verdict.entry_id) == (
        "돈 언제 돌려줘?",
        "right",
        "refund",
    )


def test_its_undo_takes_the_verdict_back_and_brings_back_what_it_replaced(
    shop: WorkingCopy,
) -> None:
    with shop.database.writing() as connection:
        judge(connection, "김사장", "돈 언제 돌려줘?", "uncovered", None)

    deed = shop.add_phrasing("refund", "돈 언제 돌려줘?", "김사장")
    undone = shop.undo(deed, "김사장")

    assert shop.entries() == [FEE, REFUND]
    with shop.database.reading() as connection:
        assert [one.verdict for one in all_judgements(connection)] == ["uncovered"]
    shop.undo(undone, "김사장")
    with shop.database.reading() as connection:
        assert [one.verdict for one in all_judgements(connection)] == ["right"]


def test_a_page_of_what_was_looked_for(shop: WorkingCopy) -> None:
    assert shop.find("택배비") == ([FEE], 1)
    assert shop.find("", "환불") == ([REFUND], 1)
    assert shop.find(offset=1, limit=1) == ([REFUND], 2)
    assert shop.categories() == ["배송", "환불"]


def test_a_roll_back_is_a_deed_that_can_be_undone(shop: WorkingCopy) -> None:
    shop.save(HOURS, "김사장")
    edited = shop.entries()

    lost = shop.rolled_back(1, [FEE], "김사장", [FEE, REFUND])

    assert shop.entries() == [FEE]
    assert len(lost.removed) == 2
    [publication] = shop.publications()
    assert (publication.generation, publication.removed) == (1, 1)
    shop.undo(publication.deed, "김사장")
    assert shop.entries() == edited
    assert shop.entries_at(publication.deed) == [FEE]

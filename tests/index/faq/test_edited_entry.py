"""An entry as its owner edits it."""

import unicodedata
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mundap.index.faq.difference import Difference
from mundap.index.faq.edited_entry import EditError, edited, problems_of
from mundap.index.faq.entry import FaqEntry, read_faq, write_faq
from mundap.index.faq.entry_record import from_record, to_record

FEE = FaqEntry("fee", "배송비는 얼마인가요?", "3,000원입니다.", ("택배비 얼마예요",), "배송")
TEXTS = st.one_of(
    st.sampled_from(
        [
            "환불 되나요?",
            "배송 언제 와 ㅠㅠ",
            "👨‍👩‍👧 가족 할인 돼요?",
            "=합계",
            "a|b\\c",
            "<b>무료</b>",
        ]
    ),
    st.text(st.characters(codec="utf-8"), max_size=30),
    st.text("가나다 |;/\\\"',\n\t<>&=0", max_size=20),
)


@settings(max_examples=60, deadline=None)
@given(
    TEXTS,
    TEXTS,
    st.lists(TEXTS, max_size=3),
    TEXTS,
    st.sampled_from(["csv", "xlsx", "jsonl", "parquet"]),
)
def test_what_is_kept_of_an_edit_is_what_an_import_of_its_export_has(
    question: str, answer: str, alternates: list[str], category: str, suffix: str
) -> None:
    try:
        entry = edited(FaqEntry("fee", question, answer, tuple(alternates), category), None)
    except EditError:
        assume(False)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"faq.{suffix}"
        write_faq([entry, FaqEntry("other", "다른 질문인가요?", "네.")], path)
        assert read_faq(path)[0] == entry
    assert edited(entry, None) == entry


def test_texts_are_kept_as_an_import_keeps_them() -> None:
    nfd = unicodedata.normalize("NFD", "환불  되나요?")
    entry = edited(
        FaqEntry("", nfd, " 네.\r\n됩니다. ", ("환불돼요", "환불돼요", "환불 되나요?", " ")), None
    )
    assert entry == FaqEntry("", "환불 되나요?", "네.\n됩니다.", ("환불돼요",))


def test_what_is_not_edited_stays_whatever_it_is() -> None:
    odd = FaqEntry("fee", "???", "<b>무료</b>", ("배송비", "배송비"))
    after = edited(FaqEntry("fee", "???", "<b>무료</b>", ("배송비", "배송비"), "배송"), odd)
    assert after == FaqEntry("fee", "???", "<b>무료</b>", ("배송비", "배송비"), "배송")


@pytest.mark.parametrize(
    ("entry", "fault", "message"),
    [
        (FaqEntry("", "", "네."), "question", "The question is ''; wanted what visitors ask"),
        (FaqEntry("", "왜?", "…"), "answer", "The answer is '…'; wanted what visitors are told"),
        (FaqEntry("", "왜?", "네.", ("ㅠ", "?!")), "phrasing", r"The phrasing is '\?!'"),
    ],
)
def test_what_says_nothing_is_refused(entry: FaqEntry, fault: str, message: str) -> None:
    with pytest.raises(EditError, match=message) as refused:
        edited(entry, None)
    assert refused.value.fault == fault


def test_who_shares_a_phrasing_or_an_answer_is_told() -> None:
    other = FaqEntry("post", "우체국 배송비는요?", "4,000원입니다.", ("택배비  얼마예요",))
    same = FaqEntry("again", "배송료가 있나요?", "3,000원입니다.")
    found = {
        problem.kind: set(problem.entry_ids) for problem in problems_of(FEE, [FEE, other, same])
    }
    assert found == {"contradiction": {"fee", "post"}, "duplicate": {"fee", "again"}}


def test_an_entry_is_its_record() -> None:
    record = to_record(FEE)
    assert "entry_id" not in record
    assert from_record("fee", record) == FEE


def test_a_difference_names_every_field_that_changed() -> None:
    after = FaqEntry("fee", FEE.question, "무료입니다.", ("택배비 얼마예요", "배송료"), "요금")
    difference = Difference.between([FEE], [after])
    assert difference.lines() == [
        "~ 배송비는 얼마인가요? (fee)",
        "    answer: '3,000원입니다.' -> '무료입니다.'",
        "    alternates: + 배송료",
        "    category: '배송' -> '요금'",
    ]


def test_entries_that_only_moved_are_no_difference() -> None:
    other = FaqEntry("other", "다른 질문인가요?", "네.")
    assert not Difference.between([FEE, other], [other, FEE])

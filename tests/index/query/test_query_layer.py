import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.name_learning import NameLearning
from mundap.index.faq.passages.passages import Passages
from mundap.index.korean.keyboard import flipped
from mundap.index.korean.text import clean
from mundap.index.query.query_layer import QueryLayer, Reading, Step
from tests.index.shop_faq import ENTRIES, passages, query_layer

QUESTIONS = [text for entry in ENTRIES for text in entry.passages]


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_of_the_faq_is_read_as_it_is(question: str) -> None:
    assert query_layer().read(question) == Reading(question, ())


@pytest.mark.parametrize(
    ("typed", "meant", "names"),
    [
        (unicodedata.normalize("NFD", "환불 언제 되나요"), "환불 언제 되나요", []),
        ("ｖｉｐ　쿠폰", "vip 쿠폰", []),
        ("ㅋㅋㅋㅋ 안녕", "ㅋㅋ 안녕", ["laughter"]),
        ("ㅎㅗㅏㄴㅂㅜㄹ 언제 되나요", "환불 언제 되나요", ["loose letters"]),
        ("ghksqnf djEjgrp gody", "환불 어떻게 해요", ["keyboard layout"]),
        ("ghksqnf djEjgrp goy", "환불 어떻게 해요", ["keyboard layout", "loose letters"]),
        ("메ㅔ djEjgrp gody", "앱 어떻게 해요", ["keyboard layout", "loan words"]),
        ("ㅎㅂ", "환불", ["initial consonants"]),
        ("coupon 등록", "쿠폰 등록", ["loan words"]),
        ("환환불 언제 되나요", "환불 언제 되나요", ["repeated letters"]),
        ("배솟비 얼마예요", "배송비 얼마예요", ["spelling"]),
        ("배송비얼마예요", "배송비얼마예요", []),
        ("오늘 날씨 어때?", "오늘 날씨 어때?", []),
        ("", "", []),
    ],
)
def test_a_query_is_read_and_each_repair_has_a_name(
    typed: str, meant: str, names: list[str]
) -> None:
    reading = query_layer().read(typed)
    assert (reading.text, [step.name for step in reading.steps]) == (meant, names)


def test_steps_tell_what_was_before_and_after() -> None:
    assert query_layer().read("메ㅔ djEjgrp gody").steps == (
        Step("keyboard layout", "메ㅔ djEjgrp gody", "app 어떻게 해요"),
        Step("loan words", "app 어떻게 해요", "앱 어떻게 해요"),
    )


@settings(deadline=None)
@given(st.text(st.characters() | st.sampled_from("환불배송비ㅎㅂㅋㅛgkdy "), max_size=20))
def test_steps_lead_from_the_clean_query_to_the_reading(query: str) -> None:
    reading = query_layer().read(query)
    texts = [clean(query), *(step.after for step in reading.steps)]
    assert [step.before for step in reading.steps] == texts[:-1]
    assert texts[-1] == reading.text
    assert all(step.before != step.after for step in reading.steps)


@settings(deadline=None)
@given(st.text(st.characters(), max_size=20))
def test_composed_and_decomposed_queries_are_read_alike(query: str) -> None:
    nfc, nfd = (unicodedata.normalize(form, query) for form in ("NFC", "NFD"))
    assert query_layer().read(nfc) == query_layer().read(nfd)


def test_a_long_text_is_left_alone() -> None:
    text = "횐불 " * 60 + "끝"
    assert query_layer().read(text) == Reading(text, ())
    assert query_layer().read("횐불은 언제 되나요").text == "환불은 언제 되나요"


def test_a_loaded_layer_reads_as_the_one_that_was_dumped_and_dumps_the_same_bytes() -> None:
    raw = query_layer().dump()
    loaded = QueryLayer.load(raw)
    typed = [*QUESTIONS, *map(flipped, QUESTIONS), "ㅎㅂ", "배솟비 얼마예요", "coupon"]
    assert [loaded.read(query) for query in typed] == [query_layer().read(q) for q in typed]
    assert loaded.dump() == raw == QueryLayer.of(passages()).dump()


def test_a_faq_without_passages_has_a_layer_too() -> None:
    layer = QueryLayer.load(QueryLayer.of(Passages.of([])).dump())
    assert layer.read("배솟비 얼마예요") == Reading("배솟비 얼마예요", ())


NAMED = [
    *ENTRIES,
    FaqEntry("where", "어디서 파나요?", "쿠쿠몰과 배송미, 크몽, LG유플러스에서 팝니다."),
    FaqEntry("fee-2", "배송비 환불", "됩니다.", ("배송비 취소",)),
]


@pytest.mark.parametrize(
    "query", ["배송미는 얼마예요", "배송미랑 뭐가 달라요", "쿠쿠몰 적립금", "유플러스도 되나요"]
)
def test_a_name_that_only_answers_hold_is_not_taken_for_a_slip(query: str) -> None:
    found, names = Passages.of(NAMED), NameLearning.of(NAMED).names

    assert QueryLayer.of(found, names=names).read(query) == Reading(query, ())


def test_what_is_loaded_knows_the_names_too() -> None:
    found, names = Passages.of(NAMED), NameLearning.of(NAMED).names
    unaware = QueryLayer.of(found)
    assert unaware.read("배송미는 얼마예요").text == "배송비는 얼마예요"

    again = QueryLayer.load(QueryLayer.of(found, names=names).dump(), names)

    assert again.read("배송미는 얼마예요").text == "배송미는 얼마예요"

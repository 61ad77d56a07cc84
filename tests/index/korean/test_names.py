import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.korean.morphemes import (
    analyse,
    analyse_and_place,
    content_forms,
    content_morphemes,
)
from mundap.index.korean.names import NO_NAMES, Names

NAMES = Names(
    {
        "무신사": ("무신사",),
        "토스뱅크": ("토스", "뱅크"),
        "배민": ("배민",),
        "lg유플러스": ("lg유플러스",),
    }
)


@pytest.mark.parametrize(
    "text",
    [
        "무신사에서 산 옷",
        "무신사는요?",
        "무신사 환불",
        "혹시 무신사도 되나요",
        "무신사ㅠㅠ 왜 이래",
        "온라인무신사 배송",
        "무신사페이로 결제",
        "무신사😀",
        "(무신사)",
    ],
)
def test_a_name_is_one_word_whatever_stands_around_it(text: str) -> None:
    start = text.index("무신사")

    assert NAMES.places(text) == ((start, start + 3, "NNP"),)
    assert content_forms(text, NAMES).count("무신사") == 1


def test_particles_are_parted_from_a_name() -> None:
    found = [(m.form, m.tag) for m in analyse("무신사에서 배민은요", NAMES)]

    assert found[:4] == [("무신사", "NNP"), ("에서", "JKB"), ("배민", "NNP"), ("은", "JX")]


def test_a_compound_is_its_words_wherever_it_stands() -> None:
    for text in ("토스뱅크", "토스뱅크로 출금", "토스뱅크ㅠㅠ"):
        assert content_forms(text, NAMES)[:2] == ["토스", "뱅크"]


def test_words_of_a_compound_keep_their_ids_and_a_name_has_none() -> None:
    toss, bank, musinsa = content_morphemes("토스뱅크 무신사", NAMES)

    assert (toss, bank) == (*content_morphemes("토스"), *content_morphemes("뱅크"))
    assert musinsa.id < 0


@pytest.mark.parametrize("text", ["무신사들이", "LG유플러스는", "lg유플러스로 바꿔요", "배민이랑"])
def test_names_are_found_in_either_case_with_any_particle(text: str) -> None:
    assert len(NAMES.places(text)) == 1


@pytest.mark.parametrize(
    "text", ["배민정", "우배민", "새무신사", "무신사복", "무 신사", "유플러스", "무신", ""]
)
def test_what_only_looks_like_a_name_is_none(text: str) -> None:
    assert NAMES.places(text) == ()
    assert analyse(text, NAMES) == analyse(text)


def test_the_longest_name_is_taken() -> None:
    names = Names({"쿠팡": ("쿠팡",), "쿠팡이츠": ("쿠팡이츠",)})

    assert names.places("쿠팡이츠는 쿠팡과 달라요") == ((0, 4, "NNP"), (6, 8, "NNP"))


@pytest.mark.parametrize(
    ("word", "begins"),
    [("무신사", True), ("무신사에서", True), ("온라인무신사", False), ("무신", False)],
)
def test_a_word_begins_with_a_name_or_not(word: str, begins: bool) -> None:
    assert NAMES.begin(word) is begins


def test_of_a_name_in_two_scripts_the_hangul_is_known_too() -> None:
    hangul = NAMES.in_hangul()

    assert hangul.begin("유플러스는")
    assert not NAMES.begin("유플러스는")


def test_a_pasted_text_without_spaces_is_looked_through_in_one_go() -> None:
    assert len(NAMES.places("무신사" * 10_000)) == 10_000


@given(st.text(st.sampled_from("무신사배민은는에서 a1ㅠ😀İ?"), max_size=20))
def test_places_are_names_in_order_and_do_not_overlap(text: str) -> None:
    places = NAMES.places(text)

    assert all(text[start:end] in NAMES.pieces for start, end, _ in places)
    ends = [0, *(end for _, end, _ in places)]
    assert all(end <= start for end, (start, *_) in zip(ends, places, strict=False))
    morphemes, found = analyse_and_place(text, NAMES)
    assert len(morphemes) == len(found)


@given(st.text(max_size=20))
def test_a_text_without_names_is_read_as_without_knowing_any(text: str) -> None:
    assert NO_NAMES.places(text) == ()
    assert analyse(text, NAMES) == analyse(text) or NAMES.places(text)

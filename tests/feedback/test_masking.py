import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.feedback.masking import is_card_number, mask

# Numbers that payment companies publish for tests.
CARDS = ["4111111111111111", "5555555555554444", "378282246310005", "6011111111111117"]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("제 번호는 010-1234-5678이에요", "제 번호는 [phone]이에요"),
        ("01012345678 로 전화", "[phone] 로 전화"),
        ("010.1234.5678", "[phone]"),
        ("０１０－１２３４－５６７８", "[phone]"),
        ("02-123-4567, 031) 123-4567", "[phone], [phone]"),
        ("070-1234-5678 0505-123-4567", "[phone] [phone]"),
        ("+82 10 1234 5678", "[phone]"),
        ("+82-(0)10-1234-5678", "[phone]"),
        ("+1 (가) +1 202 555 0123", "+1 (가) [phone]"),
        ("me.you+shop@mail.example.co.kr 로", "[email] 로"),
        ("900101-1234567 입니다", "[resident number] 입니다"),
        ("9001011234567", "[resident number]"),
        ("900101 - 4234567", "[resident number]"),
        ("4111 1111 1111 1111", "[card]"),
        ("4111-1111-1111-1111 123", "[card] 123"),
        ("12 3782 822463 10005", "12 [card]"),
    ],
)
def test_personal_data_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "주문번호 20261122000123 확인해 주세요",
        "30,000원 이상이면 무료인가요?",
        "2026-11-22 10:00~12:00에 되나요?",
        "1588-1234는 대표 번호인가요?",
        "900101-123456은 한 자리 모자라요",
        "901301-1234567 같은 달은 없어요",
        "4111 1111 1111 1112",
        "010-1234",
        "@handle 과 user@localhost",
        "",
    ],
)
def test_what_is_not_personal_stays(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize("card", CARDS)
def test_a_card_number_has_its_check_digit(card: str) -> None:
    assert is_card_number(card)
    wrong = card[:-1] + str((int(card[-1]) + 1) % 10)
    assert not is_card_number(wrong)


def with_check_digit(digits: str) -> str:
    return next(digits + last for last in "0123456789" if is_card_number(digits + last))


@given(
    digits=st.text("0123456789", min_size=15, max_size=15).map(lambda tail: with_check_digit(tail)),
    separator=st.sampled_from(["", " ", "-", "."]),
)
def test_every_card_number_in_groups_of_four_is_masked(digits: str, separator: str) -> None:
    groups = separator.join(re.findall("....", digits))
    assert digits[-4:] not in mask(f"카드 {groups} 로 냈어요")


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("0123456789 -@.+()~"), max_size=300))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once = mask(text)
    assert mask(once) == once


@pytest.mark.parametrize("text", ["1" * 50_000, "1 " * 25_000, "a." * 25_000 + "@", "+8" * 25_000])
def test_long_texts_take_no_longer_than_their_length(text: str) -> None:
    assert len(mask(text)) <= len(text)

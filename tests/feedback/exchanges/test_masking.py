import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.chatbot.home.bundled import bundled_path
from mundap.feedback.exchanges.masking import has_check_digit, mask
from mundap.index.faq.entry import read_faq

# Numbers that payment companies publish for tests.
CARDS = ["4111111111111111", "5555555555554444", "378282246310005", "6011111111111117"]


# Kind -> formats of it, as people type them.
FORMATS = {
    "phone": (
        "010-1234-5678",
        "01012345678",
        "010.1234.5678",
        "010 1234 5678",
        "010 - 1234 - 5678",
        "010–1234–5678",
        "010ㅡ1234ㅡ5678",
        "010ー1234ー5678",
        "010_1234_5678",
        "010/1234/5678",
        "010·1234·5678",
        "010,1234,5678",
        "010:1234:5678",
        "010~1234~5678",
        "010*1234*5678",
        "010=1234=5678",
        "010|1234|5678",
        "010)1234-5678",
        "０１０－１２３４－５６７８",
        "０１０１２３４５６７８",
        "010\u200b-1234\u200b-5678",
        "01\u200b012\u200d345678",
        "011-234-5678",
        "02-123-4567",
        "02)1234-5678",
        "(02) 123-4567",
        "031) 123-4567",
        "070-1234-5678",
        "0505-123-4567",
        "+82 10 1234 5678",
        "+82.10.1234.5678",
        "+82-(0)10-1234-5678",
        "82-10-1234-5678",
        "+1 202 555 0123",
        "+1 (202) 555-0123",
    ),
    "resident number": (
        "900101-1234567",
        "9001011234567",
        "900101 - 4234567",
        "900101ㅡ1234567",
        "900101_1234567",
        "900101/1234567",
        "900101·1234567",
        "900101,1234567",
        "900101:1234567",
        "900101\u200b-1234567",
        "９００１０１－１２３４５６７",
        "900101-5234567",
        "19900101-1234567",
        "20030101 3234567",
    ),
    "email": (
        "me.you+shop@mail.example.co.kr",
        "hong@naver.com",
        "hong @ naver.com",
        "hong@ naver.com",
        "hong @naver.com",
        "hong＠naver.com",
        "hong\u200b@naver.com",
        "홍길동@우리.한국",
    ),
    "card": (
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111.1111.1111.1111",
        "4111_1111_1111_1111",
        "4111/1111/1111/1111",
        "4111·1111·1111·1111",
        "4111ㅡ1111ㅡ1111ㅡ1111",
        "4111\u200b1111\u200b1111\u200b1111",
        "3782 822463 10005",
    ),
}


@pytest.mark.parametrize(
    ("kind", "written"), [(kind, written) for kind in FORMATS for written in FORMATS[kind]]
)
def test_personal_data_is_masked_however_it_is_written(kind: str, written: str) -> None:
    assert mask(f"제 것은 {written}이에요") == f"제 것은 [{kind}]이에요"


def test_only_personal_data_is_masked() -> None:
    assert mask("02-123-4567, 031) 123-4567") == "[phone], [phone]"
    assert mask("4111-1111-1111-1111 123 또는 12 3782 822463 10005") == "[card] 123 또는 12 [card]"
    assert mask("+1 (가) +1 202 555 0123") == "+1 (가) [phone]"


@pytest.mark.parametrize(
    "text",
    [
        "주문번호 20261122000123 확인해 주세요",
        "주문번호 2026112212345678 확인해 주세요",
        "운송장 123456789012, 1234-5678-9012",
        "30,000원 이상이면 무료인가요?",
        "1,000,000원과 2,000,000원, 100,200,300,400원",
        "2026-11-22 10:00~12:00에 되나요?",
        "2026/11/22, 2026.11.23, 2026년 11월 24일",
        "2026-11-22, 2026-11-23, 2026-11-24",
        "12월 25일 10:00, 11:00, 12:30",
        "2023/2024/2025/2026",
        "1588-1234는 대표 번호인가요?",
        "900101-123456은 한 자리 모자라요",
        "901301-1234567 같은 달은 없어요",
        "199001011234567은 주문번호예요",
        "4111 1111 1111 1112",
        "카드 끝자리 1234",
        "010-1234",
        "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13",
        "사이즈 90/95/100/105 있나요",
        "0.123456789 1.010.123",
        "우편번호 06236",
        "모델명 KM-0101-2345-678A",
        "@handle 과 user@localhost, 인스타 @shop.kr",
        "👨\u200d👩\u200d👧 ❤️\u200d🔥",
        "",
    ],
)
def test_what_is_not_personal_stays(text: str) -> None:
    assert mask(text) == text


def test_of_a_whole_faq_only_the_address_is_masked() -> None:
    entries = read_faq(bundled_path("faq"))
    texts = [
        text for entry in entries for text in (entry.question, entry.answer, *entry.alternates)
    ]
    expected = [
        unicodedata.normalize("NFKC", text).replace("help@mundap.example", "[email]")
        for text in texts
    ]
    assert [mask(text) for text in texts] == expected


@pytest.mark.parametrize("card", CARDS)
def test_a_card_number_has_its_check_digit(card: str) -> None:
    assert has_check_digit(card)
    wrong = card[:-1] + str((int(card[-1]) + 1) % 10)
    assert not has_check_digit(wrong)


def with_check_digit(digits: str) -> str:
    return next(digits + last for last in "0123456789" if has_check_digit(digits + last))


@given(
    # No card begins otherwise, but some of Mastercard's.
    first=st.sampled_from("34569"),
    digits=st.text("0123456789", min_size=14, max_size=14),
    separator=st.sampled_from(["", " ", "-", ".", " / ", "_"]),
)
def test_every_card_number_in_groups_of_four_is_masked(
    first: str, digits: str, separator: str
) -> None:
    groups = separator.join(re.findall("....", with_check_digit(first + digits)))
    assert mask(f"카드 {groups} 로 냈어요") == "카드 [card] 로 냈어요"


@given(
    st.text(
        st.characters(codec="utf-8") | st.sampled_from("0123456789 -@.+()~,:/_ㅡ\u200b[]"),
        max_size=300,
    )
)
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once = mask(text)
    assert mask(once) == once


@pytest.mark.parametrize(
    "text",
    [
        *("1" * 50_000, "1 " * 25_000, "1234 " * 10_000, "+8" * 25_000, "010-" * 12_000),
        *("a." * 25_000 + "@", "a@" * 25_000, "a @ " * 12_000, "a@" + "b." * 25_000),
        *("\u200b" * 50_000, "a\u200b" * 25_000, "900101" + "-" * 50_000),
    ],
)
def test_long_texts_take_no_longer_than_their_length(text: str) -> None:
    assert len(mask(text)) <= len(text)

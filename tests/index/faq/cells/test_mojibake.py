import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.faq.cells.mojibake import Mojibake, find_mojibake

KOREAN = "배송은 보통 3일쯤 걸려요. 제주는 하루 더 걸립니다!"


@pytest.mark.parametrize(
    ("encoding", "taken_for", "cause"),
    [
        ("utf-8", "latin-1", "UTF-8 read as Latin-1"),
        ("cp949", "latin-1", "CP949 read as Latin-1"),
        ("utf-8", "cp949", "UTF-8 read as CP949"),
    ],
)
def test_korean_read_in_another_encoding_is_mended(
    encoding: str, taken_for: str, cause: str
) -> None:
    text = "배송 문의" if taken_for == "cp949" else KOREAN
    wrong = text.encode(encoding).decode(taken_for)
    assert find_mojibake(wrong) == Mojibake(cause, text)


def test_windows_puts_signs_of_its_own_on_bytes() -> None:
    wrong = "".join(
        bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in KOREAN.encode()
    )
    assert find_mojibake(wrong) == Mojibake("UTF-8 read as Windows-1252", KOREAN)


def test_what_is_wrong_within_a_text_that_is_right_is_mended_there() -> None:
    wrong = "배송비 " + "무료".encode().decode("latin-1") + " (3만 원 이상)"
    assert find_mojibake(wrong) == Mojibake("UTF-8 read as Latin-1", "배송비 무료 (3만 원 이상)")
    assert find_mojibake("3 Ã— 4") == Mojibake("UTF-8 read as Windows-1252", "3 × 4")


@pytest.mark.parametrize(
    ("wrong", "cause"),
    [
        (KOREAN.encode().decode("cp949", "replace"), "UTF-8 read as CP949"),
        (KOREAN.encode().decode("cp1252", "ignore"), "UTF-8 read as Windows-1252"),
        ("배송�� 3일", "bytes of another encoding, replaced when the text was read"),
        (
            KOREAN.encode("cp949").decode("utf-8", "replace"),
            "bytes of another encoding, replaced when the text was read",
        ),
        ("占쏙옙占쏙옙 占쏙옙占쏙옙", "CP949 read as UTF-8, and what came of it read as CP949"),
    ],
)
def test_where_bytes_are_lost_the_cause_is_named_and_nothing_is_guessed(
    wrong: str, cause: str
) -> None:
    assert find_mojibake(wrong) == Mojibake(cause)


@pytest.mark.parametrize(
    "text",
    [
        *(
            KOREAN,
            "",
            "25°C·30°C",
            "café naïve Straße",
            "«네»라고",
            "½컵 ±5%",
            "“네…” ‘아니요’—끝™",
        ),
        *(
            "金씨와 李씨",
            "大韓民國",
            "東京은 도쿄예요",
            "français élève",
            "±°·×÷",
            "배송비 ￦3,000",
            "À la carte",
        ),
    ],
)
def test_ordinary_texts_have_nothing_wrong(text: str) -> None:
    assert find_mojibake(text) is None


@given(st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=2))
def test_hangul_of_any_kind_is_mended_from_latin_1_and_never_harmed(text: str) -> None:
    assert find_mojibake(text) is None
    found = find_mojibake(text.encode().decode("latin-1"))
    assert found == Mojibake("UTF-8 read as Latin-1", text)

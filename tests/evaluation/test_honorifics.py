import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.evaluation.honorifics import swapped


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("환불 언제 되나요?", "환불 언제 되나?"),
        ("알려 주세요", "알려 줘"),
        ("배송됩니까?", "배송되냐?"),
        ("문의드립니다.", "문의드린다."),
        ("얼마예요ㅠㅠ", "얼마야ㅠㅠ"),
        ("언제 오죠", "언제 오지"),
        ("알려줘", "알려주세요"),
        ("이거 뭐야", "이거 뭐예요"),
        ("이거 언제임?", "이거 언제이에요?"),
        ("주문됨?", "주문돼요?"),
        ("어떻게 해", "어떻게 해요"),
        ("배송비", "배송비"),
        ("필요", "필요"),
        ("coupon", "coupon"),
        ("", ""),
    ],
)
def test_the_last_word_changes_its_politeness(text: str, other: str) -> None:
    assert swapped(text) == other


@given(st.text(st.sampled_from("가나요해줘세야 ?a"), max_size=12))
def test_words_before_the_last_one_stay(text: str) -> None:
    assert swapped("환불은 " + text + "요").startswith("환불은 ")

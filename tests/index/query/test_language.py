import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.query.language import is_foreign

HANGUL = "가힣ㄱㅎㅏㅣ"


@pytest.mark.parametrize(
    "text",
    [
        "where is my parcel",
        "送料はいくらですか？",
        "キャンセル",
        "运费是多少",
        "還拂",
        "Giá bao nhiêu",
        "где мой заказ",
        "ค่าส่งเท่าไหร่",
        "não funciona 😢",
    ],
)
def test_several_latin_words_or_a_letter_of_another_script_are_foreign(text: str) -> None:
    assert is_foreign(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "😢",
        "1588-1234",
        "wifi",
        "QR?",
        "A",
        "iPhone 15",
        "배송 tracking number",
        "送料 얼마",
        "ㅋㅋ",
    ],
)
def test_what_a_korean_may_type_is_not(text: str) -> None:
    assert not is_foreign(text)


@given(st.text(), st.sampled_from(HANGUL))
def test_a_text_with_hangul_never_is(text: str, letter: str) -> None:
    assert not is_foreign(text + letter)

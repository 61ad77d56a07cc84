import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.korean.text import clean, clean_lines, hangul_only, match_key

# Lone surrogates and private characters too, unlike the default of `st.text`.
any_text = st.text(st.characters())


@given(any_text)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(any_text)
def test_composed_and_decomposed_text_clean_to_the_same(text: str) -> None:
    assert clean(unicodedata.normalize("NFD", text)) == clean(unicodedata.normalize("NFC", text))


@given(any_text)
def test_a_clean_text_is_composed_single_spaced_and_storable(text: str) -> None:
    cleaned = clean(text)

    assert cleaned.encode("utf-8").decode("utf-8") == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned.split() == [part for part in cleaned.split(" ") if part]
    assert not {unicodedata.category(char) for char in cleaned} & {"Cc", "Cf", "Cs", "Co"}


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  배송비는\t얼마예요?\r\n", "배송비는 얼마예요?"),
        (unicodedata.normalize("NFD", "환불 되나요"), "환불 되나요"),
        ("배\u200b송\ufeff비\u200d는", "배송비는"),
        ("한\u00ad글\u202e", "한글"),
        ("널\x00문자\x1b종\x7f료\x85줄", "널 문자 종 료 줄"),
        ("첫\u2028둘\u2029셋", "첫 둘 셋"),
        ("전각\u3000공백\u00a0끝", "전각 공백 끝"),
        ("\ud83d반쪽\ude00", "반쪽"),
        ("\ue000사용자\uf8ff", "사용자"),
        ("끝\uffff\ufffe", "끝"),
        ("a\u200d\u0301", "á"),
        ("ＶＩＰ　등급！", "VIP 등급!"),
        ("１０，０００원～", "10,000원~"),
        ("\uffbb\uffbb \uffa1", "ㅋㅋ ㄱ"),
        ("\uff76\uff9e", "ガ"),
        ("㎏ ½ ① ㅋ", "㎏ ½ ① ㅋ"),
        ("가족 👨\u200d👩\u200d👧", "가족 👨👩👧"),
        ("\u200b \t\n", ""),
        ("", ""),
    ],
)
def test_what_does_not_show_goes_and_spaces_become_one(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_texts_that_differ_in_case_spaces_or_composition_alone_have_one_key() -> None:
    key = match_key("Guest로 주문 돼요?")

    assert match_key(unicodedata.normalize("NFD", " GUEST로\n주문  돼요?\u200b")) == key
    assert match_key("Guest로 주문돼요?") != key


@given(any_text)
def test_an_answer_keeps_its_lines_and_joined_emoji(text: str) -> None:
    cleaned = clean_lines(text)

    assert clean_lines(cleaned) == cleaned
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned
    controls = {char for char in cleaned if unicodedata.category(char) == "Cc"}
    assert controls <= {"\n", "\t"}


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("\n 첫 줄\r\n둘째\r셋째\n\n넷째 \n", "첫 줄\n둘째\n셋째\n\n넷째"),
        ("표\t칸", "표\t칸"),
        ("👨\u200d👩\u200d👧 가족", "👨\u200d👩\u200d👧 가족"),
        (unicodedata.normalize("NFD", "각"), unicodedata.normalize("NFD", "각")),
        ("줄\u2028안", "줄\u2028안"),
        ("벨\x07소리\x00\ud83d\uffff", "벨소리"),
    ],
)
def test_an_answer_loses_only_what_no_file_can_carry(text: str, cleaned: str) -> None:
    assert clean_lines(text) == cleaned


@pytest.mark.parametrize(
    ("text", "hangul"),
    [
        ("Guest로 주문 돼요?! 123", "로 주문 돼요"),
        ("ㅋㅋㅋ 환불ㅠㅠ 😀", "ㅋㅋㅋ 환불ㅠㅠ"),
        (unicodedata.normalize("NFD", "배송비(2,500원)"), "배송비 원"),
        ("배\u200b송\u3000환불", "배송 환불"),
        ("返品 refund", ""),
    ],
)
def test_hangul_alone_can_be_kept(text: str, hangul: str) -> None:
    assert hangul_only(text) == hangul
    assert hangul_only(hangul) == hangul


@given(st.text(st.sampled_from("가힣ㄱㅣaZ~!| 09"), max_size=12))
def test_a_text_of_the_usual_characters_changes_in_its_spaces_alone(text: str) -> None:
    assert clean(text) == " ".join(text.split())


@pytest.mark.parametrize("beside", ["\u0301", "\u1161", "\u11a8", "\ufe0f", "\u200b", "\uff9e"])
def test_a_usual_character_is_composed_with_what_stands_beside_it(beside: str) -> None:
    for usual in "가힣ㄱㅣaZ~!":
        assert clean(f"{usual}{beside}") == clean(f"{usual}{beside} ").removesuffix(" ")
        assert unicodedata.is_normalized("NFC", clean(f"{usual}{beside}"))

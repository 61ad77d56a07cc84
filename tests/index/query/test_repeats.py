import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.query.repeats import without_long_laughter, without_repeats
from tests.index.shop_faq import vocabulary

any_text = st.text(st.characters() | st.sampled_from("ㅋㅎㅠ아환불"))


@given(any_text)
def test_laughter_is_two_letters_at_most_and_the_rest_stays(text: str) -> None:
    shorter = without_long_laughter(text)
    assert without_long_laughter(shorter) == shorter
    assert not any(laugh * 3 in shorter for laugh in "ㅋㅎㅠㅜㅏ")
    assert [char for char in shorter if char not in "ㅋㅎㅠ"] == [
        char for char in without_long_laughter(text) if char not in "ㅋㅎㅠ"
    ]


@pytest.mark.parametrize(
    ("text", "shorter"),
    [
        ("ㅋㅋㅋㅋ", "ㅋㅋ"),
        ("왜 안 돼ㅠㅠㅠㅠ", "왜 안 돼ㅠㅠ"),
        ("ㅋㅋ", "ㅋㅋ"),
        ("1000원", "1000원"),
    ],
)
def test_laughter_and_tears(text: str, shorter: str) -> None:
    assert without_long_laughter(text) == shorter


@pytest.mark.parametrize(
    ("text", "shorter"),
    [
        ("환환불 언제 되나요", "환불 언제 되나요"),
        ("환불불불 언제언제 되나요", "환불 언제언제 되나요"),
        ("카카카카카카오 결제", "카카오 결제"),
        ("쿠쿠폰은은 어디에", "쿠폰은 어디에"),
        ("진짜아아아 좋아요", "진짜아 좋아요"),
        # Two equal syllables that are meant.
        ("환불불가", "환불불가"),
        ("정정하려면 어떻게 해요", "정정하려면 어떻게 해요"),
        ("똑똑한 로봇", "똑똑한 로봇"),
        ("카카오 결제", "카카오 결제"),
        ("빼빼로 팔아요?", "빼빼로 팔아요?"),
        ("1000원 aaa", "1000원 aaa"),
        ("", ""),
    ],
)
def test_syllables_that_were_held_down_go_and_those_meant_stay(text: str, shorter: str) -> None:
    assert without_repeats(text, vocabulary()) == shorter


@given(st.text(st.sampled_from("가나다 "), max_size=6))
def test_only_syllables_beside_their_equal_go(text: str) -> None:
    def single(letters: str) -> str:
        return "".join(c for at, c in enumerate(letters) if at == 0 or letters[at - 1] != c)

    shorter = without_repeats(text, vocabulary())
    assert single(shorter) == single(text)
    assert not any(char * 3 in shorter for char in "가나다")

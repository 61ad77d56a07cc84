import pytest

from mundap.index.query.questions import leans, parting


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        ("환불해 주고 배송비도 알려 줘", ("환불해 주고", "배송비도 알려 줘")),
        ("주차 되나요? 그리고 몇 시간 걸려요?", ("주차 되나요", "몇 시간 걸려요?")),
        ("접시랑 초도 주나요", ("접시랑", "초도 주나요")),
        ("예약도 취소되고 수수료 얼마예요", ("예약도 취소되고", "수수료 얼마예요")),
    ],
)
def test_a_message_is_parted_where_another_question_may_begin(
    message: str, parts: tuple[str, str]
) -> None:
    assert parting(message) == parts


@pytest.mark.parametrize(
    "message",
    [
        "",
        "환불",
        "환불은 며칠 걸려요?",
        "배송비 얼마예요",
        "아이디 찾기",
        "고 싶어",
        "환불하려고 하는데 궁금해요",
        "옷이 작은데 다른 사이즈로 바꿀 수 있나요?",
        "비밀번호를 잊어버렸는데 좀 알려 주세요",
        "예약을 바꾸고 싶은데 도와주세요",
        "해지했는데 문의드려요",
    ],
)
def test_one_question_is_not_parted(message: str) -> None:
    assert parting(message) is None


def test_a_message_is_parted_at_a_mark_rather_than_where_one_is_missing() -> None:
    message = "환불도 되고 교환 되나요? 배송비는 얼마예요"
    assert parting(message) == ("환불도 되고 교환 되나요", "배송비는 얼마예요")


@pytest.mark.parametrize(
    "question",
    [
        "그럼 얼마예요?",
        "제주도는요?",
        "그럼 국제선은?",
        "거기 주차돼요?",
        "아니면 내일은요",
        "저는요",
    ],
)
def test_a_question_that_leans_on_the_one_before(question: str) -> None:
    assert leans(question)


@pytest.mark.parametrize(
    "question",
    [
        "",
        "배송비는 얼마예요?",
        "제주도 배송비는 얼마인가요?",
        "환불",
        "아이디 찾기",
        "그림 액자도 보낼 수 있나요?",
        "회원 탈퇴는 어떻게 하나요",
        "그럼 지난달에 산 신발을 다른 색으로 바꾸고 싶을 때는 어떻게 해야 하나요",
    ],
)
def test_a_question_that_stands_alone(question: str) -> None:
    assert not leans(question)

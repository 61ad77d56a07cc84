import unicodedata

import pytest

from mundap.chatbot.small_talk import small_talk


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("안녕하세요!", "greeting"),
        ("안녕", "greeting"),
        ("Hello~", "greeting"),
        (unicodedata.normalize("NFD", "안녕하세요"), "greeting"),
        ("감사합니다 ^^", "thanks"),
        ("고마워요", "thanks"),
        ("ㄱㅅ", "thanks"),
        *(
            (word, "filler")
            for word in ("네", "왜", "어", "뭐", "ㅇㅇ", "진짜?", "네...", "OK", "응응", "ㅇㅋㅇㅋ")
        ),
        ("안녕하세요 환불하고 싶어요", None),
        ("감사패 제작", None),
        ("왜 안 와요", None),
        ("취소", None),
        ("", None),
    ],
)
def test_a_message_that_asks_nothing_is_told_from_a_question(
    message: str, kind: str | None
) -> None:
    assert small_talk(message) == kind

import pytest

from mundap.index.faq.cells.leftovers import leftovers


def kinds(text: str, *, is_answer: bool = True) -> list[str]:
    return [found.kind for found in leftovers(text, is_answer=is_answer)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        *(
            (text, "tag")
            for text in ["졸업은 <b>130학점</b>", "환불은?&nbsp;", "R&amp;D", "줄<br>바꿈"]
        ),
        *(
            (text, "marker")
            for text in [
                *(
                    "$name$님 안녕하세요",
                    "**$name**$님 안녕하세요",
                    "{{name}}님",
                    "#{고객명}님",
                    "${name}",
                    "%s원입니다",
                    "{0}일 걸려요",
                ),
                *(
                    "%고객명%님",
                    "[[회사명]]입니다",
                    "<%= name %>님",
                    "{{ user.name }}",
                    "$회사명$입니다",
                ),
            ]
        ),
        *((text, "mojibake") for text in ["諛곗넚 臾몄쓽", "배송�� 3일", "占쏙옙占쏙옙"]),
        *(
            (text, "reference")
            for text in [
                *(
                    "위 3번 참고",
                    "**위 3번** 참고",
                    "위의 3번을 참고해 주세요.",
                    "상단 질문 참조",
                    "상단의 질문을 참조하세요.",
                ),
                *(
                    "Q3을 참고하세요 → 아래 Q3 참고",
                    "5번 질문을 참고해 주세요.",
                    "이전 답변과 동일합니다.",
                ),
                *(
                    "상동",
                    "위와 동일합니다.",
                    "자세한 것은 아래 FAQ를 확인해 주세요.",
                    "12번 문항 참고",
                ),
            ]
        ),
        *(
            (text, "anchor")
            for text in [
                *(
                    "[요금](#section3)을 보세요",
                    "[표](/help/12)",
                    "[표](index.php?no=3)",
                    "여기를 클릭하세요.",
                ),
                *(
                    "자세한 것은 아래 링크를 확인하세요",
                    "[바로가기]",
                    "자세히 보기를 눌러 주세요",
                    "Click here.",
                ),
            ]
        ),
    ],
)
def test_what_is_left_of_a_page_or_a_template_is_named(text: str, kind: str) -> None:
    assert kinds(text) == [kind]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "5<10",
            "<이름>을 적으세요",
            "`<br>`을 쓰세요",
            "AT&T",
            "a < b",
            "R&D 비용",
            "[지도](https://example.org/#a)",
        ),
        *(
            "$100에서 $200",
            "50% 할인",
            "100%예요",
            "10%에서 20%까지",
            "{1, 2}",
            "US$ 5, A$ 7",
            "%",
            "5%or10%",
        ),
        *(
            "3번 출구로 나오세요",
            "아래 항목을 확인해 주세요.",
            "위 내용을 확인해 주세요",
            "1번을 누르세요",
        ),
        *(
            "다음 날 확인하세요",
            "하단 메뉴의 3번 탭을 누르세요",
            "1. 로그인\n2. 신청\n위 2번을 참고하세요",
        ),
        *(
            "여기를 클릭하세요: https://example.org",
            "[여기](https://example.org)를 클릭하세요",
            "이 링크를 누르세요",
        ),
        *(
            "문자로 보낸 링크를 누르면 됩니다",
            "화면 맨 위의 주소를 누르고",
            "대한민국 大韓民國",
            "25°C·30°C",
        ),
    ],
)
def test_ordinary_answers_have_nothing_left(text: str) -> None:
    assert kinds(text) == []


def test_a_question_may_say_what_an_answer_should_not() -> None:
    assert kinds("위 3번 질문을 참고하라는데 어디에 있나요?", is_answer=False) == []
    assert kinds("<p>환불은?</p>", is_answer=False) == ["tag"]


def test_a_text_has_one_finding_of_a_kind_and_says_what_to_do() -> None:
    found = list(leftovers("<p>$name$님, {{b}} 배송�</p> 위 3번 참고, 여기를 클릭", is_answer=True))
    assert [one.kind for one in found] == ["tag", "marker", "mojibake", "reference", "anchor"]
    assert [one.met for one in found] == [
        "holds the HTML '<p>'",
        "holds '$name$', which a program should have filled in",
        "is unreadable: bytes of another encoding, replaced when the text was read",
        "sends visitors elsewhere with '위 3번 참고'; they see this answer alone",
        "says '여기를 클릭', but holds no link",
    ]
    assert all(one.mend.endswith(".") for one in found)

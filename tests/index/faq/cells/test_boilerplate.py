import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.faq.cells.boilerplate import Boilerplate, find_boilerplate, without_boilerplate

ANSWERS = [
    "영업시간은 9시부터예요.",
    "환불은 3일 걸립니다. 카드마다 달라요.",
    "주차는 지하 2층\n무료예요",
    "회원 가입은 앱에서 해요",
    "포인트는 1년 뒤 사라져요!",
]
CLOSING = "\n\n도움이 되었나요? 예 아니요\n관련 도움말\n"


def test_a_closing_goes_with_titles_that_differ() -> None:
    closed = [f"{answer}{CLOSING}- {answer[:4]} 안내\n- 처음" for answer in ANSWERS]
    found = find_boilerplate(closed)
    assert found == [Boilerplate("도움이 되었나요?", "end", 5, to_the_end=True)]
    assert [without_boilerplate(answer, found) for answer in closed] == ANSWERS


def test_a_notice_that_is_always_the_same_is_found_line_by_line_and_sentence_by_sentence() -> None:
    notice = "더 궁금한 점은 1600-0000으로 전화 주세요."
    for gap in (" ", "\n", "\n\n"):
        said = [f"{answer}{gap}{notice}\n평일 9시~18시" for answer in ANSWERS if answer[-1] in ".!"]
        said += [f"문의 {number}번이에요.{gap}{notice}\n평일 9시~18시" for number in range(3)]
        found = find_boilerplate(said)
        assert found == [Boilerplate(f"{notice}\n평일 9시~18시", "end", 6)]
        assert without_boilerplate(said[0], found) == ANSWERS[0]


def test_a_greeting_is_found_beside_a_closing() -> None:
    greeted = [f"안녕하세요. 행복상점입니다.\n{answer}{CLOSING}{answer}" for answer in ANSWERS]
    found = find_boilerplate(greeted)
    assert found == [
        Boilerplate("도움이 되었나요?", "end", 5, to_the_end=True),
        Boilerplate("안녕하세요. 행복상점입니다.", "start", 5),
    ]
    assert [without_boilerplate(answer, found) for answer in greeted] == ANSWERS


@pytest.mark.parametrize(
    "answers",
    [
        [],
        ANSWERS,
        # Half of them are no habit, three no more so, and one answer twice is one.
        [f"{answer}{CLOSING}" for answer in ANSWERS[:2]] + ANSWERS[2:],
        [f"{answer}{CLOSING}" for answer in ANSWERS[:3]],
        ["같은 답이에요. 문의하세요."] * 9,
        # All of an answer is never what is around it.
        ["네.", "네.", "네. ", "네.  ", "네.\n"],
    ],
)
def test_what_most_answers_do_not_share_is_none(answers: list[str]) -> None:
    assert find_boilerplate(answers) == []


def test_an_answer_that_is_nothing_else_and_one_without_it_stay() -> None:
    found = [
        Boilerplate("도움이 되었나요?", "end", 9, True),
        Boilerplate("안녕하세요.", "start", 9),
    ]
    for answer in ("안녕하세요.", "도움이 되었나요?", *ANSWERS):
        assert without_boilerplate(answer, found) == answer


def test_what_comes_after_a_closing_and_is_no_list_of_titles_stays() -> None:
    found = [Boilerplate("관련 도움말", "end", 9, to_the_end=True)]
    long = f"짧은 답\n관련 도움말\n{'이 글도 답입니다. ' * 80}"
    assert without_boilerplate(long, found) == long


@given(st.lists(st.text(st.sampled_from("가나 다.?\n1"), max_size=20), max_size=9))
def test_no_answer_is_emptied_and_what_is_left_is_a_part_of_it(answers: list[str]) -> None:
    found = find_boilerplate(answers)
    for answer in answers:
        rest = without_boilerplate(answer, found)
        assert rest in answer
        assert bool(rest.strip()) == bool(answer.strip())

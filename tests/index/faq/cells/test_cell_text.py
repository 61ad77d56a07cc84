import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mundap.index.faq.cells.cell_text import WHAT_WAS_DONE, read_cell
from mundap.index.tables.html_tags import TAG, is_html

PIECES = [
    *(
        "배송은 3일 걸려요.",
        "3,000원",
        "02-123-4567",
        "5 < 10",
        "a<b",
        "<이름>",
        "<email>",
        "&",
        "*",
    ),
    *("<b>", "</b>", "<p>", "</p>", "<br>", "<BR/>", "<div class='a'>", "</div>", "<li>", "<ul>"),
    *("<table>", "<tr>", "<td>", "</td>", "<th>", "</table>", "</ul>", "<ol start=3>", "</ol>"),
    *(
        '<a href="https://example.org/a">',
        "<a href='#x'>",
        '<a href="javascript:alert(1)">',
        "</a>",
    ),
    *("<script>", "alert(1)", "</script>", "<style>", "</style>", "<!--", "-->", "<pre>", "</pre>"),
    *('<img src="https://example.org/m.png" alt="약도">', "<img onerror=alert(1) src=x>", "<h2>"),
    *(
        "&nbsp;",
        "&amp;",
        "&lt;",
        "&gt;",
        "&lt;b&gt;",
        "&amp;lt;br&amp;gt;",
        "`",
        "[",
        "]",
        "(",
        ")",
    ),
    *(
        "\n",
        "  ",
        "\t",
        "\r\n",
        "\0",
        "\u3000",
        "Q1. ",
        "[답변] ",
        "답: ",
        "3) ",
        "**",
        "😀",
        "é",
        "|",
    ),
]
marked_up = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
# Nothing of markup, of other encodings, or of what exports put before a text.
without_markup = st.text(
    st.one_of(
        st.characters(codec="euc-kr", exclude_characters="<&\0ㅤ"), st.sampled_from("가나 0123,.-\n")
    )
).filter(lambda text: re.match(r"\s*[\[【〔<(*\dQqAaＱＡ질답문①-⑳]", text) is None)


@given(without_markup)
@example("배송비는 3,000원(제주 6,000원)이에요.\n문의 1600-0000  (평일 9:00~18:00)\n\n• 50% 할인")
@example("첫 줄\r\n둘째 줄\t끝 ")
@example("1) 앱을 켭니다.\n2) 누릅니다.")
@example("**굵게** [지도](https://example.org/a?b=1&c=2) > 메뉴")
@example("R&amp;D 지원, AT&T")
def test_a_text_without_markup_comes_back_as_it_is(text):
    assert read_cell(text) == (text, ())


@given(marked_up)
@settings(max_examples=400)
@example("<p>&lt;p&gt;두 번&lt;/p&gt;</p>")
@example("<p>&lt;!--숨음--&gt; &amp;nbsp; &lt;br&gt;</p>")
@example("<p>Q1. <b>A2.</b> 질문</p>")
@example("<table><td><td>")
@example("＜br＞ ｂ &amp;nbsp;")
def test_what_was_read_once_is_not_changed_by_reading_it_again(text):
    for plain in (False, True):
        once, _ = read_cell(text, plain=plain)
        assert read_cell(once, plain=plain) == (once, ())


@given(marked_up)
@settings(max_examples=200)
def test_no_tag_script_or_address_of_a_script_is_left(text):
    shown, done = read_cell(text)
    assert set(done) <= set(WHAT_WAS_DONE)
    assert not is_html(shown)
    if "html" in done:
        assert "](javascript:" not in shown
        assert TAG.search(shown) is None


@given(marked_up.filter(lambda text: "script" not in text and "style" not in text))
def test_words_and_numbers_survive_html(text):
    shown, _ = read_cell("<p>" + text + "</p>")
    inside_comments = text.find("<!--") >= 0
    for word in ("3,000원", "02-123-4567"):
        assert inside_comments or shown.count(word) >= text.count(word)


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Q1. 영업시간은?", "영업시간은?"),
        ("Q:배송은?", "배송은?"),
        ("Ｑ１．반품은?", "반품은?"),
        ("Q 12) 환불은?", "환불은?"),
        ("q1-2. 교환은?", "교환은?"),
        ("질문 3. 주차 되나요?", "주차 되나요?"),
        ("[질문4] 휴무일은?", "휴무일은?"),
        ("【질문】예약은?", "예약은?"),
        ("3) 환불은?", "환불은?"),
        ("12. 반품은 어떻게 하나요?", "반품은 어떻게 하나요?"),
        ("① 배송지는 바꿀 수 있나요?", "배송지는 바꿀 수 있나요?"),
        ("Question 7: Where is it?", "Where is it?"),
        ("**Q1.** 쿠폰은?", "쿠폰은?"),
        ("**Q1. 쿠폰은?**", "**쿠폰은?**"),
        ("<p>Q1. <b>쿠폰</b>은?</p>", "**쿠폰**은?"),
        ("Q1. Q2. 두 번 적힌 것은?", "두 번 적힌 것은?"),
        ("A1. 9시부터예요", "9시부터예요"),
        ("답: 3일 걸려요", "3일 걸려요"),
        ("답변 : 네.", "네."),
        ("[답변] 월요일", "월요일"),
        ("A. 네, 됩니다.", "네, 됩니다."),
        ("Answer: Yes.", "Yes."),
    ],
)
def test_numbers_and_labels_before_a_text_go(text, question):
    assert read_cell(text)[0] == question
    assert "number prefix" in read_cell(text)[1]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "A4 용지는 있나요?",
            "A/S는 어디서 받나요?",
            "Q&A 게시판은?",
            "A.I. 상담이 뭔가요?",
            "Q1 실적은?",
        ),
        *(
            "문의: 02-123-4567",
            "답변 드립니다.",
            "질문이 있어요.",
            "A) 서울 B) 부산",
            "A. 서울\nB. 부산",
        ),
        *(
            "3.1절에도 여나요?",
            "3. 1. 이후 신청하면 되나요?",
            "24시간 하나요?",
            "2026. 3. 1.부터인가요?",
        ),
        *(
            "1) 앱을 켭니다.",
            "1. 로그인\n2. 신청\n다 했나요?",
            "Q.",
            "답:",
            "100. 5% 할인",
            "(주)문답은?",
        ),
        *(
            "<이름>을 적으세요.",
            "a < b > c",
            "5<10",
            "x<y이고 y>z",
            "<b>는 무슨 뜻?",
            "<A>동과 <B>동",
        ),
        *(
            "List<String>",
            "`<br>`을 쓰세요",
            "<https://example.org>",
            "<hong@example.org>로 보내세요",
        ),
        *(
            "AT&amp;T",
            "i <3 u",
            "->",
            "<- 뒤로",
            "<a 와 b>",
            "a<b 이고 c>d",
            "<title>을 적으세요",
            "<!>",
        ),
    ],
)
def test_what_only_looks_like_markup_stays(text):
    assert read_cell(text) == (text, ())


def test_a_question_is_plain_and_its_number_goes_whatever_its_ending():
    assert read_cell("<b>휴학</b>은 어떻게 하나요?&nbsp;", plain=True) == (
        "휴학은 어떻게 하나요?",
        ("html",),
    )
    assert read_cell("7. 영업시간 안내", plain=True) == ("영업시간 안내", ("number prefix",))
    assert read_cell(" ＜b＞Ｑ1.＜/b＞\n교환은\u200b? ", plain=True) == (
        "교환은?",
        ("html", "number prefix"),
    )
    assert read_cell("7. 영업시간 안내") == ("7. 영업시간 안내", ())
    assert read_cell(
        '<a href="https://example.org">지도</a>와 <img src="/a.png" alt="약도">', plain=True
    )[0] == ("지도와 약도")


def test_html_is_kept_when_asked_and_all_else_is_done():
    assert read_cell("Q1. <b>환불</b>\0은?", keep_html=True) == (
        "<b>환불</b>은?",
        ("NUL", "number prefix"),
    )


def test_nul_characters_go_and_are_named():
    assert read_cell("3\0일\0") == ("3일", ("NUL",))


def test_html_that_was_escaped_is_html():
    escaped = "&lt;p&gt;졸업은 &lt;b&gt;130학점&lt;/b&gt;이에요.&lt;/p&gt;"
    assert read_cell(escaped) == ("졸업은 **130학점**이에요.", ("html",))
    assert read_cell("&lt;이름&gt;을 적으세요") == ("&lt;이름&gt;을 적으세요", ())


def test_tags_that_html_shows_stay_visible():
    shown, _ = read_cell("<p>줄을 바꾸려면 &lt;br&gt;을 쓰세요. R&amp;D &lt;이름&gt;</p>")
    assert shown == "줄을 바꾸려면 `<br>`을 쓰세요. R&D <이름>"


def test_korean_in_the_wrong_encoding_is_mended_and_named():
    wrong = "배송은 3일 걸려요".encode().decode("latin-1")
    assert read_cell(wrong) == ("배송은 3일 걸려요", ("mojibake",))
    twice = wrong.encode().decode("latin-1")
    assert read_cell(twice) == ("배송은 3일 걸려요", ("mojibake",))


def test_all_that_was_done_is_named_in_the_order_it_was_done():
    cells = ["Q1. 배송은?", "<p>Q2. 환불은?</p>", "그대로", "교환\0은?"]
    assert [read_cell(cell) for cell in cells] == [
        ("배송은?", ("number prefix",)),
        ("환불은?", ("html", "number prefix")),
        ("그대로", ()),
        ("교환은?", ("NUL",)),
    ]

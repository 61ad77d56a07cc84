"""What an owner writes, as visitors see it."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.chatbot.answer_html import answer_html

NEW_TAB = 'target="_blank" rel="noopener nofollow"'
HARMLESS = {"p", "br", "ul", "ol", "li", "a", "strong", "code", "pre", "img"} | {
    *("table", "thead", "tbody", "tr", "th", "td")
}


class Seen(HTMLParser):
    """An independent reader: the tags with their attributes, the links, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags, self.text = list[tuple[str, dict[str, str | None]]](), ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    @property
    def links(self) -> list[str | None]:
        return [attributes.get("href") for tag, attributes in self.tags if tag == "a"]


def one_line(html: str) -> str:
    return html.replace("\n", "")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("3일 안에요.\n늦어도 5일이에요.", "<p>3일 안에요.<br>늦어도 5일이에요.</p>"),
        ("첫 문단\n\n둘째 문단", "<p>첫 문단</p><p>둘째 문단</p>"),
        ("**굵게** 그리고 *별*, _밑줄_", "<p><strong>굵게</strong> 그리고 *별*, _밑줄_</p>"),
        ("- 하나\n- 둘", "<ul><li>하나</li><li>둘</li></ul>"),
        (
            "순서\n1. 앱을 켜요\n2. 눌러요",
            '<p>순서</p><ol><li value="1">앱을 켜요</li><li value="2">눌러요</li></ol>',
        ),
        ("1. 하나\n4. 넷", '<ol><li value="1">하나</li><li value="4">넷</li></ol>'),
        ("`*#21#` 을 눌러요", "<p><code>*#21#</code> 을 눌러요</p>"),
        ("```\n<a>\n```", "<pre><code>&lt;a&gt;</code></pre>"),
        (
            "|요일|시간|\n|---|---|\n|평일|9~18시|",
            '<table><thead><tr><th scope="col">요일</th><th scope="col">시간</th></tr></thead>'
            "<tbody><tr><td>평일</td><td>9~18시</td></tr></tbody></table>",
        ),
        (
            "[연장하기](https://lib.example.kr/renew)",
            f'<p><a href="https://lib.example.kr/renew" {NEW_TAB}>연장하기</a></p>',
        ),
    ],
)
def test_the_marks_that_help_are_shown(text: str, shown: str) -> None:
    assert one_line(answer_html(text)) == shown


@pytest.mark.parametrize(
    "text",
    [
        *("<b>굵게</b>", "&lt;b&gt; &amp;", "# 제목", "> 메뉴", "---", "~~3만원~~", "3~5일"),
        *("2026. 3. 1.부터 받아요", "1. 1. 신정에는 쉬어요", "10. 항목", "\\(^o^)/", "C:\\temp"),
        *("[주문 내역 > 반품 신청]을 누르세요", "[쿠폰함](필수)", "[a]: https", "$x^2$ :)"),
        *("[a](javascript:alert(1))", "[b](//evil.example)", "[c](data:text/html,x)", "[d](/x)"),
        *("![그림](data:image/png;base64,AA)", "* 표시는 꼭 적어 주세요".replace("* ", "*")),
    ],
)
def test_everything_else_stays_text(text: str) -> None:
    seen = Seen(answer_html(text))
    assert (seen.text.strip(), [tag for tag, _ in seen.tags]) == (text, ["p"])


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("https://example.kr/a_b?x=1&y=2에서 보세요.", ["https://example.kr/a_b?x=1&y=2"]),
        ("(https://example.kr/b).", ["https://example.kr/b"]),
        ("https://example.kr/wiki/A_(b) 참고", ["https://example.kr/wiki/A_(b)"]),
        ("www.example.kr로 오세요", ["http://www.example.kr"]),
        ("<https://example.kr>", ["https://example.kr"]),
        ("help+faq@example.co.kr로 보내 주세요", ["mailto:help+faq@example.co.kr"]),
        ("고객센터(1600-0000)로", ["tel:16000000"]),
        ("02-123-4567, 031) 123-4567", ["tel:021234567", "tel:0311234567"]),
        ("010-1234-5678으로", ["tel:01012345678"]),
        ("01012345678", ["tel:01012345678"]),
        ("070.1234.5678 · 0505-123-4567", ["tel:07012345678", "tel:05051234567"]),
        ("+82-2-123-4567", ["tel:+8221234567"]),
        ("[전화](tel:16000000) [메일](mailto:a@b.kr)", ["tel:16000000", "mailto:a@b.kr"]),
        ("[1600-0000](https://a.example)", ["https://a.example"]),
        ("`1600-0000`", []),
        ("계좌 110-234-567890, 02-1234-56789, 1588-1234-5678", []),
        ("2024-01-0123 주문, 모델 A010-1234-5678", []),
        ("https:// www. http://. @", []),
    ],
)
def test_what_can_be_followed_is_a_link(text: str, links: list[str]) -> None:
    assert Seen(answer_html(text)).links == links


def test_a_telephone_number_opens_no_tab() -> None:
    assert answer_html("1600-0000").strip() == (
        '<p><a href="tel:16000000" rel="noopener nofollow">1600-0000</a></p>'
    )


def test_images_come_from_the_hosts_that_are_named() -> None:
    text = "![지도](https://img.example.kr/map.png)"
    shown = '<p><img src="https://img.example.kr/map.png" alt="지도" loading="lazy"></p>'
    assert answer_html(text, ("img.example.kr",)).strip() == shown


@pytest.mark.parametrize("hosts", [(), ("example.kr",)])
def test_an_image_of_another_host_is_a_link_to_it(hosts: tuple[str, ...]) -> None:
    map_link = f'<a href="https://img.example.kr/map.png" {NEW_TAB}>'
    for text, shown in (
        ("![지도](https://img.example.kr/map.png)", f"{map_link}지도</a>"),
        ("![](https://img.example.kr/map.png)", f"{map_link}https://img.example.kr/map.png</a>"),
        (
            "[![지도](https://a.kr/1.png)](https://img.example.kr/map.png) 2",
            f"{map_link}지도</a> 2",
        ),
    ):
        assert one_line(answer_html(text, hosts)) == f"<p>{shown}</p>"


@pytest.mark.parametrize(
    "source",
    [
        "http://img.example.kr/a.png",
        "https://img.example.kr@evil.example/a.png",
        "https://img.example.kr.evil.example/a.png",
        "https://evil.example/https://img.example.kr/",
        "//img.example.kr/a.png",
        "https://img.example.kr\\@evil.example/a.png",
    ],
)
def test_no_image_comes_from_elsewhere(source: str) -> None:
    seen = Seen(answer_html(f"![x]({source})", ("img.example.kr",)))
    assert "img" not in {tag for tag, _ in seen.tags}


_PIECES = st.sampled_from(
    [
        *("<script>", "</script>", "<img src=x onerror=f()>", "<svg/onload=f()>", "javascript:"),
        *("[a](", "![a](", ")", "`", "```\n", "**", "*", "|", "|---|\n", "- ", "1. ", "\n", "\n\n"),
        *("https://", "http://a.kr", "02-123-4567", "a@b.kr", '"', "'", "<", ">", "&", "&lt;"),
        *("&#106;avascript:", "data:", "vbscript:", "\t", "\x00", "\\", " ", "가", "값이", "<!--"),
        *("<a href='", "style=", "<iframe srcdoc=", "onclick=", "%0a", "\u2028", "\ud800", "]"),
    ]
)


@given(parts=st.lists(_PIECES | st.text(max_size=5), max_size=40))
def test_nothing_that_is_written_becomes_more_than_harmless_tags(parts: list[str]) -> None:
    seen = Seen(answer_html("".join(parts), ("a.kr",)))
    assert {tag for tag, _ in seen.tags} <= HARMLESS
    for tag, attributes in seen.tags:
        assert not [name for name in attributes if name.startswith(("on", "style"))]
        for name in {"href", "src"} & set(attributes):
            assert re.match("https?://|mailto:|tel:", attributes[name] or "", re.IGNORECASE), tag


def test_half_a_character_is_shown_as_a_question_mark() -> None:
    assert answer_html("a\ud800b").strip() == "<p>a?b</p>"


@given(text=st.text(st.sampled_from("가나다abc.,!?()~ ·‘’:%0"), max_size=60))
def test_plain_words_are_shown_as_they_are(text: str) -> None:
    seen = Seen(answer_html(text))
    assert seen.text.split() == text.split()

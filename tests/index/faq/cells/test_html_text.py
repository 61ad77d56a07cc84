import pytest

from mundap.index.faq.cells.html_text import html_text


def markdown(html: str) -> str:
    return html_text(html)[0]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>하나</p><p>둘</p>", "하나\n\n둘"),
        ("<p>하나<br>둘<br/>셋</p>", "하나\n둘\n셋"),
        ("<div>하나</div><div>둘</div><div><br></div><div>셋</div>", "하나\n둘\n\n셋"),
        ("하나<br><br><br><br>둘", "하나\n\n둘"),
        ("<p>\n  여러   칸과\n  줄\n</p>\n\n<p>다음</p>", "여러 칸과 줄\n\n다음"),
        ("<h2>요금</h2><p>3,000원</p>", "**요금**\n\n3,000원"),
        ("<blockquote>인용</blockquote>뒤", "인용\n\n뒤"),
        ("<pre>표  칸\n  둘째</pre>", "표  칸\n  둘째"),
        ("<dl><dt>기간</dt><dd>3일</dd></dl>", "기간\n3일"),
        ("앞<hr>뒤", "앞\n\n뒤"),
    ],
)
def test_paragraphs_and_lines_stay_apart(html: str, text: str) -> None:
    assert markdown(html) == text


def test_lines_that_were_broken_by_hand_stay_where_no_tag_breaks_them() -> None:
    assert markdown("첫째 <b>줄</b>\n둘째 줄\n\n넷째") == "첫째 **줄**\n둘째 줄\n\n넷째"
    assert (
        markdown("안내\n<ul>\n<li>하나</li>\n<li>둘</li>\n</ul>\n끝") == "안내\n- 하나\n- 둘\n\n끝"
    )


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<ul><li>버스 7612</li><li>지하철</li></ul>", "- 버스 7612\n- 지하철"),
        ("<ol><li>로그인</li><li>신청</li></ol>", "1. 로그인\n2. 신청"),
        ("<ol start=9><li>가<li>나<ul><li>다</ul></ol>", "9. 가\n10. 나\n    - 다"),
        ("<ul><li><p>한 줄</p><p>또 한 줄</p></li></ul>", "- 한 줄\n  또 한 줄"),
        ("준비물<ul><li></li><li>신분증</li></ul>입니다", "준비물\n- 신분증\n\n입니다"),
    ],
)
def test_lists_keep_their_bullets_numbers_and_depth(html: str, text: str) -> None:
    assert markdown(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<b>130학점</b>이에요", "**130학점**이에요"),
        ("<strong> 꼭 </strong>보세요", "**꼭** 보세요"),
        ("앞<b> 뒤</b>", "앞 **뒤**"),
        ("<b></b>빈 <b> </b>것", "빈 것"),
        ("<b>한 줄<br>두 줄</b>", "**한 줄**\n**두 줄**"),
        ("<b>굵고</b><b> 굵게</b>", "**굵고 굵게**"),
        ("<b><b>겹친</b> 것</b>", "**겹친 것**"),
        # Markdown reads no bold where a sign is inside and a letter outside.
        ("가<b>(나)</b>다", "가(**나**)다"),
        ("<b>(필수)</b> 이름", "**(필수)** 이름"),
        ("<b>★</b>표", "★표"),
    ],
)
def test_bold_stays_where_markdown_can_show_it(html: str, text: str) -> None:
    assert markdown(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('<a href="https://example.org/a">지도</a>', "[지도](https://example.org/a)"),
        ('<a href="//example.org/a">지도</a>', "[지도](https://example.org/a)"),
        (
            '<a href="https://example.org/a?b=1&amp;c=(2) 3">표</a>',
            "[표](https://example.org/a?b=1&c=%282%29%203)",
        ),
        (
            '<a href="https://example.org/한글"><b>굵은</b> 말</a>',
            "[**굵은** 말](https://example.org/한글)",
        ),
        ('<a href="https://example.org/">https://example.org</a>', "https://example.org"),
        ('<a href="tel:0212345678">02-1234-5678</a>', "02-1234-5678"),
        ('<a href="tel:0212345678">전화</a>', "[전화](tel:0212345678)"),
        ('<a href="mailto:help@example.org">help@example.org</a>', "help@example.org"),
        ('<a href="https://example.org">표 ]</a>', "표 ] (https://example.org)"),
        ('<a href="https://example.org"></a>빈', "빈"),
        ('<a name="위">여기</a>', "여기"),
    ],
)
def test_links_stay_links(html: str, text: str) -> None:
    assert html_text(html) == (text, ())


@pytest.mark.parametrize("href", ["#section", "/help/3", "index.php?no=3", "../a.html"])
def test_a_link_that_needs_its_page_becomes_its_text_and_is_named(href: str) -> None:
    assert html_text(f'<a href="{href}">여기</a>') == ("여기", ("dead link",))


@pytest.mark.parametrize(
    "html",
    [
        '<a href="javascript:alert(1)">글</a>',
        '<a href="JaVa&#x0A;script:alert(1)">글</a>',
        '<a href="data:text/html,x">글</a>',
        '<p onclick="alert(1)" style="color:red">글</p>',
        "<!-- 숨은 말 -->글<!-- <b>또</b> -->",
        "<svg><title>그림</title><script>alert(1)</script></svg>글",
        "<iframe src=https://example.org>틀</iframe>글",
        "<title>제목</title><style>p {color: red}</style>글<script>alert(1)</script>",
        "<scr<script>x</script>글",
    ],
)
def test_nothing_that_runs_or_is_hidden_is_left(html: str) -> None:
    shown, _ = html_text(html)
    assert shown.removeprefix("<scr") == "글"


def test_scripts_that_were_left_out_are_named() -> None:
    assert html_text("<STYLE>p {}</STYLE>글") == ("글", ("script",))


@pytest.mark.parametrize(
    ("html", "text", "lost"),
    [
        (
            '<img src="https://example.org/m.png" alt="약도">',
            "[약도](https://example.org/m.png)",
            (),
        ),
        ('<img src="https://example.org/m.png">', "https://example.org/m.png", ()),
        ('<img src="/m.png" alt="약도">', "약도", ("image",)),
        ('<img src="data:image/png;base64,AAAA">글', "글", ("image",)),
        (
            '<a href="https://example.org"><img src="https://example.org/m.png" alt="홈"></a>',
            "[홈](https://example.org)",
            (),
        ),
    ],
)
def test_an_image_is_a_link_named_by_its_description(
    html: str, text: str, lost: tuple[str, ...]
) -> None:
    assert html_text(html) == (text, lost)


def test_a_table_with_headings_is_a_table() -> None:
    html = (
        "<table><thead><tr><th>구분<th>요금</thead>"
        "<tbody><tr><td rowspan=2>소형<td>3,000원<br>(제주 6,000원)<tr><td>4|5</table>끝"
    )
    assert markdown(html) == (
        "| 구분 | 요금 |\n| --- | --- |\n| 소형 | 3,000원 (제주 6,000원) |\n| 소형 | 4\\|5 |\n\n끝"
    )


def test_a_wide_table_takes_its_first_row_for_its_heading() -> None:
    html = "<table><tr><td colspan=2>요금<td>기간<tr><td>소<td>대<td>1일<tr><td>1<td>2</table>"
    assert (
        markdown(html) == "| 요금 |  | 기간 |\n| --- | --- | --- |\n| 소 | 대 | 1일 |\n| 1 | 2 |  |"
    )


def test_a_first_row_in_bold_is_a_heading() -> None:
    html = "<table><tr><td><b>구분</b><td><b>요금</b><tr><td>소형<td>3,000원</table>"
    assert markdown(html) == "| 구분 | 요금 |\n| --- | --- |\n| 소형 | 3,000원 |"


def test_raised_and_lowered_digits_stay_so() -> None:
    assert markdown("<p>10<sup>3</sup> m<sup>2</sup> H<sub>2</sub>O 요금<sup>1)</sup></p>") == (
        "10³ m² H₂O 요금¹⁾"
    )


def test_names_and_values_are_lines_and_a_frame_is_none() -> None:
    assert markdown("<table><tr><td>전공<td>60<tr><td>교양<td>30</table>") == "전공 | 60\n교양 | 30"
    framed = "<table><tr><td><p>안녕하세요.</p><ul><li>하나</ul><p>끝</p></table>"
    assert markdown(framed) == "안녕하세요.\n\n- 하나\n\n끝"
    assert (
        markdown("<table><tr><td>가<td><table><tr><td>나<td>다</table></table>") == "가 | 나 | 다"
    )
    assert markdown("앞<table></table>뒤") == "앞\n\n뒤"


def test_plain_text_has_no_marks() -> None:
    html = '<h1>제목</h1><ul><li><b>하나</b></ul><a href="https://example.org">둘</a><table><tr><th>가<th>나</table>'
    assert html_text(html, plain=True)[0].split() == ["제목", "하나", "둘", "가", "나"]


def test_words_between_brackets_stay_beside_tags() -> None:
    html = "<p><이름>과 <email>, 5<10, <https://example.org/a> &lt;br&gt; R&amp;D</p>"
    assert markdown(html) == "<이름>과 <email>, 5<10, <https://example.org/a> <br> R&D"


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 30_000 + "속" + "</div>" * 30_000,
        "<ul><li>" * 30_000 + "속",
        "<table><tr><td>" * 30_000 + "속",
        "<b><a href=https://example.org>" * 3_000 + "속",
        "<p>" * 30_000 + "속",
        "<table><tr><td rowspan=65535 colspan=1000>속</table>",
    ],
)
def test_any_nesting_is_read(html: str) -> None:
    assert "속" in markdown(html)


def test_a_large_text_is_read_whole() -> None:
    assert (
        markdown("<p>안녕 <b>하세요</b> &amp; 3,000원</p>" * 20_000).count("**하세요** & 3,000원")
        == 20_000
    )

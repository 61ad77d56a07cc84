"""Pages saved from a browser."""

from pathlib import Path

import pytest

from tests.index.faq.sheets.shapes import (
    JSON_LD,
    PAIRS,
    Built,
    assert_pairs,
    each,
    page,
    question_of,
    text_file,
)

SAME: dict[str, Built] = {
    "schema.org in a page, hidden from old browsers": text_file(
        "f.html",
        page(
            (JSON_LD % ",".join(question_of(*pair) for pair in PAIRS))
            .replace('json">', 'json">\n//<![CDATA[\n')
            .replace("</script>", "\n//]]>\n</script>")
            + "<h2>안녕하세요</h2><p>환영합니다</p>"
        ),
    ),
    "xls that is a page": text_file(
        "f.xls",
        "<html><meta charset=utf-8><table><tr><th>질문</th><th>답변</th></tr>"
        + each("<tr><td>{q}</td><td>{a}</td></tr>")
        + "</table></html>",
    ),
    "cells of Q and A by turns": text_file(
        "f.html",
        page(
            "<table><tr><td colspan=2><font size=4>자주 묻는 질문</font>"
            + each("<tr><td>Q<td><font color=blue>{q}</font><tr><td>A<td>{a}")
            + "</table>"
        ),
    ),
    "cells of Korean marks by turns": text_file(
        "f.html",
        page(
            "<table>"
            + each("<tr><th>질문</th><td>{q}</td></tr><tr><th>답변</th><td>{a}</td></tr>")
            + "</table>"
        ),
    ),
    "one cell for a question with its answer": text_file(
        "f.html",
        page(
            "<table>"
            + each("<tr><td><b>Q. {q}</b><br>A. {a}</td></tr>").replace(".\n신", ".<br>신")
            + "</table>"
        ),
    ),
    "paragraphs of Q and A": text_file(
        "f.html",
        page(each("<p><strong>Q. {q}</strong></p><p>A. {a}</p>").replace(".\n신", ".<br>신")),
    ),
    "buttons that open their answers": text_file(
        "f.html",
        page(
            "<h1>도움말</h1><button aria-controls=m>메뉴</button><ul id=m><li>홈</li></ul>"
            + "".join(
                f"<div><button class=b aria-expanded=false aria-controls=p{n}>{q}</button>"
                f"<div id=p{n}>{a}</div></div>"
                for n, (q, a) in enumerate(PAIRS)
            )
        ),
    ),
    "classes of questions and answers": text_file(
        "f.html",
        page(
            "<h2>자주 묻는 질문</h2><ul class=faq-list>"
            + each(
                "<li class=faqItem><a href='#' class=q><i>Q</i> {q}</a><div class=a>{a}</div></li>"
            )
            + "</ul>"
        ),
    ),
    "classes in words joined": text_file(
        "f.html", page(each("<p class=faqQuestion>{q}</p><div class='faqAnswer on'>{a}</div>"))
    ),
    "rows of a table by turns": text_file(
        "f.html",
        page(
            "<table><tr><th>번호</th><th>제목</th></tr>"
            + each("<tr class=q><td>1</td><td>{q}</td></tr><tr class=a><td></td><td>{a}</td></tr>")
            + "</table>"
        ),
    ),
    "a list of terms": text_file("f.html", page(f"<dl>{each('<dt>{q}</dt><dd>{a}</dd>')}</dl>")),
    "folds": text_file("f.html", page(each("<details><summary>{q}</summary>{a}</details>"))),
    "a table that closes no cell and no row": text_file(
        "f.html",
        page("<table><tr><th>질문<th>답변" + each("<tr><td>{q}<td>{a}") + "</table>"),
    ),
    "a list that closes no term": text_file(
        "f.html", page("<dl>" + each("<dt>{q}<dd>{a}") + "</dl>")
    ),
    "a page in one form": text_file(
        "f.html", page(f"<form method=post><dl>{each('<dt>{q}</dt><dd>{a}</dd>')}</dl></form>")
    ),
    "headings in headers of their own": text_file(
        "f.html",
        page(each("<article><header><h3>{q}</h3></header>{a}</article>")),
    ),
    "schema.org in a page": text_file(
        "f.html",
        page(JSON_LD % ",".join(question_of(*pair) for pair in PAIRS) + "<p>문의 환영</p>"),
    ),
    "schema.org in attributes": text_file(
        "f.htm",
        page(
            each(
                '<div itemscope itemtype="https://schema.org/Question"><h3 itemprop="name">{q}</h3>'
                '<div itemprop="acceptedAnswer"><div itemprop="text">{a}</div></div></div>'
            )
        ),
    ),
    "a page in cp949": text_file(
        "f.html", page(f"<dl>{each('<dt>{q}</dt><dd>{a}</dd>')}</dl>"), "cp949"
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_a_page_is_read_without_an_option(name: str, tmp_path: Path) -> None:
    assert_pairs(SAME[name](tmp_path))

import re
from html.parser import HTMLParser

import pytest

from mundap.evaluation.report.document import Chart, Document, Section, Table, Tile
from mundap.evaluation.report.html import to_html

FIGURES = Table(("system", "hit@1"), (("dense", "88.2%"), ("bm25", "86.4%")), caption="Hits & more")
TEXTS = Table(("query", "right"), tuple((f"환불 {n}?", "<b>배송</b>") for n in range(13)), "texts")
PAGE = Document(
    "문답 <report>",
    "2 & 3",
    (
        Section("Accuracy", ("A <i>line</i>.", FIGURES, (Tile("88%", "right", "95%: 1 to 2"),))),
        Section("Queries", (TEXTS, (Chart("A chart", "<svg><g/></svg>", FIGURES),))),
    ),
)
VOID = {"meta", "g"}


class Nesting(HTMLParser):
    """Notes tags that do not close in order, ids that stand twice, and where links lead."""

    def __init__(self):
        super().__init__()
        self.open, self.faults, self.ids, self.addresses = [], [], [], []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)
        self.ids += [value for name, value in attrs if name == "id"]
        self.addresses += [value for name, value in attrs if name in {"href", "src", "srcset"}]

    def handle_endtag(self, tag):
        if tag not in VOID and (not self.open or self.open.pop() != tag):
            self.faults.append(tag)


def read(page):
    nesting = Nesting()
    nesting.feed(page)
    nesting.close()
    return nesting


def test_the_page_is_well_formed_and_its_links_lead_to_its_own_sections():
    nesting = read(to_html(PAGE))
    assert (nesting.faults, nesting.open) == ([], [])
    assert nesting.ids == ["s1", "s2"]
    assert nesting.addresses == ["#s1", "#s2"]


def test_the_page_needs_nothing_but_itself():
    page = to_html(PAGE)
    assert not re.search(r"https?:|//|@import|url\(|<script|<link|<img", page)
    assert '<meta charset="utf-8">' in page
    assert "width=device-width" in page
    assert "prefers-color-scheme: dark" in page


def test_every_text_is_escaped_and_a_chart_is_not():
    page = to_html(PAGE)
    assert "<title>문답 &lt;report&gt;</title>" in page
    assert "<p>A &lt;i&gt;line&lt;/i&gt;.</p>" in page
    assert "&lt;b&gt;배송&lt;/b&gt;" in page
    assert "Hits &amp; more" in page
    assert "<svg><g/></svg>" in page
    hostile = Table(('a"><script>', "b"), (('"><script>', "x"),), "texts")
    assert "<script" not in to_html(Document("t", "", (Section("s", (hostile,)),)))


def test_figures_name_their_rows_and_texts_their_cells():
    page = to_html(PAGE)
    assert (
        '<tr><th scope="row">dense</th><td data-name="hit@1"><span>88.2%</span></td></tr>' in page
    )
    assert '<td data-name="query"><span>환불 0?</span></td>' in page


def test_only_the_first_ten_texts_are_in_sight():
    before, after = to_html(PAGE).split("<summary>3 more</summary>")
    assert "환불 9?" in before
    assert "환불 10?" not in before
    assert "환불 12?" in after


def test_a_chart_has_its_numbers_beside_it():
    page = to_html(PAGE)
    figure = page[page.index("<figure>") : page.index("</figure>")]
    assert 'aria-label="A chart"' in figure
    assert "<summary>Numbers</summary>" in figure
    assert "86.4%" in figure


def test_a_row_has_as_many_cells_as_the_table_has_columns():
    with pytest.raises(ValueError, match=r"1 cells for 2 columns: \('dense',\)"):
        Table(("system", "hit@1"), (("dense",),))

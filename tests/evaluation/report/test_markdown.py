from mundap.evaluation.report.document import Chart, Document, Section, Table, Tile
from mundap.evaluation.report.markdown import to_markdown

FIGURES = Table(("system", "p"), (("dense", "< 0.001"),), caption="Against bm25")
TEXTS = Table(("query", "right"), (("환불|반품\n언제?", "*별표*"),), "texts")


def test_the_whole_page_as_text():
    page = Document(
        "문답 #1",
        "3 queries",
        (
            Section("Short", ("A _line_.", (Tile("88%", "right", "95%: 1 to 2"), Tile("9", "ms")))),
            Section("Tables", (FIGURES, TEXTS, (Chart("A chart", "<svg/>", FIGURES),))),
        ),
    )
    assert (
        to_markdown(page)
        == r"""# 문답 \#1

3 queries

## Short

A \_line\_.

- **88%** right (95%: 1 to 2)
- **9** ms

## Tables

Against bm25

| system | p |
| --- | ---: |
| dense | \< 0.001 |

| query | right |
| --- | --- |
| 환불\|반품 언제? | \*별표\* |

### A chart

Against bm25

| system | p |
| --- | ---: |
| dense | \< 0.001 |
"""
    )

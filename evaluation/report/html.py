"""A report as one HTML page that needs nothing but itself: no script, no font, no address."""

from collections.abc import Sequence
from html import escape
from itertools import count
from pathlib import Path

from mundap.evaluation.report.document import Block, Chart, Document, Section, Table, Tile

# Rows of texts in sight.
_OPEN = 10
_STYLE = Path(__file__).with_name("report.css")


def to_html(document: Document) -> str:
    """Return the page; every text in it is escaped, charts are taken as they are."""
    numbered = list(zip(count(1), document.sections, strict=False))
    links = "".join(f'<li><a href="#s{n}">{escape(s.title)}</a></li>' for n, s in numbered)
    sections = "\n".join(_section(n, section) for n, section in numbered)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(document.title)}</title>
<style>
{_STYLE.read_text(encoding="utf-8")}</style>
</head>
<body>
<header><h1>{escape(document.title)}</h1><p>{escape(document.subtitle)}</p></header>
<nav aria-label="Sections"><ol>{links}</ol></nav>
<main>
{sections}
</main>
</body>
</html>
"""


def _section(number: int, section: Section) -> str:
    blocks = "\n".join(map(_block, section.blocks))
    heading = f'<h2 id="s{number}">{escape(section.title)}</h2>'
    return f'<section aria-labelledby="s{number}">\n{heading}\n{blocks}\n</section>'


def _block(block: Block) -> str:
    match block:
        case str():
            return f"<p>{escape(block)}</p>"
        case Table():
            return _table(block)
    inner = "\n".join(_chart(item) if isinstance(item, Chart) else _tile(item) for item in block)
    return f'<div class="side-by-side">\n{inner}\n</div>'


def _tile(tile: Tile) -> str:
    note = f"<small>{escape(tile.note)}</small>" if tile.note else ""
    label = f"<span>{escape(tile.label)}</span>"
    return f'<div class="tile"><b>{escape(tile.value)}</b>{label}{note}</div>'


def _chart(chart: Chart) -> str:
    title = escape(chart.title)
    return (
        f'<figure><figcaption>{title}</figcaption><div role="img" aria-label="{title}">{chart.svg}'
        f"</div><details><summary>Numbers</summary>{_table(chart.numbers)}</details></figure>"
    )


def _table(table: Table) -> str:
    """Texts are long: what comes after the first few waits behind a line to press."""
    if table.kind == "figures" or len(table.rows) <= _OPEN:
        return _rows(table, table.rows, table.caption)
    rest = table.rows[_OPEN:]
    return (
        f"{_rows(table, table.rows[:_OPEN], table.caption)}\n<details><summary>{len(rest)} more"
        f"</summary>{_rows(table, rest, '')}</details>"
    )


def _rows(table: Table, shown: Sequence[tuple[str, ...]], title: str) -> str:
    # Above what scrolls, or a telephone would show half of it.
    caption = f'<p class="caption">{escape(title)}</p>\n' if title else ""
    heads = "".join(f'<th scope="col">{escape(column)}</th>' for column in table.columns)
    rows = "\n".join(f"<tr>{_cells(table, row)}</tr>" for row in shown)
    # A wide table scrolls by itself, and by keyboard too.
    kind = f"{table.kind} of-{len(table.columns)}"
    return (
        f'{caption}<div class="wide" tabindex="0"><table class="{kind}">'
        f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody></table></div>"
    )


def _cells(table: Table, row: tuple[str, ...]) -> str:
    """On a telephone a row of texts becomes a card, which names each cell by `data-name`."""
    cells = [
        f'<td data-name="{escape(name)}"><span>{escape(text)}</span></td>'
        for name, text in zip(table.columns, row, strict=True)
    ]
    if table.kind == "figures":
        cells[0] = f'<th scope="row">{escape(row[0])}</th>'
    return "".join(cells)

"""FAQ pages saved from a browser: marked questions, lists, folds, tables, headings."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mundap.index.tables.grid import Grid, GridError, GridFile, GridRow, grid_of_records
from mundap.index.tables.headed_text import Section, faq_of_sections
from mundap.index.tables.html_tags import flattened
from mundap.index.tables.json_shapes import records_of
from mundap.index.tables.text_encoding import TextFile

_HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
# What surrounds the text of a page. Old servers have all of a page in one form, and a question may
# have a header of its own: those that hold a heading, a list or a table are none of it.
_HOLDING = [*_HEADINGS, "dl", "details", "table"]
_AROUND = ["nav", "footer", "aside"]
_MAY_SURROUND = ["header", "form"]
_UNSEEN = {"script", "style", "template", "noscript", "title"}
_READ = {"class", "rowspan", "colspan", "itemtype", "itemprop", "href", "src", "alt", "start"}
_TAG = re.compile(r"<([a-z][a-z0-9-]*)", re.IGNORECASE)
_MOST_SPAN = 1000


def html_grids(path: Path) -> GridFile:
    """Open a page; the first of the ways to mark a FAQ in which it holds one. Raises GridError."""
    from bs4 import BeautifulSoup

    text = TextFile.of(path)
    html = text.text()
    kind = f"HTML, {text.name}"
    page = BeautifulSoup(_as_browsers_read(html), "html.parser")
    records = list(_schema(html)) or list(_microdata(page))
    if not records:
        for element in page([*_AROUND, *_MAY_SURROUND]):
            if element.name in _AROUND or element.find(_HOLDING) is None:
                element.decompose()
        records = list(_lists(page)) or list(_folds(page))
    if records:
        return GridFile(kind, (grid_of_records(records, "question"),))
    if tables := tuple(_tables(page)):
        return GridFile(kind, tables)
    records, left_out = faq_of_sections(list(_sections(page)))
    if not records:
        raise GridError(
            "no questions and answers in it: no FAQPage, no list of terms (dl), no folds "
            "(details), no table and no headings with text below."
        )
    for record in records:
        del record["line"]
    return GridFile(kind, (grid_of_records(records, "question"),), tuple(left_out))


def _as_browsers_read(html: str) -> str:
    """Return a page whose every element is closed where browsers close it, without its programs.

    Old pages leave cells, rows and items open.
    """
    import nh3

    tags = {name.lower() for name in _TAG.findall(html)} - _UNSEEN
    closed: str = nh3.clean(
        flattened(html),
        tags=tags,
        clean_content_tags=_UNSEEN,
        attributes={"*": _READ},
        link_rel=None,
    )
    return closed


def _schema(html: str) -> Iterator[dict[str, Any]]:
    """Yield the questions of a FAQPage of schema.org that stands in the page as JSON."""
    from bs4 import BeautifulSoup, SoupStrainer

    scripts = BeautifulSoup(html, "html.parser", parse_only=SoupStrainer("script"))
    for script in scripts.find_all("script", type="application/ld+json"):
        try:
            value = json.loads(script.string or "", strict=False)
        except (json.JSONDecodeError, RecursionError):
            continue
        nodes = value if isinstance(value, list) else [value]
        for node in nodes:
            graph = node.get("@graph", [node]) if isinstance(node, dict) else []
            for part in graph if isinstance(graph, list) else []:
                if isinstance(part, dict) and "FAQPage" in str(part.get("@type")):
                    yield from records_of(part.get("mainEntity"))


def _microdata(page: Any) -> Iterator[dict[str, Any]]:
    for question in page.select('[itemtype$="schema.org/Question"]'):
        name = question.select_one('[itemprop="name"]')
        answer = question.select_one('[itemprop="acceptedAnswer"] [itemprop="text"]')
        answer = answer or question.select_one('[itemprop="acceptedAnswer"]')
        if name is not None and answer is not None:
            yield {"question": _inner(name), "answer": _inner(answer)}


def _lists(page: Any) -> Iterator[dict[str, Any]]:
    """Yield the terms of lists; several before one description are phrasings of one question."""
    for terms in page.find_all("dl"):
        asked: list[str] = []
        said: list[str] = []
        for part in terms.find_all(["dt", "dd"]):
            if part.name == "dt":
                if said:
                    yield {"question": asked, "answer": "\n\n".join(said)}
                    asked, said = [], []
                asked.append(_inner(part))
            elif asked:
                said.append(_inner(part))
        if asked:
            yield {"question": asked, "answer": "\n\n".join(said)}


def _folds(page: Any) -> Iterator[dict[str, Any]]:
    for fold in page.find_all("details"):
        summary = fold.find("summary")
        if summary is None or fold.find("details") is not None:
            continue
        summary.extract()
        yield {"question": _inner(summary), "answer": _inner(fold)}


def _sections(page: Any) -> Iterator[Section]:
    """Yield the headings in their order, each with what stands between it and the next."""
    found = page.find_all(_HEADINGS)
    for number, heading in enumerate(found, start=1):
        section = Section(int(heading.name[1]), heading.get_text(" ", strip=True), number)
        # A heading that a button or a link wraps stands beside what it opens.
        element = heading
        while not _following(element) and element.parent is not None and element.parent is not page:
            if len(element.parent.find_all(_HEADINGS)) > 1:
                break
            element = element.parent
        for part in _following(element):
            if part.name in _HEADINGS or (part.name and part.find(_HEADINGS)):
                break
            section.body.append(str(part))
        yield section


def _following(element: Any) -> list[Any]:
    return [part for part in element.next_siblings if str(part).strip()]


def _tables(page: Any) -> Iterator[Grid]:
    """Yield each table that holds no other, cells that span rows in each of them."""
    for number, table in enumerate(page.find_all("table"), start=1):
        if table.find("table") is None:
            rows = list(_table_rows(table))
            caption = table.find("caption")
            name = caption.get_text(" ", strip=True) if caption else f"table {number}"
            yield Grid(lambda rows=rows: iter(rows), name)  # type: ignore[misc]


def _table_rows(table: Any) -> Iterator[GridRow]:
    below: dict[int, tuple[str, int]] = {}
    for number, line in enumerate(table.find_all("tr"), start=1):
        cells: list[str] = []
        merged = set()
        found = iter(line.find_all(["td", "th"]))
        while True:
            place = len(cells)
            if place in below:
                text, left = below[place]
                cells.append(text)
                merged.add(place)
                below[place] = text, left - 1
                if left <= 1:
                    del below[place]
                continue
            cell = next(found, None)
            if cell is None:
                break
            text = _inner(cell)
            if (rows := _span(cell, "rowspan")) > 1:
                below[place] = text, rows - 1
            cells += [text, *[""] * (_span(cell, "colspan") - 1)]
        yield GridRow(number, cells, merged=frozenset(merged))


def _span(cell: Any, name: str) -> int:
    value = str(cell.get(name, "1"))
    return min(_MOST_SPAN, max(1, int(value))) if value.isdecimal() else 1


def _inner(element: Any) -> str:
    """Return what an element holds: its text, or its HTML where that says more than the text."""
    if all(part.name is None for part in element.contents):
        return str(element.get_text()).strip()
    return str(element.decode_contents()).strip()

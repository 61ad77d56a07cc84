"""FAQ pages saved from a browser: marked questions, lists, folds, tables, headings."""

import json
import re
from collections.abc import Iterator, Sequence
from copy import copy
from pathlib import Path
from typing import Any

from mundap.index.tables.grid import Grid, GridError, GridFile, GridRow, grid_of_records
from mundap.index.tables.html_pairs import classed_records, inner, opened_records
from mundap.index.tables.html_tags import flattened
from mundap.index.tables.json_shapes import faq_page, records_of
from mundap.index.tables.marked_text import marked_records
from mundap.index.tables.sections import READS_AS_QUESTION, Section, faq_of_sections
from mundap.index.tables.text_encoding import TextFile

_HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
# What surrounds the text of a page. Old servers have all of a page in one form, and a question may
# have a header of its own: those that hold a heading, a list or a table are none of it.
_HOLDING = [*_HEADINGS, "dl", "details", "table"]
_AROUND = ["nav", "footer", "aside"]
_MAY_SURROUND = ["header", "form"]
_UNSEEN = {"script", "style", "template", "noscript", "title"}
_READ = {"class", "id", "rowspan", "colspan", "itemtype", "itemprop", "href", "src", "alt", "start"}
_READ |= {"aria-controls", "data-bs-target", "data-target"}
_HIDDEN = re.compile(r"^[^\[{]*<!(?:--|\[CDATA\[)|(?://\s*)?(?:-->|\]\]>)\s*$")
_TAG = re.compile(r"<([a-z][a-z0-9-]*)", re.IGNORECASE)
_MOST_SPAN = 1000
# What ends a line of a page, and what may stand before its first word.
_LINE_END = re.compile(
    r"</?(?:p|div|br|hr|table|tbody|thead|tr|td|th|ul|ol|li|section|article|main|h[1-6])\b[^>]*>",
    re.IGNORECASE,
)
_OPENED = re.compile(r"^(?:\s|</?(?:b|strong|span|font|em|i|u)\b[^>]*>)+", re.IGNORECASE)


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
        ways = [list(_lists(page)), list(_folds(page)), opened_records(page), classed_records(page)]
        records = _with_categories(_best(ways))
    if records:
        return GridFile(kind, (grid_of_records(records, "question"),))
    tables = tuple(_tables(page))
    if not any(_is_wide(grid) for grid in tables) and (records := _marked_lines(page)):
        return GridFile(kind, (grid_of_records(records, "question"),))
    if tables:
        return GridFile(kind, tables)
    records, left_out = faq_of_sections(list(_sections(page)))
    if not records:
        raise GridError(
            "no questions and answers in it: no FAQPage, no list of terms (dl), no folds "
            "(details, buttons with aria-controls), no classes such as question and answer, no "
            "table and no headings with text below."
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
    from bs4 import BeautifulSoup

    whole = BeautifulSoup(html if "ld+json" in html else "", "html.parser")
    for script in whole.find_all("script", type="application/ld+json"):
        # Old pages hide it from old browsers: "//<![CDATA[ ... //]]>".
        text = _HIDDEN.sub("", script.string or "")
        try:
            questions = faq_page(json.loads(text, strict=False))
        except (json.JSONDecodeError, RecursionError):
            continue
        yield from records_of(questions)


def _microdata(page: Any) -> Iterator[dict[str, Any]]:
    for question in page.select('[itemtype$="schema.org/Question"]'):
        name = question.select_one('[itemprop="name"]')
        answer = question.select_one('[itemprop="acceptedAnswer"] [itemprop="text"]')
        answer = answer or question.select_one('[itemprop="acceptedAnswer"]')
        if name is not None and answer is not None:
            yield {"question": inner(name), "answer": inner(answer)}


def _lists(page: Any) -> Iterator[dict[str, Any]]:
    """Yield the terms of lists; several before one description are phrasings of one question."""
    category = ""
    for terms in page.find_all([*_HEADINGS, "dl"]):
        if terms.name != "dl":
            if terms.find_parent("dl") is None:
                category = terms.get_text(" ", strip=True)
            continue
        asked: list[str] = []
        said: list[str] = []
        for part in terms.find_all(["dt", "dd"]):
            if part.name == "dt":
                if said:
                    yield {"question": asked, "answer": "\n\n".join(said), "category": category}
                    asked, said = [], []
                asked.append(inner(part))
            elif asked:
                said.append(inner(part))
        if asked:
            yield {"question": asked, "answer": "\n\n".join(said), "category": category}


def fold_records(html: str) -> list[dict[str, Any]]:
    """Return the folds (details) of HTML, or of Markdown that has such in it."""
    from bs4 import BeautifulSoup

    if "<details" not in html.lower():
        return []
    return list(_folds(BeautifulSoup(_as_browsers_read(html), "html.parser")))


def _folds(page: Any) -> Iterator[dict[str, Any]]:
    """Yield what folds hold; a fold around others is their category."""
    for fold in page.find_all("details"):
        summary = fold.find("summary")
        if summary is None or fold.find("details") is not None:
            continue
        outer = fold.find_parent("details")
        around = outer.find("summary", recursive=False) if outer is not None else None
        question = inner(summary)
        body = copy(fold)
        body.summary.decompose()
        category = around.get_text(" ", strip=True) if around is not None else ""
        yield {"question": question, "answer": inner(body), "category": category}


def _best(ways: Sequence[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return the first way in which questions are read, or else the first that finds anything."""
    found = [records for records in ways if records]
    asking = (r for r in found if any(READS_AS_QUESTION.search(_asked(record)) for record in r))
    return next(asking, found[0] if found else [])


def _asked(record: dict[str, Any]) -> str:
    question = record["question"]
    text = question[0] if isinstance(question, list) else question
    return re.sub("<[^>]*>", "", text).strip()


def _with_categories(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return records without a category where all have the same: it is the title of the page."""
    if len({record.get("category") for record in records}) > 1:
        return records
    return [{n: value for n, value in r.items() if n != "category"} for r in records]


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


def _is_wide(grid: Grid) -> bool:
    return any(len(row.cells) > 1 for row in grid.rows())


def _marked_lines(page: Any) -> list[dict[str, Any]]:
    """Return lines of the page that begin with Q and A; [] where not every question has an answer.

    A heading that asks is a better mark than such a line.
    """
    if any(READS_AS_QUESTION.search(heading.get_text(strip=True)) for heading in page(_HEADINGS)):
        return []
    lines = (_OPENED.sub("", line) for line in _LINE_END.split(page.decode()))
    records = list(marked_records([line for line in lines if line.strip()]))
    answered = len(records) > 1 and all(record["answer"] for record in records)
    if not answered:
        return []
    return [
        {"question": r["question"], "answer": r["answer"].replace("\n", "<br>")} for r in records
    ]


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
            text = inner(cell)
            if (rows := _span(cell, "rowspan")) > 1:
                below[place] = text, rows - 1
            cells += [text, *[""] * (_span(cell, "colspan") - 1)]
        yield GridRow(number, cells, merged=frozenset(merged))


def _span(cell: Any, name: str) -> int:
    value = str(cell.get(name, "1"))
    return min(_MOST_SPAN, max(1, int(value))) if value.isdecimal() else 1

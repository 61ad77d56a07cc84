"""HTML as the Markdown that the page shows: paragraphs, lists, links, bold, tables, else text."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

import nh3

from mundap.index.faq.cells.html_lines import HtmlLines, ListLevel
from mundap.index.faq.cells.html_table import HtmlTable
from mundap.index.tables.html_tags import flattened, with_tags_alone

# Line breaks wanted around what these hold: two leave an empty line.
_GAPS = {
    **dict.fromkeys(["p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "hr", "dl"], 2),
    **dict.fromkeys(["div", "section", "article", "header", "footer", "aside", "main", "nav"], 1),
    **dict.fromkeys(["center", "address", "figure", "figcaption", "details", "summary"], 1),
    **dict.fromkeys(["dt", "dd", "form", "fieldset", "option", "caption"], 1),
}
_BOLD = {"b", "strong", "h1", "h2", "h3", "h4", "h5", "h6"}
_TAGS = {*_GAPS, *_BOLD, "a", "br", "img", "ul", "ol", "li"} | {
    "table",
    "thead",
    "tr",
    "th",
    "td",
    "sup",
    "sub",
}
_UNSEEN = {"script", "style", "template", "noscript", "iframe", "object", "svg", "math", "title"}
_ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
# Where a link of an answer may lead.
LINK_SCHEMES = {"http", "https", "mailto", "tel"}
# HTML without any of these has its lines broken by hand.
_BREAKING = re.compile(r"<(?:br|p|div)\b", re.IGNORECASE | re.ASCII)
# Of "10<sup>3</sup>" and "H<sub>2</sub>O" the place of digits is what they say.
_RAISED = str.maketrans("0123456789+-()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾")
_LOWERED = str.maketrans("0123456789+-()", "₀₁₂₃₄₅₆₇₈₉₊₋₍₎")
_IN_ADDRESS = str.maketrans({char: f"%{ord(char):02X}" for char in ' ()<>"\\`'})


def html_text(html: str, *, plain: bool = False) -> tuple[str, tuple[str, ...]]:
    """Return HTML as Markdown, and what of it is lost: "script", "image", "dead link".

    With `plain`, text without marks. An image becomes a link named by its description. What
    scripts, styles and comments hold is left out, and so are links that lead nowhere from
    here. Any nesting and size is read, in time that grows with the size alone.
    """
    clean = nh3.clean(
        flattened(with_tags_alone(html)),
        tags=_TAGS,
        clean_content_tags=_UNSEEN - _TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=LINK_SCHEMES,
        link_rel=None,
    )
    reader = _Reader(plain, by_hand=_BREAKING.search(html) is None)
    reader.feed(clean)
    reader.close()
    lost = ["script"] if re.search(r"<(?:script|style)\b", html, re.I) else []
    text = "\n".join(reader.lines.finished()).strip()
    return text, tuple(dict.fromkeys([*lost, *reader.lost]))


class _Reader(HTMLParser):
    """Goes through balanced HTML once; nothing in it calls itself, however deep tags lie."""

    def __init__(self, plain: bool, by_hand: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.lost: list[str] = []
        self.lines = HtmlLines()
        self._plain, self._by_hand = plain, by_hand
        self._bold = self._pre = 0
        self._href = ""
        self._digits: dict[int, int] = {}
        self._tables: list[HtmlTable] = []
        # Of what a cell stands in.
        self._outer: list[tuple[HtmlLines, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.lines.gap(_GAPS.get(tag, 0))
        self._bold += tag in _BOLD
        self._pre += tag == "pre"
        if start := _STARTS.get(tag):
            start(self, values)

    def handle_endtag(self, tag: str) -> None:
        if end := _ENDS.get(tag):
            end(self)
        self._bold -= tag in _BOLD
        self._pre -= tag == "pre"
        self.lines.gap(_GAPS.get(tag, 0))

    def handle_data(self, data: str) -> None:
        if self._tables and len(self._tables) > len(self._outer):  # between cells
            return
        lines = data.replace("\xa0", " ").split("\n") if self._by_hand or self._pre else [data]
        for number, line in enumerate(lines):
            line = line.translate(self._digits) if self._digits else line
            if number and not self.lines.levels:
                self.lines.line_break()
            shown = line if self._pre else re.sub(r"[ \t\r\n\f\xa0]+", " ", line)
            self._add(shown, self._href)

    def _add(self, text: str, href: str) -> None:
        bold = self._bold > 0 and not self._plain
        self.lines.add(text, bold, "" if self._plain else href, exact=self._pre > 0)

    def _line_break(self, values: dict[str, str]) -> None:
        self.lines.line_break()

    def _start_link(self, values: dict[str, str]) -> None:
        self._href = _address(values.get("href", ""))
        if values.get("href") and not self._href:
            self.lost.append("dead link")

    def _end_link(self) -> None:
        self._href = ""

    def _raise(self, values: dict[str, str]) -> None:
        self._digits = _RAISED

    def _lower(self, values: dict[str, str]) -> None:
        self._digits = _LOWERED

    def _level(self) -> None:
        self._digits = {}

    def _image(self, values: dict[str, str]) -> None:
        source, name = _address(values.get("src", "")), " ".join(values.get("alt", "").split())
        if not source:
            self.lost.append("image")
        elif not self._plain:
            name = name or source
        self._add(name, self._href or source)

    def _start_list(self, values: dict[str, str]) -> None:
        self.lines.gap(1)
        self.lines.levels.append(ListLevel(number=None))

    def _start_numbers(self, values: dict[str, str]) -> None:
        start = values.get("start", "")
        self.lines.gap(1)
        number = int(start) if re.fullmatch(r"\d{1,6}", start, re.ASCII) else 1
        self.lines.levels.append(ListLevel(number=number))

    def _end_list(self) -> None:
        self.lines.levels.pop()
        self.lines.gap(1 if self.lines.levels else 2)

    def _start_item(self, values: dict[str, str]) -> None:
        self.lines.gap(1)
        if not self._plain:
            self.lines.begin_item()

    def _end_item(self) -> None:
        self.lines.end_item()
        self.lines.gap(1)

    def _start_table(self, values: dict[str, str]) -> None:
        self.lines.gap(2)
        self._tables.append(HtmlTable())

    def _start_row(self, values: dict[str, str]) -> None:
        self._tables[-1].begin_row()

    def _start_cell(self, values: dict[str, str]) -> None:
        self._outer.append((self.lines, self._bold))
        self.lines, self._bold = HtmlLines(), 0
        self._tables[-1].begin_cell(values.get("colspan", ""), values.get("rowspan", ""))

    def _start_heading_cell(self, values: dict[str, str]) -> None:
        self._start_cell(values)
        self._tables[-1].has_heading = True

    def _end_cell(self) -> None:
        self._tables[-1].end_cell(self.lines.finished())
        self.lines, self._bold = self._outer.pop()

    def _end_table(self) -> None:
        for line in self._tables.pop().lines(plain=self._plain):
            self.lines.add_line(line)
        self.lines.gap(2)


_STARTS: dict[str, Callable[[_Reader, dict[str, str]], None]] = {
    "br": _Reader._line_break,
    "a": _Reader._start_link,
    "img": _Reader._image,
    "sup": _Reader._raise,
    "sub": _Reader._lower,
    "ul": _Reader._start_list,
    "ol": _Reader._start_numbers,
    "li": _Reader._start_item,
    "table": _Reader._start_table,
    "tr": _Reader._start_row,
    "td": _Reader._start_cell,
    "th": _Reader._start_heading_cell,
}
_ENDS: dict[str, Callable[[_Reader], None]] = {
    "a": _Reader._end_link,
    "sup": _Reader._level,
    "sub": _Reader._level,
    "ul": _Reader._end_list,
    "ol": _Reader._end_list,
    "li": _Reader._end_item,
    "table": _Reader._end_table,
    "td": _Reader._end_cell,
    "th": _Reader._end_cell,
}


def _address(href: str) -> str:
    """Return where a link leads, safe within Markdown; "" where it needs the page it stood on."""
    href = "".join(href.split("\n")).strip()
    href = f"https:{href}" if href.startswith("//") else href
    scheme, colon, rest = href.partition(":")
    known = colon and rest and scheme.lower() in LINK_SCHEMES
    return re.sub(r"[\x00-\x1f\x7f]", "", href).translate(_IN_ADDRESS) if known else ""

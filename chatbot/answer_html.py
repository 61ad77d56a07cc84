"""An answer as visitors see it: the few marks of Markdown that help, links, and else text."""

import html
import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_block import StateBlock, list_block
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from mundap.index.faq.cells.html_text import LINK_SCHEMES

# Everything else of Markdown stays what was typed: offices write "> 메뉴", "---", "&lt;" and "*" as
# they are. Of emphasis the bold one alone is shown, as a lone star is a footnote's.
_RULES = (
    *("normalize", "block", "inline", "paragraph", "list", "fence", "table"),
    *("text", "text_join", "newline", "emphasis", "backticks", "link", "image"),
    *("balance_pairs", "fragments_join"),
)
_TAGS = {"p", "br", "ul", "ol", "li", "a", "strong", "code", "pre", "img"} | {
    *("table", "thead", "tbody", "tr", "th", "td")
}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "li": {"value"},
    "img": {"src", "alt", "loading"},
    "th": {"scope"},
}
_SAFE = re.compile(r"(?:https?://|mailto:|tel:)", re.IGNORECASE)
_IMAGE = re.compile(r"https://([a-z0-9.-]+(?::\d+)?)(?:[/?#]|$)")

# Bare addresses end where Korean begins, as its particles follow without a space:
# "https://example.org에서".
_ADDRESS = r"(?<![\w/.-])(?:https?://(?=\w)|www\.(?=[\w-]+\.\w))[\w\-.~:/?#\[\]@!$&'()*+,;=%]+"
_MAIL = r"(?<![\w.+/-])[\w.+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?![\w-])"
# Area, mobile and common numbers, the ones for companies (1600-0000), and 국번 없이 120.
_PHONE = (
    r"(?<![\w./+-])(?:\+82[ -]?|(?=0))0?(?:2|3[1-3]|4[1-4]|5[1-5]|6[1-4]|70|80|50\d?|1[016789])"
    r"(?:\)[ ]?|[ .-])\d{3,4}[ .-]\d{4}(?![\d]|-\d)"
    r"|(?<![\w./+-])01[016789]\d{7,8}(?!\d|-\d)"
    r"|(?<![\w./+-])1[5-9]\d\d-\d{4}(?!\d|-\d)"
)
_LINKED = re.compile(f"(?P<address>{_ADDRESS})|(?P<mail>{_MAIL})|(?P<phone>{_PHONE})", re.ASCII)
# No list is made of a date, "2026. 3. 1." or "1. 1.".
_FIRST = re.compile(r"\s*(?:[-*+]|1[.)])\s+(?!\d+\.)")
_NEXT = re.compile(r"\s*(?:[-*+]|\d{1,2}[.)])\s+(?!\d+\.)")
_PAIRS = {")": "(", "]": "["}


@lru_cache(maxsize=4096)
def answer_html(text: str, image_hosts: tuple[str, ...] = ()) -> str:
    """Return `text` as HTML that may stand in any page: no script, style, form or frame is in it.

    Paragraphs, lists, links, bold, code and tables are shown; addresses, telephone numbers and
    e-mail addresses become links. Images come from `image_hosts` alone, others are links to them.
    All else is text.
    """
    # Half a character, which no HTML can hold, is shown as a question mark.
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return nh3.clean(
        _markdown(image_hosts).render(whole),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        tag_attribute_values={"a": {"target": {"_blank"}}},
        url_schemes=LINK_SCHEMES,
        link_rel="noopener nofollow",
    )


@cache
def _markdown(image_hosts: tuple[str, ...]) -> MarkdownIt:
    markdown = MarkdownIt("zero", {"html": False, "breaks": True}).enable(list(_RULES))
    markdown.block.ruler.at("list", _list, {"alt": ["paragraph", "reference", "blockquote"]})
    markdown.core.ruler.push("mundap_links", _link_texts)
    markdown.validateLink = _is_safe  # type: ignore[method-assign]
    markdown.add_render_rule("image", _image(image_hosts))
    markdown.add_render_rule("em_open", _mark)
    markdown.add_render_rule("em_close", _mark)
    markdown.add_render_rule("link_open", _link_open)
    markdown.add_render_rule("list_item_open", _item)
    markdown.add_render_rule("fence", _fence)
    markdown.add_render_rule("th_open", _heading)
    return markdown


def _is_safe(url: str) -> bool:
    """Return whether a link may lead there: never into this site, nor to a script."""
    return _SAFE.match(url) is not None


def _list(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Begin a list with a bullet or a first item; a date at the start of a line is none."""
    line = state.src[state.bMarks[start] : state.eMarks[start]]
    # Where an item ends, the next one is looked for.
    wanted = _NEXT if silent and state.sCount[start] < state.blkIndent else _FIRST
    return wanted.match(line) is not None and list_block(state, start, end, silent)


def _link_texts(state: StateCore) -> None:
    """Make links of what texts name, outside of links and code."""
    for block in state.tokens:
        if block.children is None:
            continue
        found, depth = list[Token](), 0
        for token in block.children:
            depth += token.nesting if token.type in {"link_open", "link_close"} else 0
            found.extend([token] if depth or token.type != "text" else _linked(token))
        block.children = found


def _linked(token: Token) -> Iterator[Token]:
    place = 0
    for match in _LINKED.finditer(token.content):
        shown = _without_tail(match[0]) if match["address"] else match[0]
        yield _text(token.content[place : match.start()])
        yield Token("link_open", "a", 1, attrs={"href": _address(shown, match.lastgroup or "")})
        yield _text(shown)
        yield Token("link_close", "a", -1)
        place = match.start() + len(shown)
    yield _text(token.content[place:])


def _without_tail(address: str) -> str:
    """Return an address without what belongs to the sentence around it."""
    while True:
        last = address[-1]
        is_lone = last in _PAIRS and address.count(last) > address.count(_PAIRS[last])
        if not is_lone and last not in ".,;:!?'*~([":
            return address
        address = address[:-1]


def _address(shown: str, kind: str) -> str:
    if kind == "mail":
        return f"mailto:{shown}"
    if kind == "phone":
        return "tel:" + re.sub(r"[^\d+]", "", shown)
    return shown if "://" in shown else f"http://{shown}"


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _mark(self: RendererProtocol, tokens: Sequence[Token], at: int, *_: Any) -> str:
    return html.escape(tokens[at].markup)


def _heading(self: RendererProtocol, tokens: Sequence[Token], at: int, *_: Any) -> str:
    return '<th scope="col">'


def _fence(self: RendererProtocol, tokens: Sequence[Token], at: int, *_: Any) -> str:
    return f"<pre><code>{html.escape(tokens[at].content)}</code></pre>\n"


def _item(self: RendererProtocol, tokens: Sequence[Token], at: int, *_: Any) -> str:
    """Keep the number that was written: a list is told as 1, 2, 3 otherwise."""
    number = tokens[at].info
    return f'<li value="{int(number)}">' if number else "<li>"


def _link_open(self: RendererProtocol, tokens: Sequence[Token], at: int, *_: Any) -> str:
    attributes = {name: str(value) for name, value in tokens[at].attrs.items()}
    if attributes["href"].lower().startswith("http"):
        attributes["target"] = "_blank"
    written = "".join(f' {name}="{html.escape(value)}"' for name, value in attributes.items())
    return f"<a{written}>"


def _image(hosts: tuple[str, ...]) -> Any:
    def image(self: RendererProtocol, tokens: Sequence[Token], at: int, *_: Any) -> str:
        source, alt = str(tokens[at].attrs["src"]), html.escape(tokens[at].content)
        found = _IMAGE.match(source)
        if found is not None and found[1] in hosts:
            return f'<img src="{html.escape(source)}" alt="{alt}" loading="lazy">'
        # A link cannot stand in a link.
        opened = sum(token.nesting for token in tokens[:at] if token.tag == "a")
        link = Token("link_open", "a", 1, attrs={"href": source})
        return alt if opened else f"{_link_open(self, [link], 0)}{alt or html.escape(source)}</a>"

    return image

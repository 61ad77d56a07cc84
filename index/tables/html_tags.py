"""Tags of HTML in a text: which are some, and whether the text is HTML at all."""

import re

# What people write between angle brackets is no tag unless HTML knows it: <이름>, <email>.
_NAMES = (
    "a|abbr|acronym|address|area|article|aside|audio|b|base|bdi|bdo|big|blockquote|body|br|button|"
    "canvas|caption|center|cite|code|col|colgroup|dd|del|details|dfn|dialog|dir|div|dl|dt|em|embed|"
    "fieldset|figcaption|figure|font|footer|form|frame|frameset|h[1-6]|head|header|hgroup|hr|html|"
    "i|iframe|img|input|ins|kbd|label|legend|li|link|main|map|mark|marquee|menu|meta|nav|nobr|"
    "noscript|object|ol|optgroup|option|p|param|picture|pre|q|rp|rt|ruby|s|samp|script|section|"
    "select|small|source|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|template|"
    "textarea|tfoot|th|thead|time|title|tr|tt|u|ul|var|video|wbr"
)
_ATTRIBUTE = r"""\s++[a-z_:@][\w:.-]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'<>`]++))?+"""
# Between backticks it is shown: "`<br>`".
TAG = re.compile(
    rf"(?<!`)<(?P<close>/?)(?P<name>{_NAMES})(?P<attributes>(?:{_ATTRIBUTE})*+)\s*+/?>",
    re.ASCII | re.IGNORECASE,
)
# A bracket that begins no tag, no comment and nothing of Word's own (<o:p>).
_LONE_BRACKET = re.compile(
    rf"<(?!/?(?:{_NAMES})[\s/>]|!--|!doctype|\?xml|/?(?:o|v|w|x|m|st1):[a-z])|(?<=`)<",
    re.ASCII | re.IGNORECASE,
)
_OTHER_TRACES = re.compile("(?<!`)<!doctype html|&nbsp;", re.IGNORECASE)
_COMMENT = re.compile("(?<!`)<!--")
# These are often left open; two of a name are HTML all the same.
_OFTEN_OPEN = {"p", "li", "td", "th", "tr", "dt", "dd", "option", "thead", "tbody", "tfoot"}
_VOID = {"br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "wbr"}
_WHOLE = re.compile(
    r"\s*<(?:p|div|span|table|ul|ol|h\d|br|b|strong|a)\b.*</.*>\s*", re.IGNORECASE | re.DOTALL
)
# Browsers stop here too. What parses HTML takes the square of the depth.
_DEEPEST = 500


def is_html(text: str) -> bool:
    """Whether `text` holds tags that do something, not words or signs between angle brackets.

    A lone <b> or <title> is none; <br>, a tag with attributes and one that is closed are.
    """
    opened = set[str]()
    for tag in TAG.finditer(text) if "<" in text else ():
        name = tag["name"].lower()
        if tag["close"] or name == "br" or "=" in tag["attributes"]:
            return True
        if name in opened & _OFTEN_OPEN:
            return True
        opened.add(name)
    comment = _COMMENT.search(text)
    ends = comment is not None and text.find("-->", comment.end()) >= 0
    return ends or _OTHER_TRACES.search(text) is not None


def is_whole_html(text: str) -> bool:
    """Whether all of `text` stands between tags."""
    return _WHOLE.fullmatch(text) is not None and is_html(text)


def with_tags_alone(text: str) -> str:
    """Return HTML in which every "<" that begins no tag is written "&lt;"."""
    return _LONE_BRACKET.sub("&lt;", text)


def with_tags_shown(text: str) -> str:
    """Return a text in which tags that are meant to be seen stand between backticks.

    They would be read as tags the next time otherwise.
    """
    marked = TAG.sub(lambda tag: f"`{tag[0]}`", text.replace("&nbsp;", " "))
    marked = _COMMENT.sub("`<!--`", marked)
    return _OTHER_TRACES.sub(lambda trace: f"`{trace[0]}`", marked)


def flattened(text: str) -> str:
    """Return HTML without the tags that are nested too deep to mean anything."""
    depth = 0

    def kept(tag: re.Match[str]) -> str:
        nonlocal depth
        name = tag["name"].lower()
        if name in _VOID | _OFTEN_OPEN:
            return tag[0]
        depth = max(0, depth - 1) if tag["close"] else depth + 1
        return tag[0] if depth < _DEEPEST + (not tag["close"]) else ""

    return TAG.sub(kept, text)

"""What a text still holds of the page, template or program that it was written for."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from mundap.index.faq.cells.mojibake import find_mojibake
from mundap.index.tables.html_tags import TAG

LeftoverKind = Literal["tag", "marker", "mojibake", "reference", "anchor"]

_ENTITY = re.compile(r"&(?:nbsp|amp|lt|gt|quot|apos|middot|hellip|#\d{2,5}|#x[0-9a-f]{2,5});", re.I)
# A name, so that "$100", "100%", "{1, 2}" and "50% 할인" are none.
_NAME = r"[^\W\d][\w.]{0,40}"
_MARKER = re.compile(
    rf"\$[{{(]?{_NAME}[)}}]?\$|[$#%]\{{ ?{_NAME} ?\}}|\{{\{{[^{{}}\n]{{1,60}}\}}\}}|<%.{{0,60}}?%>|"
    rf"\[\[{_NAME}\]\]|(?<![\d%])%(?:\d\$)?[sd](?![A-Za-z0-9%])|\{{\d\}}|"
    rf"(?<![\d%])%{_NAME}%(?![A-Za-z0-9])",
)
_NUMBERED = r"(?:Q ?\d{1,3}|\d{1,3} ?번)(?:의|에서|과|와)?"
_THERE = r"(?:위|아래|앞|뒤|상단|하단|이전|다음|상기|바로 위|바로 아래)(?:의|에 있는|에)?"
_SEE = r"(?:을|를|와|과|에서|의)? ?(?:참[고조]|확인|동일|같습니다|같아요|보세요|보시)"
_ASKED = r"(?:질문|질의|문항|답변|FAQ|Q ?& ?A)"
_REFERENCE = re.compile(
    rf"{_THERE} ?{_NUMBERED} ?(?:{_ASKED}|항목?|내용)?(?:을|를|와|과)? ?(?:참[고조]|확인|동일|같)|"
    rf"(?<!\d){_NUMBERED} ?{_ASKED}(?: ?내용)?{_SEE}|"
    rf"(?<![가-힣]){_THERE} ?{_ASKED}(?: ?내용)?{_SEE}|"
    r"^\s*(?:상동|위와 (?:동일|같)\w*|\"|〃)[.\s]*$",
    re.IGNORECASE,
)
_OWN_STEPS = re.compile(r"(?:^|\n)\s*(?:[-*] ?)?(?:\d{1,3}[.)]|[①-⑳])")
# Links of Markdown that need the page they stood on: to a part of it, or without a host.
_DEAD_LINK = re.compile(r"\[[^\[\]\n]*\]\((?!https?:|mailto:|tel:|//)[#/.\w][^()\s]*\)")
_PRESS = r"(?:클릭|눌러|누르)"
_MORE = r"(?:바로 ?가기|자세히 ?보기)"
_HERE = re.compile(
    rf"(?:여기|이곳|요기)(?:를|을)? ?{_PRESS}|{_MORE}(?:를|을)? ?{_PRESS}|"
    rf"\[ ?(?:{_MORE}|여기|링크) ?\]|click (?:here|the link)|"
    r"(?:아래|하단|다음)(?:의|에 있는)? ?(?:링크|URL)(?:를|을|로|에서)? ?"
    rf"(?:{_PRESS}|참[고조]|접속|확인)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://|www\.|[\w-]+\.(?:com|net|org|kr|io)\b|\]\(", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Leftover:
    """One finding in a text: what was met, after the text itself, and what to do."""

    kind: LeftoverKind
    met: str
    mend: str


def leftovers(text: str, *, is_answer: bool) -> Iterator[Leftover]:
    """Yield what is left in a text; references and dead links only in answers, once a kind."""
    # Marks part what belongs together: "**$name**$님", "**위 3번** 참고".
    plain = text.replace("**", "")
    if found := TAG.search(text) or _ENTITY.search(text):
        mend = "Import it with `mundap data import`, which turns HTML into text, or delete it."
        yield Leftover("tag", f"holds the HTML {found[0]!r}", mend)
    if marker := _MARKER.search(plain):
        met = f"holds {marker[0]!r}, which a program should have filled in"
        yield Leftover("marker", met, "Write what stands there for every visitor, or drop it.")
    if (broken := find_mojibake(text)) is not None:
        shown = f"; it was {_short(broken.mended)!r}" if broken.mended else ""
        mend = f"Export it from its source as UTF-8 again{shown}."
        yield Leftover("mojibake", f"is unreadable: {broken.cause}", mend)
    if not is_answer:
        return
    if (named := _REFERENCE.search(plain)) and not _OWN_STEPS.search(text):
        met = f"sends visitors elsewhere with {named[0].strip()!r}; they see this answer alone"
        yield Leftover("reference", met, "Write out what the other answer says.")
    if dead := _DEAD_LINK.search(text):
        met = f"links to a part of another page with {dead[0]!r}"
        yield Leftover("anchor", met, "Give the whole address, with https://, or drop the link.")
    elif (here := _HERE.search(plain)) and not _ADDRESS.search(text):
        met = f"says {here[0]!r}, but holds no link"
        yield Leftover("anchor", met, "Write the address, or say where to find it.")


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"

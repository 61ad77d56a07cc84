"""The text of a cell as visitors shall see it, whatever program it was exported from."""

import html
import re

from mundap.index.faq.cells.mojibake import mended
from mundap.index.korean.text import clean
from mundap.index.tables.html_tags import is_html, is_whole_html, with_tags_shown

# Only what follows all but rules out another sense: "A4 용지", "A/S", "문의: 02-", "Q&A" stay.
_MARK = r"""
    (?:[QＱ]|[AＡ]|Question|Answer|질문|답변|문|답)             # Q1. 질문 2) 답:
    \s?(?:\d{1,4}(?:-\d{1,3})?)?\s?[.:)．：](?![A-Za-z0-9.,:)])
  | (?:[\[【]\s?[QA]|[\[【〔<(]\s?(?:질문|답변))\s?\d{0,4}\s?[\]】〕>)][.:]?   # [질문4] 【A】
"""
_PREFIX = re.compile(
    rf"\s*(?P<bold>\*\*)?(?:{_MARK})(?(bold)(?P<end>\*\*)?)\s*", re.IGNORECASE | re.VERBOSE
)
# Of a question alone, as answers begin with "1) ..." for steps. No date: "3. 1. 이후".
_NUMBER = re.compile(r"\s*(?:\d{1,3}[.)．]|[①-⑳]|\(\d{1,3}\))\s+(?![\d\s])", re.ASCII)
_STEPS = re.compile(r"\n\s*(?:\d{1,3}[.)．]|[①-⑳]|\(\d{1,3}\))", re.ASCII)
# Of choices the first is none of an answer.
_CHOICES = re.compile(r"\bA[.):].*\bB[.):]", re.DOTALL | re.IGNORECASE)
# A text without any of these, which begins with nothing of the above, is as it shall be.
_TO_READ = re.compile("[\0<&\x80-\xff\u4e00-\u9fff\uf900-\ufaff\u2000-\u2122\ufffd]")
_PASSES = 4
# What each name says, of cells that were counted.
WHAT_WAS_DONE = {
    "NUL": "NUL characters removed",
    "mojibake": "read in the wrong encoding, and mended",
    "html": "HTML turned into text",
    "script": "scripts and styles left out",
    "image": "images without an address of their own left out, their descriptions kept",
    "dead link": "links that lead nowhere from here left out, their texts kept",
    "number prefix": "numbers and labels as Q1. before the text left out",
}
_FIRST = re.compile(r"\s*[\[【〔<(*\dQqAaＱＡ질답문①-⑳]")


def read_cell(
    text: str, *, keep_html: bool = False, plain: bool = False
) -> tuple[str, tuple[str, ...]]:
    """Return the text of a question or answer, and names of what was done to make it so.

    HTML becomes Markdown; `keep_html` leaves it. "Q1.", "[질문4]" and "답:" go from the beginning,
    and "3)" where a question follows. NUL characters go; Korean read in the wrong encoding is
    mended where that is certain. Any other text comes back as it is, and so does what was read
    before. With `plain`, as for questions, it is one clean line without marks.

    The names are keys of `WHAT_WAS_DONE`.
    """
    done: list[str] = []
    # What one step brings to light is read too: "Ｑ1." that clean-up writes "Q1.".
    for _ in range(_PASSES):
        before = text
        if _TO_READ.search(text):
            text = _mended(text, done)
            text = text if keep_html else _without_html(text, plain, done)
        if _FIRST.match(text):
            text = _without_prefix(text, plain, done)
        text = clean(text) if plain else text
        if text == before:
            break
    return text, tuple(dict.fromkeys(done))


def _mended(text: str, done: list[str]) -> str:
    if "\0" in text:
        text = text.replace("\0", "")
        done.append("NUL")
    if (korean := mended(text)) != text:
        text = korean
        done.append("mojibake")
    return text


def _without_html(text: str, plain: bool, done: list[str]) -> str:
    before = text
    # Some programs escape HTML that was escaped before; after the second time it is meant.
    for _ in range(3):
        if "<" not in text and is_whole_html(unescaped := html.unescape(text)):
            text = unescaped
        elif not is_html(text) or (text is not before and not is_whole_html(text)):
            break
        # Its parser is loaded by those who have HTML.
        from mundap.index.faq.cells.html_text import html_text

        text, lost = html_text(text, plain=plain)
        done += ["html", *lost]
    return text if text is before else with_tags_shown(text)


def _without_prefix(text: str, plain: bool, done: list[str]) -> str:
    """Return what follows the marks at the beginning; all of it where nothing does."""
    if _CHOICES.match(text.lstrip()):
        return text
    numbered = (plain or text.rstrip().endswith("?")) and not _STEPS.search(text)
    place = 0
    kept = ""
    while True:
        found = _PREFIX.match(text, place) or (_NUMBER.match(text, place) if numbered else None)
        if found is None or not found[0].strip():
            break
        opened = found.re is _PREFIX and found["bold"] and not found["end"]
        kept = "**" if opened else kept
        place = found.end()
    if not place or not text[place:].strip("* \n"):
        return text
    done.append("number prefix")
    return kept + text[place:]

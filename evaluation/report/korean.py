"""A report or a finding in Korean: sentences are looked up whole, by what is the same in them."""

import html
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from mundap.evaluation.report.document import Block, Chart, Document, Section, Table, Tile
from mundap.index.faq.problems import FaqProblem

# English -> Korean; {} stands for what varies, {0} and {1} for where it goes.
_CATALOGUE = Path(__file__).with_name("korean.json")
# Where a sentence ends. A system begins the one about its misses.
_ENDS = re.compile(r"(?<=\.) (?=[A-Z]|\w+ misses)")
_LABEL = re.compile(r"(<text[^>]*>)([^<]*)(</text>)")


def korean(text: str) -> str:
    """Return a sentence or several in Korean; what the catalogue lacks stays as it is."""
    for mark, parts in ((" ", _ENDS.split(text)), (" · ", text.split(" · "))):
        found = [_whole(part) for part in parts]
        if len(parts) > 1 and any(found):
            return mark.join(new or part for new, part in zip(found, parts, strict=True))
    return _whole(text) or text


def document_in_korean(document: Document) -> Document:
    """Return a report with every text of ours in Korean; queries and questions are the owner's."""
    sections = tuple(
        Section(korean(section.title), tuple(map(_block, section.blocks)))
        for section in document.sections
    )
    return Document(korean(document.title), korean(document.subtitle), sections, "ko")


def problems_in_korean(problems: Sequence[FaqProblem]) -> list[FaqProblem]:
    """Return findings with what was met and what to do in Korean."""
    return [replace(item, met=korean(item.met), mend=korean(item.mend)) for item in problems]


def _whole(text: str) -> str | None:
    known = _known()
    if text in known:
        return known[text]
    for pattern, translation in _patterns():
        if match := pattern.fullmatch(text):
            return translation.format(*map(_field, match.groups()))
    return None


def _field(text: str) -> str:
    """Return what varies: a word of ours, a list of counted ones, or the owner's text."""
    counted = [part.rpartition(" ") for part in text.split(", ")]
    known = _known()
    if all(word in known and count.replace(",", "").isdigit() for word, _, count in counted):
        return ", ".join(f"{known[word]} {count}" for word, _, count in counted)
    # A single word may be a name of the owner's.
    return _whole(text) or text if " " in text else text


def _block(block: Block) -> Block:
    match block:
        case str():
            return korean(block)
        case Table():
            return _table(block)
    if isinstance(block[0], Tile):
        return tuple(
            Tile(item.value, korean(item.label), korean(item.note))
            for item in block
            if isinstance(item, Tile)
        )
    return tuple(
        Chart(korean(item.title), _LABEL.sub(_label, item.svg), _table(item.numbers))
        for item in block
        if isinstance(item, Chart)
    )


def _table(table: Table) -> Table:
    rows = tuple(tuple(map(korean, row)) for row in table.rows)
    columns = tuple(map(korean, table.columns))
    return Table(columns, rows, table.kind, korean(table.caption))


def _label(match: "re.Match[str]") -> str:
    return match[1] + html.escape(korean(html.unescape(match[2])), quote=False) + match[3]


@cache
def _known() -> dict[str, str]:
    known: dict[str, str] = json.loads(_CATALOGUE.read_text(encoding="utf-8"))
    return known


@cache
def _patterns() -> list[tuple["re.Pattern[str]", str]]:
    """Return the sentences with something that varies, those that say most first."""
    found = sorted(filter(lambda text: "{}" in text, _known()), key=len, reverse=True)
    return [(_pattern(text), _known()[text]) for text in found]


def _pattern(text: str) -> "re.Pattern[str]":
    return re.compile("(.+?)".join(map(re.escape, text.split("{}"))), re.DOTALL)

"""Headings with text below them as questions and answers."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import dropwhile
from typing import Any

READS_AS_QUESTION = re.compile(
    r"[?？]\s*$|(까|나요|가요|어요|해요|는지|방법|절차)[.!]?\s*$|^\s*(Q|질문)\s*\d*[.:)]"
)
# Nothing, or a line across the page, between two of them.
_BETWEEN = re.compile(r"\s*(?:[-*_](?: ?[-*_]){2,}\s*)?")


@dataclass(slots=True)
class Section:
    """A heading with its depth (from 1), the line it stands in, and the text below it."""

    depth: int
    title: str
    line: int
    body: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text below, without rules around it; all of a quotation is none."""
        body = [*self.body]
        while body and _BETWEEN.fullmatch(body[-1]):
            body.pop()
        body = list(dropwhile(_BETWEEN.fullmatch, body))
        if all(line.startswith(">") for line in body):
            body = [line[1:].removeprefix(" ") for line in body]
        return "\n".join(body).strip()


def faq_of_sections(sections: Sequence[Section]) -> tuple[list[dict[str, Any]], list[str]]:
    """Return question, answer, category and line of each section that asks, and what was left out.

    Those of the depth at which most headings read as questions, or else have text below, are the
    questions; those above are categories, and those below are part of the answer.
    """
    with_text = [section for section in sections if section.text]
    asking = Counter(s.depth for s in with_text if READS_AS_QUESTION.search(s.title))
    depths = asking or Counter(s.depth for s in with_text)
    if not depths:
        return [], []
    depth = max(depths, key=lambda d: (depths[d], d))
    above: dict[int, str] = {}
    records: list[dict[str, Any]] = []
    left_out: list[str] = []
    bare = []
    for section in sections:
        above = {d: title for d, title in above.items() if d < section.depth}
        if section.depth > depth and records:
            part = f"**{section.title}**\n{section.text}".strip()
            records[-1]["answer"] = f"{records[-1]['answer']}\n\n{part}".strip()
        elif section.depth == depth:
            category = above[max(above)] if len(above) > 1 or (above and min(above) > 1) else ""
            record = {"question": section.title, "answer": section.text, "category": category}
            records.append({**record, "line": section.line})
        else:
            above[section.depth] = section.title
            if section.text:
                bare.append(f"line {section.line}: text below the heading {section.title!r}")
    left_out += [f"{text} is no answer, and was left out." for text in bare]
    lone_title = len({s.title for s in sections if s.depth == min(x.depth for x in sections)}) == 1
    if not lone_title:  # several headings of the first depth are categories themselves
        _with_first_depth(records, sections, depth)
    return records, left_out


def _with_first_depth(
    records: list[dict[str, Any]], sections: Sequence[Section], depth: int
) -> None:
    """Give the records without a category the heading that they stand under."""
    for record in records:
        if record["category"]:
            continue
        before = [s for s in sections if s.line < record["line"] and s.depth < depth]
        if before:
            record["category"] = before[-1].title

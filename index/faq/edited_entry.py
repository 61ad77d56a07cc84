"""An entry as its owner edits it: kept as an import would keep it, or refused in a sentence."""

from dataclasses import replace
from typing import Any, Literal

from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.entry_record import ENTRY_FIELDS
from mundap.index.faq.problems import FaqProblem, find_problems, has_word
from mundap.index.faq.sheets.row_reader import shown_text
from mundap.index.korean.text import match_key

EditFault = Literal[
    "question",
    "answer",
    "phrasing",
    "unknown_entry",
    "own_question",
    "shared_id",
    "changed_since",
    "no_change",
]


class EditError(ValueError):
    """A change of the FAQ is refused; the message says why, and `fault` which of a few it is."""

    def __init__(self, fault: EditFault, message: str) -> None:
        super().__init__(message)
        self.fault = fault


def edited(entry: FaqEntry, before: FaqEntry | None) -> FaqEntry:
    """Return an entry with texts as an import of them has them, phrasings that say more than once.

    What is as it was `before` stays so, whatever it is. Raises EditError where a question, a
    phrasing or an answer holds no word.
    """
    found: dict[str, Any] = {}
    for name in ENTRY_FIELDS:
        now = getattr(entry, name)
        if before is None or now != getattr(before, name):
            old = () if before is None else before.alternates
            found[name] = _phrasings(now, old) if name == "alternates" else _text(name, now)
    entry = replace(entry, place="", **found)
    if "alternates" in found or "question" in found:
        old = () if before is None else before.alternates
        entry = replace(entry, alternates=_without_repeats(entry, old))
    return entry


def problems_of(entry: FaqEntry, others: list[FaqEntry]) -> list[FaqProblem]:
    """Return what is to be mended in one entry, and which others say the same; advice comes last.

    That it lacks phrasings, or says what most answers say, is found with all of them alone.
    """
    keys = set(map(match_key, entry.passages))
    answer = match_key(entry.answer)
    alike = [
        other
        for other in others
        if other.entry_id != entry.entry_id
        and (
            match_key(other.answer) == answer or not keys.isdisjoint(map(match_key, other.passages))
        )
    ]
    problems = find_problems([entry, *alike])
    return [p for p in problems if entry.entry_id in p.entry_ids and p.kind != "boilerplate"]


def _text(name: str, text: str) -> str:
    shown, _ = shown_text(text, plain=not name.startswith("answer"))
    if name == "question" and not has_word(shown):
        raise EditError(
            "question", f"The question is {text!r}; wanted what visitors ask, in words."
        )
    if name == "answer" and not has_word(shown):
        raise EditError("answer", f"The answer is {text!r}; wanted what visitors are told.")
    return shown


def _phrasings(texts: tuple[str, ...], before: tuple[str, ...]) -> tuple[str, ...]:
    """Return phrasings as an import has them; those of before stay as they are."""
    shown = [text if text in before else shown_text(text, plain=True)[0] for text in texts]
    for text, kept in zip(texts, shown, strict=True):
        if text.strip() and text not in before and not has_word(kept):
            raise EditError("phrasing", f"The phrasing is {text!r}; wanted one in words.")
    return tuple(filter(None, shown))


def _without_repeats(entry: FaqEntry, before: tuple[str, ...]) -> tuple[str, ...]:
    seen = {match_key(entry.question)}
    kept = []
    for text in entry.alternates:
        key = match_key(text)
        if key not in seen or text in before:
            kept.append(text)
        seen.add(key)
    return tuple(kept)

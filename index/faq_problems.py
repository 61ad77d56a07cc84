"""What in a FAQ will confuse visitors, though nothing in it is broken."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from index.faq import FaqEntry
from index.text import match_key


@dataclass(frozen=True, slots=True)
class FaqProblem:
    """One finding, the entries it is about, and what to do."""

    entry_ids: tuple[str, ...]
    met: str
    mend: str


def find_problems(entries: Sequence[FaqEntry]) -> list[FaqProblem]:
    """Return phrasings that several entries share, answers stored twice, and lone questions."""
    return [*_shared_phrasings(entries), *_repeated_answers(entries), *_lone_questions(entries)]


def _shared_phrasings(entries: Sequence[FaqEntry]) -> list[FaqProblem]:
    owners: dict[str, dict[str, str]] = defaultdict(dict)
    for entry in entries:
        for text in entry.passages:
            owners[match_key(text)][entry.entry_id] = text
    return [
        FaqProblem(
            tuple(owned),
            f"{next(iter(owned.values()))!r} asks for {len(owned)} entries",
            "Keep the phrasing in the entry that answers it.",
        )
        for owned in owners.values()
        if len(owned) > 1
    ]


def _repeated_answers(entries: Sequence[FaqEntry]) -> list[FaqProblem]:
    owners: dict[str, list[str]] = defaultdict(list)
    for entry in entries:
        owners[match_key(entry.answer)].append(entry.entry_id)
    return [
        FaqProblem(
            tuple(ids),
            f"{len(ids)} entries have the same answer",
            "Merge them with `mundap data import --merge-answers`.",
        )
        for ids in owners.values()
        if len(ids) > 1
    ]


def _lone_questions(entries: Sequence[FaqEntry]) -> list[FaqProblem]:
    lone = tuple(entry.entry_id for entry in entries if not entry.alternates)
    if not lone:
        return []
    met = f"{len(lone)} entries have no alternate"
    return [FaqProblem(lone, met, "Add phrasings that visitors use; nothing helps more.")]

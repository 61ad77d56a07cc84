"""What in a FAQ will confuse visitors, though nothing in it is broken."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from mundap.index.faq.cells.boilerplate import find_boilerplate, without_boilerplate
from mundap.index.faq.cells.leftovers import LeftoverKind, leftovers
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.labels import listed
from mundap.index.korean.text import match_key

ProblemKind = (
    LeftoverKind
    | Literal["contradiction", "duplicate", "text", "category", "boilerplate", "confusable", "lone"]
)
FAULTS: tuple[ProblemKind, ...] = (
    *("mojibake", "tag", "marker"),
    *("contradiction", "duplicate", "text"),
)
# In the order in which to mend them: first what a new import changes. The rest is advice.
MENDING: tuple[ProblemKind, ...] = (
    *FAULTS,
    *("reference", "anchor", "category", "boilerplate", "confusable", "lone"),
)
# Most pre-trained encoders read 128 tokens, of which Korean makes one from two characters.
LONGEST_QUESTION = 250
# More fills the screen of a telephone twice.
LONGEST_ANSWER = 1_000
# Problems of a kind shown in a terminal.
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class FaqProblem:
    """One finding, the entries it is about, and what to do.

    `examples` are texts of those entries; `cosine` says how close two of them are.
    """

    kind: ProblemKind
    entry_ids: tuple[str, ...]
    met: str
    mend: str
    examples: tuple[str, ...] = ()
    cosine: float | None = None

    @property
    def is_fault(self) -> bool:
        """Whether it is more than advice."""
        return self.kind in FAULTS

    def named(self, labels: Mapping[str, str]) -> str:
        """Return the first entries as people know them; `labels` are by entry id."""
        return listed([labels[entry_id] for entry_id in self.entry_ids])

    def to_dict(self) -> dict[str, Any]:
        """Return the fields by name."""
        return {**asdict(self), "is_fault": self.is_fault}


def find_problems(entries: Sequence[FaqEntry]) -> list[FaqProblem]:
    """Return what the texts alone show, in the order in which to mend it."""
    found = [
        *_leftovers(entries),
        *_shared_phrasings(entries),
        *_repeated_answers(entries),
        *_odd_texts(entries),
        *_categories(entries),
        *_boilerplate(entries),
        *_lone_questions(entries),
    ]
    return sorted(found, key=lambda problem: MENDING.index(problem.kind))


def places(entries: Iterable[FaqEntry]) -> dict[str, str]:
    """Return by entry id where people find an entry: "faq.csv, row 3 (fee)"."""
    return {
        entry.entry_id: f"{entry.place} ({entry.entry_id})"
        if entry.place and entry.place != entry.label
        else entry.label
        for entry in entries
    }


def problem_lines(problems: Sequence[FaqProblem], entries: Sequence[FaqEntry]) -> list[str]:
    """Return lines for a terminal: a count of each kind, then its first ten with what to do."""
    labels = places(entries)
    counts = Counter(problem.kind for problem in problems)
    summary = ", ".join(f"{kind} {count:,}" for kind, count in counts.items()) or "nothing found"
    lines = [f"{len(entries):,} entries: {summary}"]
    for kind, count in counts.items():
        lines += ["", f"{kind} ({count:,}{', the first 10' if count > _SHOWN else ''})"]
        for problem in [problem for problem in problems if problem.kind == kind][:_SHOWN]:
            lines += [f"- {problem.met} ({problem.named(labels)})", f"  {problem.mend}"]
    return lines


def _shared_phrasings(entries: Sequence[FaqEntry]) -> list[FaqProblem]:
    owners: dict[str, dict[str, tuple[FaqEntry, str]]] = defaultdict(dict)
    for entry in entries:
        for text in entry.passages:
            owners[match_key(text)][entry.entry_id] = entry, text
    return [
        FaqProblem(
            "contradiction",
            tuple(owned),
            f"{next(iter(owned.values()))[1]!r} asks for {len(owned)} entries",
            "Keep the phrasing in the entry that answers it.",
            tuple(text for _, text in owned.values()),
        )
        for owned in owners.values()
        # Entries with one answer are told to merge below.
        if len({match_key(entry.answer) for entry, _ in owned.values()}) > 1
    ]


def _repeated_answers(entries: Sequence[FaqEntry]) -> list[FaqProblem]:
    owners: dict[str, list[FaqEntry]] = defaultdict(list)
    for entry in entries:
        owners[match_key(entry.answer)].append(entry)
    return [
        FaqProblem(
            "duplicate",
            tuple(entry.entry_id for entry in owned),
            f"{len(owned)} entries have the same answer",
            "Merge them with `mundap data import --merge-answers`.",
            tuple(entry.question for entry in owned),
        )
        for owned in owners.values()
        if len(owned) > 1
    ]


def _leftovers(entries: Iterable[FaqEntry]) -> Iterator[FaqProblem]:
    for entry in entries:
        texts = [*((text, False) for text in entry.passages), (entry.answer, True)]
        texts += [(entry.answer_en, True)] if entry.answer_en else []
        for text, is_answer in texts:
            for left in leftovers(text, is_answer=is_answer):
                met = f"{_short(text)!r} {left.met}"
                yield FaqProblem(left.kind, (entry.entry_id,), met, left.mend, (text,))


def _categories(entries: Sequence[FaqEntry]) -> Iterator[FaqProblem]:
    known = {match_key(entry.category) for entry in entries if entry.category}
    parts = {part.strip() for category in known for part in re.split("[/>,·]", category)}
    for entry in entries:
        if match_key(entry.question).strip("[]()<>【】 ") in known | parts:
            met = f"{entry.question!r} is only a category, not a question"
            mend = "Ask what the answer answers, or split it into an entry for each question."
            yield FaqProblem("category", (entry.entry_id,), met, mend, (entry.question,))


def _boilerplate(entries: Sequence[FaqEntry]) -> Iterator[FaqProblem]:
    answers = {entry.entry_id: entry.answer for entry in entries}
    for found in find_boilerplate(list(answers.values())):
        cut = {name: without_boilerplate(answer, [found]) for name, answer in answers.items()}
        ids = tuple(name for name in answers if cut[name] != answers[name])
        answers = cut
        rest = " and what follows it" if found.to_the_end else ""
        met = f"{len(ids)} answers {found.place} with {_short(found.text)!r}{rest}"
        mend = "Leave it out, unless each visitor needs it: it is searched as part of each answer."
        yield FaqProblem("boilerplate", ids, met, mend, (found.text,))


def _odd_texts(entries: Iterable[FaqEntry]) -> list[FaqProblem]:
    return [problem for entry in entries for problem in _odd_texts_of(entry)]


def _odd_texts_of(entry: FaqEntry) -> list[FaqProblem]:
    found = []
    for text in entry.passages:
        if not has_word(text):
            found.append(("holds no word", "Write what visitors ask, or drop it.", text))
        elif len(text) > LONGEST_QUESTION:
            met = f"has {len(text):,} characters; an encoder may read {LONGEST_QUESTION}"
            found.append((met, "Keep the question itself and drop what leads up to it.", text))
    if not has_word(entry.answer):
        found.append(("answers without a word", "Write the answer.", entry.answer))
    elif len(entry.answer) > LONGEST_ANSWER:
        met = f"answers in {len(entry.answer):,} characters; {LONGEST_ANSWER:,} fill a telephone"
        found.append((met, "Answer in a few sentences and link to the rest.", entry.answer))
    return [
        FaqProblem("text", (entry.entry_id,), f"{_short(text)!r} {met}", mend, (text,))
        for met, mend, text in found
    ]


def _lone_questions(entries: Sequence[FaqEntry]) -> list[FaqProblem]:
    lone = [entry for entry in entries if not entry.alternates]
    if not lone:
        return []
    met = f"{len(lone)} entries have no alternate"
    mend = "Add phrasings that visitors use; nothing helps more."
    ids, questions = zip(*((entry.entry_id, entry.question) for entry in lone), strict=True)
    return [FaqProblem("lone", ids, met, mend, questions)]


def has_word(text: str) -> bool:
    """Return whether a text holds a letter or a digit."""
    return any(char.isalnum() for char in text)


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"

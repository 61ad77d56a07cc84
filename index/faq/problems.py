"""What in a FAQ will confuse visitors, though nothing in it is broken."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from mundap.index.faq.entry import FaqEntry
from mundap.index.korean.text import match_key

# In the order in which to mend them. The first three are faults; the others are advice.
ProblemKind = Literal["contradiction", "duplicate", "text", "confusable", "lone"]
FAULTS: tuple[ProblemKind, ...] = ("contradiction", "duplicate", "text")
# Most pre-trained encoders read 128 tokens, of which Korean makes one from two characters.
LONGEST_QUESTION = 250
# More fills the screen of a telephone twice.
LONGEST_ANSWER = 1_000
# Problems of a kind shown in a terminal, and entries named in each.
_SHOWN, _NAMED = 10, 5


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
        more = ", ..." if len(self.entry_ids) > _NAMED else ""
        return ", ".join(labels[entry_id] for entry_id in self.entry_ids[:_NAMED]) + more

    def to_dict(self) -> dict[str, Any]:
        """Return the fields by name."""
        return {**asdict(self), "is_fault": self.is_fault}


def find_problems(entries: Sequence[FaqEntry]) -> list[FaqProblem]:
    """Return what the texts alone show: shared phrasings, answers stored twice, odd lengths."""
    return [
        *_shared_phrasings(entries),
        *_repeated_answers(entries),
        *_odd_texts(entries),
        *_lone_questions(entries),
    ]


def problem_lines(problems: Sequence[FaqProblem], entries: Sequence[FaqEntry]) -> list[str]:
    """Return lines for a terminal: a count of each kind, then its first ten with what to do."""
    labels = {entry.entry_id: entry.label for entry in entries}
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


def _odd_texts(entries: Iterable[FaqEntry]) -> list[FaqProblem]:
    return [problem for entry in entries for problem in _odd_texts_of(entry)]


def _odd_texts_of(entry: FaqEntry) -> list[FaqProblem]:
    found = []
    for text in entry.passages:
        if not _has_word(text):
            found.append(("holds no word", "Write what visitors ask, or drop it.", text))
        elif len(text) > LONGEST_QUESTION:
            met = f"has {len(text):,} characters; an encoder may read {LONGEST_QUESTION}"
            found.append((met, "Keep the question itself and drop what leads up to it.", text))
    if not _has_word(entry.answer):
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


def _has_word(text: str) -> bool:
    return any(char.isalnum() for char in text)


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"

"""Two generations, put what is held back and what visitors asked lately."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from mundap.evaluation.comparison import Comparison, compare
from mundap.evaluation.run import Qrels
from mundap.improve.asked import Asked, answered, ask, testable, unheard
from mundap.improve.bounds import Bounds
from mundap.improve.lessons import HeldBack
from mundap.improve.notes import Notes
from mundap.improve.report import named_entries, proven
from mundap.improve.verdict import Verdict, judged
from mundap.index.bundle.bundle import Bundle
from mundap.index.progress import Advance, progress

_Found = TypeVar("_Found")
# The one that serves, and the candidate.
Both = tuple[Bundle, Bundle]


def proof(notes: Notes, both: Both, bounds: Bounds) -> tuple[Verdict, dict[str, Any]]:
    """Return the verdict on a candidate, and what of its report was measured."""
    tests = testable(notes.lessons.asked, both)
    visited = unheard(notes.visited, both)
    with progress("Comparing") as advance:
        count = _Counted(advance, 2 * (len(tests) + len(visited)))
        asked = _of_both(lambda one: ask(one, tests, notes.lessons.held_back, count), both)
        still = _of_both(lambda one: answered(one, visited, count), both)
    verdict = judged(tests, asked, still, bounds)
    numbers = (both[0].manifest.generation, both[1].manifest.generation)
    measured = proven(tests, asked, still, numbers, verdict, _comparison(tests, asked, both))
    questions = {e.entry_id: e.question for bundle in both for e in bundle.entries}
    named = sorted(named_entries(measured) & questions.keys())
    return verdict, {**measured, "questions": {name: questions[name] for name in named}}


def _comparison(
    tests: Sequence[HeldBack], asked: tuple[Asked, Asked], both: Both
) -> Comparison | None:
    """Compare what two generations rank as `mundap eval compare` does; None without tests."""
    answers = {e.entry_id: e.answer for bundle in both for e in bundle.entries}
    # An entry with the same answer is right too.
    sharing: dict[str, list[str]] = {}
    for entry_id, answer in answers.items():
        sharing.setdefault(answer, []).append(entry_id)
    qrels: Qrels = {
        test.query: {
            entry_id: 1
            for known in test.right
            if known in answers
            for entry_id in sharing[answers[known]]
        }
        for test in tests
        if test.right
    }
    runs = {
        f"generation {one.manifest.generation}": found.run
        for one, found in zip(both, asked, strict=True)
    }
    return compare(runs, qrels)[0] if qrels else None


def _of_both(ask_one: Callable[[Bundle], _Found], both: Both) -> tuple[_Found, _Found]:
    before, after = both
    return ask_one(before), ask_one(after)


@dataclass(slots=True)
class _Counted:
    """Adds up how far several loops are; each call is one more done."""

    advance: Advance
    total: int
    done: int = 0

    def __call__(self, done: int, total: int) -> None:
        self.done += 1
        self.advance(self.done, self.total)

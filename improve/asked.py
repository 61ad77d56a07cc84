"""What a generation says to held-back queries, as if they had never been judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mundap.evaluation.fit.apart import alternate_rows
from mundap.evaluation.fit.reduction import Reduction
from mundap.evaluation.run import Run
from mundap.improve.lessons import HeldBack
from mundap.index.bundle.bundle import Bundle
from mundap.index.korean.text import match_key
from mundap.index.progress import Advance
from mundap.index.search.evidence import SHOWN
from mundap.index.search.retriever import CANDIDATES, Retriever

# Answered rightly or wrongly, offered with the right entry or without it, or nothing at all.
Outcome = Literal["right", "wrong", "offered", "missed", "unknown"]


@dataclass(frozen=True, slots=True)
class AskedQuery:
    """One held-back query: its outcome, and the entry that came first."""

    outcome: Outcome
    entry_id: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """All held-back queries put to one generation: by query, and as the run that is compared."""

    queries: dict[str, AskedQuery]
    run: Run


def ask(
    bundle: Bundle, tests: Sequence[HeldBack], held_back: Sequence[str], advance: Advance
) -> Asked:
    """Ask a generation from which every alternate that is held back (by its key) is left out.

    Visitors who ask exactly that are answered from it; those who ask in other words are what a
    test is for.
    """
    retriever = _without(bundle.retriever, held_back)
    answers = {e.entry_id: match_key(e.answer) for e in retriever.passages.entries}
    queries: dict[str, AskedQuery] = {}
    run: Run = {}
    for number, test in enumerate(tests, start=1):
        ranking = retriever.rank_in_steps(test.query, CANDIDATES)
        run[test.query] = {hit.entry_id: hit.score for hit in ranking.hits}
        right = {answers[entry_id] for entry_id in test.right if entry_id in answers}
        found = [match_key(hit.entry.answer) in right for hit in ranking.hits[:SHOWN]]
        kind, first = ranking.kind(bundle.confidence), ranking.hits[:1]
        entry_id = first[0].entry_id if first else None
        outcome: Outcome = "unknown"
        if kind == "answer":
            # Of a query that is only known to be answered wrongly by some, others may be right.
            open_question = not test.right and bool(test.wrong) and entry_id not in test.wrong
            outcome = "right" if found[0] else ("missed" if open_question else "wrong")
        elif kind == "suggest":
            outcome = "offered" if any(found) else "missed"
        queries[test.query] = AskedQuery(outcome, entry_id)
        advance(number, len(tests))
    return Asked(queries, run)


def answered(bundle: Bundle, queries: Sequence[str], advance: Advance) -> list[bool]:
    """Return whether a generation answers each query, rightly or not."""
    found = []
    for number, query in enumerate(queries, start=1):
        ranking = bundle.retriever.rank_in_steps(query, SHOWN)
        found.append(ranking.kind(bundle.confidence) == "answer")
        advance(number, len(queries))
    return found


def unheard(visited: Sequence[str], bundles: Sequence[Bundle]) -> list[str]:
    """Return the queries that no generation holds as they stand: those it would answer anyway."""
    known = {match_key(text) for bundle in bundles for e in bundle.entries for text in e.passages}
    return [query for query in visited if match_key(query) not in known]


def _without(retriever: Retriever, held_back: Sequence[str]) -> Retriever:
    rows = [row for row in alternate_rows(retriever.passages, held_back) if row >= 0]
    if not rows:
        return retriever
    kept = np.ones(len(retriever.passages), dtype=bool)
    kept[rows] = False
    return Reduction.of(retriever).without(kept)


def testable(tests: Sequence[HeldBack], bundles: Sequence[Bundle]) -> list[HeldBack]:
    """Return the tests that say something of all generations.

    Not those whose right entries one of them lacks, nor those that are an entry's own question.
    """
    questions = {match_key(e.question) for bundle in bundles for e in bundle.entries}
    ids = [{e.entry_id for e in bundle.entries} for bundle in bundles]
    return [
        test
        for test in tests
        if match_key(test.query) not in questions
        and (not test.right or all(known & set(test.right) for known in ids))
    ]

"""The report of a run, as the table `improvements` keeps it and the owner's page shows it.

One JSON object. From the start:

    lessons      SHA-256 of what the run learns from and tests with
    baseline     the generation that serves, which the candidate is compared with
    margin       what the owner accepts, a share: 0.02
    learned      counts of what owners accepted: `phrasings` that the published FAQ lacks,
                 `accepted` (a query and its entry), `wrong`, `uncovered` (no entry answers it),
                 `held_back` (tests there ever were), `held_back_new` (since this run),
                 `left_out` (of entries that are not published)

and at the end besides:

    reason       better, not worse (promoted); too few, fewer right, more wrong, fewer answered,
                 overtaken (kept sealed); failed, interrupted (of these only the words besides, and
                 of a failed one the `error` in the words of the program)
    words        {"ko", "en"}: the reason, in a sentence or two
    trained      {"done": bool, "words": {"ko", "en"}}: whether an encoder was trained, and why
    fitted       counts of judged queries that weights and confidence were fitted on: `queries`,
                 `uncovered`
    tests        counts of held-back queries that were asked: `covered` (an entry answers it) and
                 `other`
    before       {"generation", "answered_right", "offered_right", "offered_wrong", "unknown",
                 "answered_wrong", "uncovered_answered"}: shares of those queries; of the last, of
                 `other`
    after        the same of the candidate
    right        [difference, low, high] in the share answered rightly, paired, 95% interval
    wrong        the same of the share answered wrongly
    visitors     of what visitors asked lately: how many `queries`, how many of them are answered,
                 rightly or not, `before` and `after`, and the `difference` in that share, as above
    comparison   as `mundap eval compare --json`: hit@1, mrr@10, ndcg@10 with tests; `fixed` and
                 `broken` are by what comes first
    changes      a list: {"query", "right": [entry_id], "before", "after"}, the last two each
                 {"outcome", "entry_id"}: every query whose outcome differs. An outcome is right,
                 wrong (answered), offered, missed (offered without the right one), unknown
    questions    entry_id -> question, of every entry named above
    seconds      how long each step of the last try took

A run that was taken up after its process was killed reports as if it had not been.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from mundap.evaluation.comparison import Comparison
from mundap.evaluation.statistics.bootstrap import Estimate
from mundap.improve.asked import Asked
from mundap.improve.lessons import HeldBack, Lessons
from mundap.improve.verdict import Verdict, shares


def begun(lessons: Lessons, *, baseline: int, margin: float, new: int) -> dict[str, Any]:
    """Return the report of a run that begins; `new` tests are held back since."""
    learned = {
        "phrasings": lessons.added,
        "accepted": len(lessons.accepted),
        "wrong": len(lessons.wrong),
        "uncovered": len(lessons.uncovered),
        "held_back": len(lessons.held_back),
        "held_back_new": new,
        "left_out": lessons.left_out,
    }
    return {
        "lessons": lessons.digest,
        "baseline": baseline,
        "margin": margin,
        "learned": learned,
    }


def proven(
    tests: Sequence[HeldBack],
    asked: tuple[Asked, Asked],
    answered: tuple[Sequence[bool], Sequence[bool]],
    generations: tuple[int, int],
    verdict: Verdict,
    comparison: Comparison | None,
) -> dict[str, Any]:
    """Return what was measured of two generations, the one that serves first."""
    before, after = asked
    covered = sum(bool(test.right) for test in tests)
    return {
        "tests": {"covered": covered, "other": len(tests) - covered},
        "before": {"generation": generations[0], **shares(tests, before)},
        "after": {"generation": generations[1], **shares(tests, after)},
        "right": _rounded(verdict.right),
        "wrong": _rounded(verdict.wrong),
        "visitors": {
            "queries": len(answered[0]),
            "before": sum(answered[0]),
            "after": sum(answered[1]),
            "difference": _rounded(verdict.answered),
        },
        "comparison": None if comparison is None else _plain(comparison.to_dict()),
        "changes": _changes(tests, before, after),
    }


def _changes(tests: Sequence[HeldBack], before: Asked, after: Asked) -> list[dict[str, Any]]:
    return [
        {
            "query": test.query,
            "right": [*test.right],
            "before": asdict(before.queries[test.query]),
            "after": asdict(after.queries[test.query]),
        }
        for test in tests
        if before.queries[test.query].outcome != after.queries[test.query].outcome
    ]


def named_entries(report: Mapping[str, Any]) -> set[str]:
    """Return the ids of all entries that a report names."""
    found: set[str] = set()
    for change in report["changes"]:
        found |= {*change["right"], change["before"]["entry_id"], change["after"]["entry_id"]}
    comparison = report["comparison"] or {"fixed": (), "broken": ()}
    for changed in (*comparison["fixed"], *comparison["broken"]):
        found |= {*changed["entry_ids"], changed["wrong_entry_id"]}
    return found - {None}


def _plain(found: Mapping[str, Any]) -> Any:
    """Return what comes back from a store that keeps JSON."""
    return json.loads(json.dumps(found))


def _rounded(found: Estimate) -> list[float]:
    return [round(value, 4) for value in found.to_list()]

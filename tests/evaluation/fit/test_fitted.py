"""Models with a verdict and without one, fitted to the same queries."""

from dataclasses import replace

import numpy as np
import pytest

from mundap.evaluation.fit.fitted import fitted
from mundap.evaluation.fit.judged import Judged
from mundap.evaluation.fit.log_odds import fit_log_odds
from mundap.index.search.confidence import EVIDENCE, Confidence, LogOdds
from mundap.index.search.evidence import Evidence

FLAT = dict.fromkeys(EVIDENCE, 0.0)
START = LogOdds(-2.0, FLAT | {"closeness": 3.0})
USUAL = Confidence(START, START, 0.8, 0.4, unread_first=START, unread_shown=START)
MODELS = ("first", "shown", "unread_first", "unread_shown")
TOGETHER = EVIDENCE.index("together")


def judged(has_verdicts: bool, count: int = 400) -> Judged:
    """Return queries whose first hit is right where its score is high, and more so its verdict."""
    rng = np.random.default_rng(0)
    evidence = np.zeros((count, len(EVIDENCE)))
    evidence[:, 0] = rng.uniform(0, 1, count)
    said = rng.normal(0, 2, count)
    right = rng.uniform(size=count) < 1 / (1 + np.exp(-(4 * evidence[:, 0] - 2 + said)))
    evidence[:, TOGETHER] = said if has_verdicts else 0.0
    # What is right is in scope, and of the rest every second query.
    in_scope = right | (np.arange(count) % 2 == 0)
    return Judged(evidence, right, right, in_scope, np.zeros(count, dtype=bool))


@pytest.mark.parametrize("has_verdicts", [True, False])
def test_what_no_verdict_was_given_on_is_learned_by_the_models_that_need_none(
    has_verdicts: bool,
) -> None:
    queries = judged(has_verdicts)
    weights = np.ones(len(queries))

    found = fitted(queries, weights, USUAL, 0, {})

    unread = queries.evidence.copy()
    unread[:, TOGETHER] = 0.0
    with_verdict = fit_log_odds(queries.evidence, queries.correct, weights, START)
    without = fit_log_odds(unread, queries.correct, weights, START)
    wanted = dict.fromkeys(MODELS[:2], with_verdict if has_verdicts else START)
    wanted |= dict.fromkeys(MODELS[2:], without)
    assert {name: getattr(found, name) for name in MODELS} == wanted
    assert with_verdict.weights["together"] > 0 or not has_verdicts
    assert without.weights["together"] == 0.0


def test_how_it_fared_is_told_of_queries_with_their_verdicts() -> None:
    queries = judged(has_verdicts=True)
    weights = np.ones(len(queries))

    told, blind = (
        fitted(each, weights, USUAL, 0, {}).fit["auroc_correct"]
        for each in (queries, judged(has_verdicts=False))
    )

    assert told > blind + 0.05


def test_of_a_faq_that_never_has_a_verdict_there_are_two_models() -> None:
    usual = replace(USUAL, unread_first=None, unread_shown=None)
    queries = judged(has_verdicts=False)

    found = fitted(queries, np.ones(len(queries)), usual, 0, {})

    assert (found.unread_first, found.unread_shown) == (None, None)
    assert found.first == fit_log_odds(
        queries.evidence, queries.correct, np.ones(len(queries)), START
    )
    assert found.probability(Evidence(0.9, 0.0, 0.0)) > found.probability(Evidence(0.1, 0.0, 0.0))

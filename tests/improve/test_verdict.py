import pytest

from mundap.improve.asked import Asked, AskedQuery, Outcome
from mundap.improve.bounds import Bounds
from mundap.improve.lessons import HeldBack
from mundap.improve.verdict import FEWEST, Reason, judged, shares


def held_back(covered: int, uncovered: int = 0) -> list[HeldBack]:
    found = [HeldBack(f"질문 {n}", (f"e{n}",)) for n in range(covered)]
    return found + [HeldBack(f"엉뚱한 말 {n}") for n in range(uncovered)]


def asked(tests: list[HeldBack], *outcomes: tuple[Outcome, int]) -> Asked:
    """Return outcomes in order; what is left over is unknown."""
    found = [outcome for outcome, count in outcomes for _ in range(count)]
    found += ["unknown"] * (len(tests) - len(found))
    pairs = zip(tests, found, strict=True)
    return Asked({test.query: AskedQuery(outcome, None) for test, outcome in pairs}, {})


@pytest.mark.parametrize(
    ("before", "after", "margin", "reason"),
    [
        ((("right", 50),), (("right", 80),), 0.02, "better"),
        ((("right", 50),), (("right", 50),), 0.0, "not worse"),
        ((("right", 50),), (("right", 49),), 0.02, "fewer right"),
        ((("right", 50),), (("right", 49),), 0.1, "not worse"),
        ((("right", 50),), (("right", 80), ("wrong", 3)), 0.02, "more wrong"),
        ((("right", 50),), (("right", 80), ("wrong", 2)), 0.02, "better"),
        ((("right", 50),), (("right", 80), ("wrong", 1)), 0.0, "more wrong"),
        ((("right", 50), ("wrong", 9)), (("right", 50), ("offered", 9)), 0.0, "not worse"),
    ],
)
def test_a_candidate_is_promoted_unless_it_is_worse_beyond_the_margin(
    before: tuple[tuple[Outcome, int], ...],
    after: tuple[tuple[Outcome, int], ...],
    margin: float,
    reason: Reason,
) -> None:
    tests = held_back(100)
    verdict = judged(tests, (asked(tests, *before), asked(tests, *after)), ([], []), Bounds(margin))
    assert verdict.reason == reason
    assert verdict.promotes == (reason in ("better", "not worse"))


@pytest.mark.parametrize(
    ("right", "wrong", "margin", "reason"),
    [
        (10, 1, 0.02, "better"),
        (10, 2, 0.02, "more wrong"),
        (10, 1, 0.0, "more wrong"),
        # It may be chance that anything is better.
        (1, 1, 0.02, "more wrong"),
    ],
)
def test_one_wrong_answer_of_few_is_let_pass_where_right_ones_certainly_rise(
    right: int, wrong: int, margin: float, reason: Reason
) -> None:
    tests = held_back(44)
    both = (asked(tests), asked(tests, ("right", right), ("wrong", wrong)))
    assert judged(tests, both, ([], []), Bounds(margin)).reason == reason


def test_too_few_queries_tell_nothing_however_well_they_do() -> None:
    tests = held_back(FEWEST - 1, uncovered=50)
    verdict = judged(tests, (asked(tests), asked(tests, ("right", FEWEST - 1))), ([], []), Bounds())
    assert (verdict.reason, verdict.promotes) == ("too few", False)


def test_an_answer_to_what_nothing_answers_is_wrong() -> None:
    tests = held_back(40, uncovered=40)
    after = asked(tests, ("right", 40), ("wrong", 4))
    verdict = judged(tests, (asked(tests, ("right", 30)), after), ([], []), Bounds(0.02))
    assert verdict.reason == "more wrong"
    assert verdict.wrong.mean == 4 / 80
    assert shares(tests, after) == {
        "answered_right": 1.0,
        "answered_wrong": 0.0,
        "offered_right": 0.0,
        "offered_wrong": 0.0,
        "unknown": 0.0,
        "uncovered_answered": 0.1,
    }


@pytest.mark.parametrize(
    ("lost", "wrong_before", "margin", "reason"),
    [
        (0, 0, 0.0, "better"),
        (1, 0, 0.05, "better"),
        (8, 0, 0.02, "fewer answered"),
        (8, 0, 0.2, "better"),
        # Silence is what was wanted.
        (8, 12, 0.02, "better"),
    ],
)
def test_answers_that_visitors_got_are_not_lost_unless_wrong_ones_are(
    lost: int, wrong_before: int, margin: float, reason: Reason
) -> None:
    tests = held_back(100)
    both = (asked(tests, ("right", 20), ("wrong", wrong_before)), asked(tests, ("right", 60)))
    still = ([True] * 60 + [False] * 40, [True] * (60 - lost) + [False] * (40 + lost))
    verdict = judged(tests, both, still, Bounds(margin))
    assert (verdict.reason, verdict.answered.mean) == (reason, pytest.approx(-lost / 100))


@pytest.mark.parametrize("margin", [-0.01, 1.5])
def test_a_margin_that_is_no_share_is_refused(margin: float) -> None:
    with pytest.raises(ValueError, match=rf"^margin is {margin}; wanted 0 to 1, 0.02 say\.$"):
        Bounds(margin)

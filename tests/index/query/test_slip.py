from dataclasses import astuple, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.korean.keyboard import to_keys
from mundap.index.query.slip import BIAS, WEIGHTS, Clues, kind_of_slip, log_odds, most_to_gain

NOTHING = Clues(0, 0, 0, 0, 0, 0, 0, 0)
clues = st.builds(Clues, *(st.floats(-20, 20) for _ in range(8)))


@given(st.lists(clues, max_size=3))
def test_odds_are_the_weighted_sum_of_the_clues(found: list[Clues]) -> None:
    expected = [
        sum(w * c for w, c in zip(astuple(WEIGHTS), astuple(clue), strict=True)) + BIAS
        for clue in found
    ]
    np.testing.assert_allclose(log_odds(found), expected, atol=1e-9)


def test_every_clue_speaks_for_a_slip_and_without_any_there_is_none() -> None:
    assert min(astuple(WEIGHTS)) > 0
    assert log_odds([NOTHING]) == pytest.approx([BIAS])
    assert BIAS < 0


@given(st.floats(-60, 0), st.floats(0, 1))
def test_no_gain_adds_more_than_is_foreseen(score: float, share: float) -> None:
    # The word in its place has a score of -5 at best.
    gain = share * max(-5 - score, 0)
    added = log_odds([replace(NOTHING, gain=gain)])[0] - BIAS
    assert added <= most_to_gain(score) + 1e-9


@pytest.mark.parametrize(
    ("typed", "meant", "kind"),
    [
        ("매송비", "배송비", "is_beside"),
        ("쌔송비", "빼송비", ""),
        ("배송기", "배송비", ""),
        ("배손비", "배송비", "is_beside"),
        ("배소비", "배송비", "is_longer_or_shorter"),
        ("배송빕", "배송비", "is_longer_or_shorter"),
        ("배송ㅣㅂ", "배송비", "is_swapped"),
    ],
)
def test_the_kind_of_a_slip(typed: str, meant: str, kind: str) -> None:
    found = kind_of_slip(to_keys(typed), to_keys(meant))
    assert [name for name, is_it in found.items() if is_it] == [kind] * bool(kind)

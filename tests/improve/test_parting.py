from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mundap.improve.parting import BY_ENTRY, BY_QUERY, FITTED, is_fitted, is_held_back

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
keys = st.text(max_size=20)


@given(keys, st.one_of(st.none(), keys), st.integers(0, 6 * 24))
def test_a_query_stays_on_its_side_all_week_long(
    key: str, entry_id: str | None, hours: int
) -> None:
    later = MONDAY + timedelta(hours=hours)
    assert is_held_back(key, entry_id, later) == is_held_back(key, entry_id, MONDAY)


def test_about_as_many_are_held_back_as_wanted() -> None:
    found = [is_held_back(f"질문 {n}", f"e{n}", MONDAY) for n in range(5_000)]
    wanted = 1 - (1 - BY_QUERY) * (1 - BY_ENTRY)
    assert abs(sum(found) / len(found) - wanted) < 0.015
    # Nothing is known of an entry here: by their own words alone.
    found = [is_held_back(f"질문 {n}", None, MONDAY) for n in range(5_000)]
    assert abs(sum(found) / len(found) - BY_QUERY) < 0.015
    found = [is_fitted(f"질문 {n}") for n in range(5_000)]
    assert abs(sum(found) / len(found) - FITTED) < 0.02


def test_in_some_weeks_all_that_is_judged_of_an_entry_is_held_back_and_in_others_little() -> None:
    shares = [
        sum(is_held_back(f"질문 {n}", "fee", MONDAY + timedelta(weeks=week)) for n in range(40))
        / 40
        for week in range(100)
    ]
    assert 0 < shares.count(1.0) < 15
    assert max(share for share in shares if share < 1.0) < 0.5


def test_a_half_of_a_surrogate_pair_is_a_query_too() -> None:
    assert is_held_back("\ud83d", None, MONDAY) in (True, False)

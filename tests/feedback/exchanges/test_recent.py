import pytest

from mundap.feedback.exchanges.recent import CHANGES, NOTHING, Recent

UP = ("up", None, None, None)
DOWN = ("down", None, None, None)


def test_the_oldest_is_forgotten_beyond_a_number() -> None:
    recent = Recent(kept=2)
    for request_id in "abc":
        recent.add(request_id, (request_id,))
    assert [recent.candidates("b"), recent.candidates("c")] == [("b",), ("c",)]
    with pytest.raises(LookupError, match="a"):
        recent.candidates("a")


def test_each_client_has_a_thumb_of_its_own() -> None:
    recent = Recent()
    recent.add("5f0a", ())
    assert recent.change("5f0a", "a", UP) == hash(NOTHING)
    assert recent.change("5f0a", "b", DOWN) == hash(NOTHING)
    assert recent.change("5f0a", "a", DOWN) == hash(UP)


def test_minds_change_a_few_times_and_saying_the_same_is_no_change() -> None:
    recent = Recent()
    recent.add("5f0a", ())
    for number in range(CHANGES):
        for _ in range(3):
            recent.change("5f0a", "a", (UP, DOWN)[number % 2])
    with pytest.raises(OverflowError):
        recent.change("5f0a", "b", UP)


def test_a_change_that_is_undone_was_none() -> None:
    recent = Recent()
    recent.add("5f0a", ())
    for _ in range(3 * CHANGES):
        recent.undo("5f0a", "a", recent.change("5f0a", "a", UP))
    assert recent.change("5f0a", "a", UP) == hash(NOTHING)

import pytest

from mundap.feedback.recent import CHANGES, Recent, Said
from tests.feedback.an_exchange import an_exchange

UP: Said = ("up", None, None)
DOWN: Said = ("down", None, None)
NONE: Said = ("none", None, None)


def test_the_oldest_is_forgotten_beyond_a_number() -> None:
    recent = Recent(kept=2)
    for request_id in "abc":
        recent.add(an_exchange(request_id=request_id))
    assert [recent.get("b").request_id, recent.get("c").request_id] == ["b", "c"]
    with pytest.raises(LookupError, match="a"):
        recent.get("a")


def test_the_oldest_are_forgotten_beyond_a_size() -> None:
    recent = Recent(kept_bytes=100_000)
    recent.add(an_exchange(request_id="small"))
    for number in range(4):
        recent.add(an_exchange(request_id=f"large {number}", query="가" * 20_000))
    for request_id in ("small", "large 0", "large 1"):
        with pytest.raises(LookupError, match=request_id):
            recent.get(request_id)
    assert recent.get("large 3").request_id == "large 3"


def test_each_client_has_a_thumb_of_its_own() -> None:
    recent = Recent()
    recent.add(an_exchange())
    assert recent.change("5f0a", "a", UP) == hash(NONE)
    assert recent.change("5f0a", "b", DOWN) == hash(NONE)
    assert recent.change("5f0a", "a", DOWN) == hash(UP)


def test_minds_change_a_few_times_and_saying_the_same_is_no_change() -> None:
    recent = Recent()
    recent.add(an_exchange())
    for number in range(CHANGES):
        for _ in range(3):
            recent.change("5f0a", "a", (UP, DOWN)[number % 2])
    with pytest.raises(OverflowError):
        recent.change("5f0a", "b", UP)


def test_a_change_that_is_undone_was_none() -> None:
    recent = Recent()
    recent.add(an_exchange())
    for _ in range(3 * CHANGES):
        recent.undo("5f0a", "a", recent.change("5f0a", "a", UP))
    assert recent.change("5f0a", "a", UP) == hash(NONE)

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mundap.feedback.exchanges.exchange import Reaction
from mundap.feedback.exchanges.exchanges import Exchanges, UnknownExchangeError
from mundap.feedback.exchanges.recent import CHANGES, NOTHING, Recent, digest
from mundap.feedback.exchanges.shared_recent import SharedRecent
from mundap.index.shared_file import SharedFile, SharedFileError
from tests.feedback.an_exchange import EXCHANGE

UP = ("up", None, None, None)
DOWN = ("down", None, None, None)


@pytest.fixture(params=["one process", "several"])
def recent(request: pytest.FixtureRequest, tmp_path: Path) -> Recent | SharedRecent:
    return Recent() if request.param == "one process" else SharedRecent(tmp_path / "shared")


def test_the_oldest_is_forgotten_beyond_a_number() -> None:
    recent = Recent(kept=2)
    for request_id in "abc":
        recent.add(request_id, (request_id,))
    assert [recent.candidates("b"), recent.candidates("c")] == [("b",), ("c",)]
    with pytest.raises(LookupError, match="a"):
        recent.candidates("a")


def test_each_client_has_a_thumb_of_its_own(recent: Recent | SharedRecent) -> None:
    recent.add("5f0a", ())
    assert recent.change("5f0a", "a", UP) == digest(NOTHING)
    assert recent.change("5f0a", "b", DOWN) == digest(NOTHING)
    assert recent.change("5f0a", "a", DOWN) == digest(UP)


def test_minds_change_a_few_times_and_saying_the_same_is_no_change(
    recent: Recent | SharedRecent,
) -> None:
    recent.add("5f0a", ())
    for number in range(CHANGES):
        for _ in range(3):
            recent.change("5f0a", "a", (UP, DOWN)[number % 2])
    with pytest.raises(OverflowError):
        recent.change("5f0a", "b", UP)


def test_a_change_that_is_undone_was_none(recent: Recent | SharedRecent) -> None:
    recent.add("5f0a", ())
    for _ in range(3 * CHANGES):
        recent.undo("5f0a", "a", recent.change("5f0a", "a", UP))
    assert recent.change("5f0a", "a", UP) == digest(NOTHING)


def test_what_one_process_offered_another_one_knows(tmp_path: Path) -> None:
    one, other = SharedRecent(tmp_path / "shared"), SharedRecent(tmp_path / "shared")
    one.add("5f0a", ("배송", "환불"))

    assert other.candidates("5f0a") == ("배송", "환불")
    assert other.change("5f0a", "a", UP) == digest(NOTHING)
    assert one.change("5f0a", "a", DOWN) == digest(UP)
    with pytest.raises(LookupError, match="b"):
        other.change("b", "a", UP)


def test_several_processes_forget_the_oldest_now_and_then(tmp_path: Path) -> None:
    recent = SharedRecent(tmp_path / "shared", kept=10)
    for number in range(256):
        recent.add(f"{number}", ())
        recent.change(f"{number}", "a", UP)

    assert [recent.candidates(f"{number}") for number in range(246, 256)] == [()] * 10
    with pytest.raises(LookupError, match="245"):
        recent.change("245", "a", UP)


def test_without_room_there_are_answers_and_no_thumbs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: SharedFile, statement: str, *values: object) -> None:
        raise SharedFileError("database or disk is full")

    exchanges = Exchanges(None, shared=tmp_path / "shared")
    monkeypatch.setattr(SharedFile, "ask", full)
    exchanges.add(EXCHANGE)

    with pytest.raises(UnknownExchangeError, match="5f0a"):
        exchanges.react(Reaction("5f0a", datetime.now(UTC), "up"), "a")

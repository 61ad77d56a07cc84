"""Counters that several processes share: each is a connection of its own here."""

from pathlib import Path

import pytest

from mundap.chatbot.api.errors import ApiError
from mundap.chatbot.api.layers.rate import RateLimit
from mundap.chatbot.shared_counters import SharedCounters
from mundap.index.shared_file import SharedFile, SharedFileError
from tests.chatbot.conftest import Clock


def let_in(limits: list[RateLimit], client: str, requests: int) -> int:
    """Return how many of so many requests pass, which come to each process in turn."""
    passed = 0
    for number in range(requests):
        try:
            limits[number % len(limits)].count(client)
        except ApiError:
            continue
        passed += 1
    return passed


def test_a_client_has_as_many_requests_as_allowed_at_all_processes_together(
    clock: Clock, tmp_path: Path
) -> None:
    limits = [RateLimit("5/minute", counters=SharedCounters(tmp_path / "f")) for _ in range(3)]

    assert (let_in(limits, "a", 9), let_in(limits, "b", 3)) == (5, 3)
    clock.now += 120
    assert let_in(limits, "a", 9) == 5


def test_they_count_as_counters_in_memory_do(clock: Clock, tmp_path: Path) -> None:
    shared = [RateLimit("7/minute", counters=SharedCounters(tmp_path / "f")) for _ in range(2)]
    alone = [RateLimit("7/minute")]

    for seconds in (0, 1, 20, 30, 40, 15, 61, 5, 200):
        clock.now += seconds
        assert let_in(shared, "a", 4) == let_in(alone, "a", 4)


def test_counters_that_nobody_needs_are_forgotten(clock: Clock, tmp_path: Path) -> None:
    counters = SharedCounters(tmp_path / "f")
    for number in range(100):
        counters.incr(f"client {number}", 60)
    clock.now += 60 * 3
    counters.incr("the last", 60)

    assert counters._file.ask("SELECT key FROM counters") == [("the last",)]


def test_without_room_each_process_counts_for_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: SharedFile, statement: str, *values: object) -> None:
        raise SharedFileError("database or disk is full")

    limits = [RateLimit("5/hour", counters=SharedCounters(tmp_path / "f")) for _ in range(2)]
    monkeypatch.setattr(SharedFile, "ask", full)

    assert let_in(limits, "a", 20) == 10

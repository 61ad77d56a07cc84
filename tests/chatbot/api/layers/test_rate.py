import threading

import pytest

from mundap.chatbot.api.errors import ApiError
from mundap.chatbot.api.layers.rate import RateLimit
from mundap.chatbot.counters import Counters
from tests.chatbot.conftest import Clock


def let_in(limit: RateLimit, client: str, requests: int) -> int:
    """Return how many of so many requests pass."""
    passed = 0
    for _ in range(requests):
        try:
            limit.count(client)
        except ApiError:
            continue
        passed += 1
    return passed


def test_each_client_has_as_many_requests_as_allowed_in_a_window(clock: Clock) -> None:
    limit = RateLimit("5/minute; 8/hour")
    assert (let_in(limit, "a", 9), let_in(limit, "b", 3)) == (5, 3)
    clock.now += 120
    assert let_in(limit, "a", 9) == 3


def test_a_refusal_says_when_to_come_back(clock: Clock) -> None:
    limit = RateLimit("1/minute")
    limit.count("a")
    with pytest.raises(ApiError, match="More than 1 per 1 minute") as refused:
        limit.count("a")
    assert refused.value.status_code == 429
    assert 1 <= int((refused.value.headers or {})["Retry-After"]) <= 120


def test_without_a_rate_everyone_passes() -> None:
    assert let_in(RateLimit(""), "a", 1000) == 1000


def test_counters_that_nobody_needs_are_forgotten(clock: Clock) -> None:
    limit = RateLimit("5/minute")
    for number in range(100):
        limit.count(f"client {number}")
    clock.now += 60 * 3
    limit.count("the last")
    assert limit._limiter is not None
    held = limit._limiter.storage
    assert isinstance(held, Counters)
    assert len(held.storage) == len(held.expirations) == 1


def test_counting_starts_no_thread_for_each_request() -> None:
    limit = RateLimit("1000000/second")
    before = threading.active_count()
    assert let_in(limit, "a", 500) == 500
    assert threading.active_count() <= before

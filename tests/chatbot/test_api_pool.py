"""Threads that search, and the event loop that waits for them."""

import asyncio
import re
import threading
import time
from collections.abc import Iterator

import pytest

from chatbot.api_errors import ApiError
from chatbot.api_pool import Pool

HOUR = 3600.0


@pytest.fixture(params=[1, 3])
def pool(request: pytest.FixtureRequest) -> Iterator[Pool]:
    pool = Pool(request.param, HOUR)
    yield pool
    pool.close()


def test_each_caller_gets_what_its_own_work_returns(pool: Pool) -> None:
    async def main() -> list[int]:
        return await asyncio.gather(*(pool.run(pow, base, 2) for base in range(500)))

    assert asyncio.run(main()) == [base**2 for base in range(500)]


def test_each_caller_gets_the_error_of_its_own_work(pool: Pool) -> None:
    def fail(number: int) -> int:
        if number % 2:
            raise KeyError(number)
        return number

    async def main() -> list[int | BaseException]:
        works = (pool.run(fail, number) for number in range(6))
        return await asyncio.gather(*works, return_exceptions=True)

    assert [repr(found) for found in asyncio.run(main())] == [
        "0", "KeyError(1)", "2", "KeyError(3)", "4", "KeyError(5)",
    ]  # fmt: skip


def test_nobody_waits_for_work_of_others_that_goes_on(pool: Pool) -> None:
    begun, enough = threading.Event(), threading.Event()

    async def main() -> str:
        quick = asyncio.create_task(pool.run(str, "quick"))
        slow = asyncio.create_task(pool.run(lambda: begun.set() or enough.wait()))
        found = await asyncio.wait_for(quick, 10)
        assert begun.wait(10)
        assert not slow.done()
        enough.set()
        assert await slow
        return found

    assert asyncio.run(main()) == "quick"


def test_work_that_takes_too_long_is_refused_and_what_has_not_begun_never_does() -> None:
    enough, ran = threading.Event(), list[str]()
    pool = Pool(1, 0.05)
    reason = re.escape("No answer within 0.05 s; try again later.")

    async def main() -> None:
        works = (pool.run(enough.wait), pool.run(ran.append, "late"))
        for found in await asyncio.gather(*works, return_exceptions=True):
            with pytest.raises(ApiError, match=reason) as refused:
                raise found  # type: ignore[misc]
            assert refused.value.status_code == 503
        enough.set()
        assert await pool.run(str, "next") == "next"

    asyncio.run(main())
    pool.close()
    assert ran == []


def test_a_caller_that_goes_away_takes_what_has_not_begun_with_it(pool: Pool) -> None:
    enough, ran = threading.Event(), list[str]()

    async def main() -> None:
        held = [asyncio.create_task(pool.run(enough.wait)) for _ in range(3)]
        gone = asyncio.create_task(pool.run(ran.append, "gone"))
        await asyncio.sleep(0.01)
        gone.cancel()
        await asyncio.wait([gone])
        enough.set()
        await asyncio.gather(*held)
        assert gone.cancelled()

    asyncio.run(main())
    pool.close()
    assert ran == []


def test_work_that_outlives_the_event_loop_ends_in_silence(
    caplog: pytest.LogCaptureFixture,
) -> None:
    enough, pool = threading.Event(), Pool(1, 0.01)

    async def main() -> None:
        with pytest.raises(ApiError, match="No answer within"):
            await pool.run(enough.wait)

    asyncio.run(main())
    enough.set()
    pool.close()

    assert caplog.records == []


def test_what_is_waited_for_outside_the_event_loop_may_take_long() -> None:
    pool = Pool(1, 0.01)

    assert pool.wait_for(lambda: time.sleep(0.05) or "loaded") == "loaded"

    pool.close()

"""Where a request is worked on: in the event loop or in a thread."""

import asyncio
import re
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

from mundap.chatbot.api.errors import ApiError
from mundap.chatbot.api.lines import CLIENT
from mundap.chatbot.api.pool import QUICK_SECONDS, Pool

HOUR = 3600.0
T = TypeVar("T")
Ways = Callable[[Pool], Callable[..., Any]]
BOTH = pytest.mark.parametrize("way", [lambda pool: pool.run, lambda pool: pool.run_quick])


def in_a_loop(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run `main` in a thread: in this one another test's browser may keep an event loop."""
    with ThreadPoolExecutor(1, thread_name_prefix="loop") as thread:
        return thread.submit(lambda: asyncio.run(main())).result()


@pytest.fixture(params=[1, 3])
def pool(request: pytest.FixtureRequest) -> Iterator[Pool]:
    pool = Pool(request.param, HOUR)
    yield pool
    pool.close()


@BOTH
def test_each_caller_gets_what_its_own_work_returns(pool: Pool, way: Ways) -> None:
    async def main() -> list[int]:
        return await asyncio.gather(*(way(pool)(pow, base, 2) for base in range(500)))

    assert in_a_loop(main) == [base**2 for base in range(500)]


@BOTH
def test_each_caller_gets_the_error_of_its_own_work(pool: Pool, way: Ways) -> None:
    def fail(number: int) -> int:
        if number % 2:
            raise KeyError(number)
        return number

    async def main() -> list[Any]:
        works = (way(pool)(fail, number) for number in range(6))
        return await asyncio.gather(*works, return_exceptions=True)

    assert [repr(found) for found in in_a_loop(main)] == [
        "0", "KeyError(1)", "2", "KeyError(3)", "4", "KeyError(5)",
    ]  # fmt: skip


@BOTH
def test_a_caller_that_goes_away_takes_what_has_not_begun_with_it(way: Ways) -> None:
    enough, ran, pool = threading.Event(), list[str](), Pool(1, HOUR)

    async def main() -> None:
        held = asyncio.create_task(pool.run(enough.wait))
        # It never has its turn before it is cancelled: what is quick waits in line as well.
        works = [asyncio.create_task(way(pool)(ran.append, name)) for name in ("first", "gone")]
        asyncio.get_running_loop().call_soon(works[1].cancel)
        await asyncio.sleep(0.01)
        enough.set()
        await asyncio.gather(held, works[0])
        assert works[1].cancelled()

    in_a_loop(main)
    pool.close()
    assert ran == ["first"]


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

    in_a_loop(main)
    pool.close()
    assert ran == []


def test_who_waits_in_line_for_too_long_is_refused(pool: Pool) -> None:
    pool = Pool(1, 0.01)
    reason = re.escape("No answer within 0.01 s; try again later.")

    async def main() -> list[Any]:
        works = (pool.run_quick(time.sleep, 0.004) for _ in range(9))
        return await asyncio.gather(*works, return_exceptions=True)

    found = in_a_loop(main)

    assert found[0] is None
    with pytest.raises(ApiError, match=reason):
        raise found[-1]


@BOTH
def test_clients_have_their_turn_one_after_the_other(way: Ways) -> None:
    enough, order, pool = threading.Event(), list[str](), Pool(1, HOUR)

    async def ask(client: str) -> None:
        CLIENT.set(client)
        await way(pool)(order.append, client)

    async def main() -> None:
        held = asyncio.create_task(pool.run(enough.wait))
        await asyncio.sleep(0.01)
        works = [
            asyncio.create_task(ask(client)) for client in ["many"] * 5 + ["few", "one", "few"]
        ]
        await asyncio.sleep(0)
        enough.set()
        await asyncio.gather(held, *works)

    in_a_loop(main)
    pool.close()
    assert order == ["many", "few", "one", "many", "few", *["many"] * 3]


def test_a_block_that_takes_too_long_is_left() -> None:
    async def main() -> None:
        async with Pool(1, 0.01).in_time():
            await asyncio.sleep(HOUR)

    with pytest.raises(ApiError, match=r"No answer within 0\.01 s"):
        in_a_loop(main)


def test_between_two_quick_works_everything_else_has_its_turn(pool: Pool) -> None:
    order = list[str]()

    async def other() -> None:
        for _ in range(3):
            order.append("other")
            await asyncio.sleep(0)

    async def main() -> None:
        works = [asyncio.create_task(pool.run_quick(order.append, "quick")) for _ in range(3)]
        await asyncio.sleep(0)
        await asyncio.gather(*works, other())

    in_a_loop(main)

    assert order == ["quick", "other"] * 3 or order == ["other", "quick"] * 3


def test_quick_work_is_done_where_the_event_loop_runs_until_it_is_quick_no_more() -> None:
    pool, slow = Pool(1, HOUR), 20 * QUICK_SECONDS

    def where(seconds: float) -> str:
        time.sleep(seconds)
        return threading.current_thread().name

    async def main() -> list[str]:
        return [await pool.run_quick(where, seconds) for seconds in (0, slow, slow, *([0] * 60))]

    found = in_a_loop(main)
    pool.close()

    assert found[:3] == ["loop_0", "loop_0", "mundap-api_0"]
    # Quick again, but not because of one quick work.
    assert found[3] == "mundap-api_0"
    assert found[-1] == "loop_0"

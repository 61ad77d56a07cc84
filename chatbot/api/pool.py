"""Where a request is worked on: in the event loop if that is quick, else in a thread."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, ParamSpec, TypeVar

from mundap.chatbot.api.errors import ApiError
from mundap.chatbot.api.lines import Lines

P = ParamSpec("P")
T = TypeVar("T")

# Seconds. What takes less costs less than to hand it to a thread, with which the event loop then
# disputes Python's lock; what takes more would hold up reading and writing.
QUICK_SECONDS = 0.005
# How much the last of the works that were to be quick counts in their mean.
_LAST = 0.1

# Who waits for a work, and the work.
_Work = tuple[asyncio.Future[Any], Callable[[], Any]]


class Pool:
    """Few threads (more of them only take Python's lock from each other), and the event loop.

    Clients have their turn one after the other, however much each of them wants.
    """

    def __init__(self, threads: int, seconds: float) -> None:
        self._seconds = seconds
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="mundap-api")
        self._free = threads
        self._for_threads, self._for_loop = Lines[_Work](), Lines[_Work]()
        self._mean = 0.0

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what `work` returns; raises ApiError 503 when that takes too long.

        What has not begun by then never will; what has goes on, and nobody waits for it.
        """
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[T] = loop.create_future()
        self._for_threads.add((waiter, partial(work, *args, **kwargs)))
        self._begin(loop)
        async with self.in_time():
            return await waiter

    async def run_quick(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do what `run` does, in the event loop as long as such works take milliseconds.

        They wait in line there, and between two of them everything else has its turn: who is
        served is decided, and health is told, while a hundred wait.
        """
        timed: Callable[[], T] = partial(self._timed, work, *args, **kwargs)
        if self._mean > QUICK_SECONDS:
            return await self.run(timed)
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[T] = loop.create_future()
        if not self._for_loop:
            loop.call_soon(self._next, loop)
        self._for_loop.add((waiter, timed))
        async with self.in_time():
            return await waiter

    @asynccontextmanager
    async def in_time(self) -> AsyncIterator[None]:
        """Raise ApiError 503 where the block takes longer than an answer may."""
        try:
            async with asyncio.timeout(self._seconds):
                yield
        except TimeoutError:
            message = f"No answer within {self._seconds:g} s; try again later."
            raise ApiError(503, "timeout", message, {"Retry-After": "5"}) from None

    def close(self) -> None:
        """Finish what runs."""
        self._threads.shutdown(cancel_futures=True)

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hand works to the threads that are free."""
        while self._free and self._for_threads:
            waiter, work = self._for_threads.pop()
            if not waiter.done():
                self._free -= 1
                done = partial(self._tell, loop, waiter)
                self._threads.submit(work).add_done_callback(done)

    def _tell(
        self, loop: asyncio.AbstractEventLoop, waiter: asyncio.Future[Any], done: Future[Any]
    ) -> None:
        with suppress(RuntimeError):  # the loop has ended, and nobody waits any more
            loop.call_soon_threadsafe(self._end, loop, waiter, done)

    def _end(
        self, loop: asyncio.AbstractEventLoop, waiter: asyncio.Future[Any], done: Future[Any]
    ) -> None:
        self._free += 1
        if not waiter.done():
            _settle(waiter, done.result)
        self._begin(loop)

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        """Do the first work in line, and see to it that the next has its turn."""
        waiter, work = self._for_loop.pop()
        if not waiter.done():
            _settle(waiter, work)
        if self._for_loop:
            loop.call_soon(self._next, loop)

    def _timed(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        begun = time.perf_counter()
        try:
            return work(*args, **kwargs)
        finally:
            self._mean += _LAST * (time.perf_counter() - begun - self._mean)


def _settle(waiter: asyncio.Future[T], work: Callable[[], T]) -> None:
    try:
        waiter.set_result(work())
    except Exception as error:
        waiter.set_exception(error)

"""Where a request is worked on: in the event loop if that is quick, else in a thread."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, TypeVar

from mundap.chatbot.api.errors import ApiError

P = ParamSpec("P")
T = TypeVar("T")

# Seconds. What takes less costs less than to hand it to a thread, with which the event loop then
# disputes Python's lock; what takes more would hold up reading and writing.
QUICK_SECONDS = 0.005
# How much the last of the works that were to be quick counts in their mean.
_LAST = 0.1


class Pool:
    """Few threads (more of them only take Python's lock from each other), and the event loop."""

    def __init__(self, threads: int, seconds: float) -> None:
        self._seconds = seconds
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="mundap-api")
        self._queue = deque[tuple[asyncio.Future[Any], Callable[[], Any]]]()
        self._mean = 0.0

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what `work` returns; raises ApiError 503 when that takes too long.

        What has not begun by then never will; what has goes on, and nobody waits for it.
        """
        future = self._threads.submit(work, *args, **kwargs)
        return await self._in_time(asyncio.wrap_future(future))

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
        self._queue.append((waiter, timed))
        if len(self._queue) == 1:
            loop.call_soon(self._next, loop)
        return await self._in_time(waiter)

    def close(self) -> None:
        """Finish what runs."""
        self._threads.shutdown(cancel_futures=True)

    async def _in_time(self, waiter: asyncio.Future[T]) -> T:
        try:
            async with asyncio.timeout(self._seconds):
                return await waiter
        except TimeoutError:
            message = f"No answer within {self._seconds:g} s; try again later."
            raise ApiError(503, "timeout", message, {"Retry-After": "5"}) from None

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        """Do the first work in line, and see to it that the next has its turn."""
        waiter, work = self._queue[0]
        if not waiter.done():
            try:
                waiter.set_result(work())
            except Exception as error:
                waiter.set_exception(error)
        self._queue.popleft()
        if self._queue:
            loop.call_soon(self._next, loop)

    def _timed(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        begun = time.perf_counter()
        try:
            return work(*args, **kwargs)
        finally:
            self._mean += _LAST * (time.perf_counter() - begun - self._mean)

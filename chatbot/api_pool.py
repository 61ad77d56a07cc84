"""Threads that search while the event loop goes on reading and writing."""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, ParamSpec, TypeVar

from chatbot.api_errors import ApiError

P = ParamSpec("P")
T = TypeVar("T")

# While others wait, what is done is collected this often: to wake the event loop for each result
# costs both threads a fifth of their time, since they hand Python's lock to and fro.
_GATHER_SECONDS = 0.004


class Pool:
    """Few threads: more of them only take Python's lock from each other."""

    def __init__(self, threads: int, seconds: float) -> None:
        self._seconds = seconds
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="mundap-api")
        self._waiting = 0
        self._done = deque[tuple[asyncio.Future[Any], Future[Any]]]()
        self._told = False

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what `work` returns; raises ApiError 503 when that takes too long.

        What has not begun by then never will; what has goes on, and nobody waits for it.
        """
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[T] = loop.create_future()
        future = self._threads.submit(work, *args, **kwargs)
        self._waiting += 1
        future.add_done_callback(partial(self._tell, loop, waiter))
        try:
            async with asyncio.timeout(self._seconds):
                return await waiter
        except TimeoutError:
            message = f"No answer within {self._seconds:g} s; try again later."
            raise ApiError(503, "timeout", message, {"Retry-After": "5"}) from None
        finally:
            self._waiting -= 1
            future.cancel()

    def wait_for(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what `work` returns, however long it takes; not for the event loop."""
        return self._threads.submit(work, *args, **kwargs).result()

    def close(self) -> None:
        """Finish what runs."""
        self._threads.shutdown(cancel_futures=True)

    def _tell(
        self, loop: asyncio.AbstractEventLoop, waiter: asyncio.Future[T], future: Future[T]
    ) -> None:
        """Note what is done, in its thread, and wake the event loop if nobody has."""
        self._done.append((waiter, future))
        if not self._told:
            self._told = True
            with suppress(RuntimeError):  # the loop has ended, and with it whoever waited
                loop.call_soon_threadsafe(self._gather, loop)

    def _gather(self, loop: asyncio.AbstractEventLoop) -> None:
        """Collect at once what nobody else waits behind, and the rest a moment later."""
        if len(self._done) < self._waiting:
            loop.call_later(_GATHER_SECONDS, self._collect)
        else:
            self._collect()

    def _collect(self) -> None:
        # First: what is done from now on is told again.
        self._told = False
        while self._done:
            waiter, future = self._done.popleft()
            if waiter.done():
                continue
            if future.cancelled():
                waiter.cancel()
            elif (error := future.exception()) is not None:
                waiter.set_exception(error)
            else:
                waiter.set_result(future.result())

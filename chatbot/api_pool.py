"""Threads that search while the event loop goes on reading and writing."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from chatbot.api_errors import ApiError

P = ParamSpec("P")
T = TypeVar("T")


class Pool:
    """Few threads: more of them only take Python's lock from each other."""

    def __init__(self, threads: int, seconds: float) -> None:
        self._seconds = seconds
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="mundap-api")

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what `work` returns; raises ApiError 503 when that takes too long.

        What has not begun by then never will; what has goes on, and nobody waits for it.
        """
        future = self._threads.submit(work, *args, **kwargs)
        try:
            async with asyncio.timeout(self._seconds):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            message = f"No answer within {self._seconds:g} s; try again later."
            raise ApiError(503, "timeout", message, {"Retry-After": "5"}) from None

    def wait_for(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what `work` returns, however long it takes; not for the event loop."""
        return self._threads.submit(work, *args, **kwargs).result()

    def close(self) -> None:
        """Finish what runs."""
        self._threads.shutdown(cancel_futures=True)

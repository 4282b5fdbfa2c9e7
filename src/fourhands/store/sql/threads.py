"""Threads that do database work in turn, so that the event loop never waits for a disk."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from fourhands.store.sql.failures import unavailable

Result = TypeVar("Result")


class Threads:
    """A few threads with one queue. A job that has begun goes on to its end, whatever becomes of its caller."""

    def __init__(self, name: str, count: int, turn_seconds: float) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix=name)
        self._turn_seconds = turn_seconds

    async def do(self, job: Callable[[], Result]) -> Result:
        """Run the job in its turn: one hop there, one back. Raises `Unavailable` if the turn does not come in time.

        A caller who is cancelled waits until the job has ended, and cannot know how; one that had not begun never does.
        """
        doing: Future[Result] = self._pool.submit(job)
        patience = asyncio.get_running_loop().call_later(self._turn_seconds, doing.cancel)
        done = asyncio.wrap_future(doing)
        try:
            await asyncio.wait((done,))
        except asyncio.CancelledError:
            doing.cancel()
            await _ended(done)
            raise
        finally:
            patience.cancel()
        if done.cancelled():
            raise unavailable("The database is too busy at the moment. Nothing was written; it is tried again.")
        return done.result()

    async def close(self) -> None:
        """Let all jobs end."""
        await asyncio.to_thread(self._pool.shutdown)


async def _ended(done: asyncio.Future[Any]) -> None:
    """Wait until it has, whoever cancels the caller meanwhile. What it raised concerns nobody any more."""
    while not done.done():
        try:
            await asyncio.wait((done,))
        except asyncio.CancelledError:
            continue
    if not done.cancelled():
        done.exception()

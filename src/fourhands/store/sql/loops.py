"""A thread with an event loop of its own, where a driver that awaits does its work: what a statement's rows cost to unpack, the
server's loop never waits for. `threads` is the like of it for SQLite, whose driver blocks."""

import asyncio
from collections.abc import Callable, Coroutine
from threading import Thread
from typing import Any, TypeVar

from fourhands.store.sql.failures import unavailable

Result = TypeVar("Result")


class LoopThread:
    """Runs coroutines, several at once. One that has begun goes on to its end, whatever becomes of its caller."""

    def __init__(self, name: str) -> None:
        self._loop = _new_loop()
        self._thread = Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    async def do(self, work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """Run it to its end: one hop there, one back. A caller who is cancelled waits for that end, and cannot know how it was."""
        if self._loop.is_closed():
            raise unavailable("The database is not open.")
        under_way = asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work(), self._loop))
        try:
            return await asyncio.shield(under_way)
        except asyncio.CancelledError:
            while not under_way.done():
                try:
                    await asyncio.wait([under_way])
                except asyncio.CancelledError:
                    continue
            if not under_way.cancelled():
                under_way.exception()  # nobody is left to hear it
            raise

    async def close(self) -> None:
        """Let the loop end; nothing may be under way."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
            for task in asyncio.all_tasks(self._loop):
                task.cancel()
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        finally:
            self._loop.close()


def _new_loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop  # noqa: PLC0415 - quicker, and not on every system
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()

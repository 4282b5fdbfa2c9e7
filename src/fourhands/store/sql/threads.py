"""Threads that do database work in turn, so that the event loop never waits for a disk."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, Generic, TypeVar

from fourhands.store.sql.failures import unavailable

Result = TypeVar("Result")


class Threads:
    """A few threads with one queue. A job that has begun goes on to its end, whatever becomes of its caller.

    `concurrent.futures` would do; a hop to it and back costs several times as much, and there is one for every commit.
    """

    def __init__(self, name: str, count: int, turn_seconds: float) -> None:
        self._name = name
        self._count = count
        self._turn_seconds = turn_seconds
        self._turns: SimpleQueue[_Turn[Any] | None] = SimpleQueue()
        self._threads: list[Thread] = []
        self._under_way = 0  # begun or waiting

    async def do(self, job: Callable[[], Result]) -> Result:
        """Run the job in its turn: one hop there, one back. Raises `Unavailable` if the turn does not come in time.

        A caller who is cancelled waits until the job has ended, and cannot know how; one that had not begun never does.
        """
        loop = asyncio.get_running_loop()
        turn = _Turn(job, loop)
        self._under_way += 1
        patience = None
        if self._under_way > len(self._threads):
            if len(self._threads) < self._count:
                self._start()
            else:
                patience = loop.call_later(self._turn_seconds, turn.give_up)
        self._turns.put(turn)
        try:
            return await turn.result
        except asyncio.CancelledError:
            if not turn.claim():
                await turn.over()
            raise
        finally:
            self._under_way -= 1
            if patience is not None:
                patience.cancel()
            del turn.result  # a failure's traceback refers to the turn: what the job held would stay until a collection

    async def close(self) -> None:
        """Let all jobs end."""
        for _ in self._threads:
            self._turns.put(None)
        await asyncio.to_thread(self._join)

    def _start(self) -> None:
        thread = Thread(target=self._work, name=f"{self._name} {len(self._threads)}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (turn := self._turns.get()) is not None:
            if turn.claim():
                turn.run()
            del turn  # or what it gave back would stay until the next one


class _Turn(Generic[Result]):
    """One job, from its caller to a thread and back. Whoever has the claim decides what becomes of it: the thread, or who gives it up.

    `result` is there until its caller has it.
    """

    __slots__ = ("_claim", "_ended", "_job", "_loop", "_over", "result")

    def __init__(self, job: Callable[[], Result], loop: asyncio.AbstractEventLoop) -> None:
        self._job = job
        self._loop = loop
        self._claim = Lock()
        self._over: asyncio.Event | None = None
        self._ended = False
        self.result: asyncio.Future[Result] = loop.create_future()

    def claim(self) -> bool:
        """True for the first who asks."""
        return self._claim.acquire(blocking=False)

    def run(self) -> None:
        """In the thread."""
        result, failure = None, None
        try:
            result = self._job()
        except BaseException as error:  # noqa: BLE001 - it is the caller's
            failure = error
        with suppress(RuntimeError):  # the loop has ended, and the caller with it
            self._loop.call_soon_threadsafe(self._end, result, failure)
        failure = None  # its traceback refers to this frame

    def give_up(self) -> None:
        """The turn has not come in time."""
        if self.claim() and not self.result.done():
            self.result.set_exception(unavailable("The database is too busy at the moment. Nothing was written; it is tried again."))

    async def over(self) -> None:
        """Wait until the job has ended, whoever cancels the caller meanwhile."""
        self._over = self._over or asyncio.Event()
        while not self._ended:
            with suppress(asyncio.CancelledError):
                await self._over.wait()

    def _end(self, result: Any, failure: BaseException | None) -> None:
        self._ended = True
        if self._over is not None:
            self._over.set()
        if self.result.done():  # its caller was cancelled
            return
        if failure is None:
            self.result.set_result(result)
        else:
            self.result.set_exception(failure)

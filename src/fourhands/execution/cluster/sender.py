"""Writes to Redis in the order in which it was said, many at once, without whoever says it waiting. One a process.

::

    put ──> waiting ──one transaction──> written
                          └ Redis is away: the same again, until it is back or this ends
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import redis.asyncio

from fourhands.execution.cluster.connection import ANSWER_SECONDS, AWAY
from fourhands.redis_client.ending import require_wanted

MOST_AT_ONCE = 64
FULL = 256
"""So many commands that wait are more than Redis takes at the moment: what can wait, should."""
AGAIN_SECONDS = 0.25

Word = str | bytes | int


def nothing() -> None:
    """What most have to say when a key is missing."""


@dataclass(frozen=True, slots=True)
class Command:
    """`missing` hears that it did nothing: its key was not there, or not what it has to be."""

    words: tuple[Word, ...]
    missing: Callable[[], None]


class Sender:
    """Invariant: what was put first is written first. A command may be written twice, if the answer to the first was lost: readers notice."""

    def __init__(self, connection: "redis.asyncio.Redis") -> None:
        self._connection = connection
        self._waiting: deque[Command] = deque()
        self._more = asyncio.Event()
        self._less = asyncio.Event()
        self._closed = False

    def put(self, *words: Word, missing: Callable[[], None] = nothing) -> None:
        """Say it. Whoever says much must have been given leave to: it waits in memory."""
        if not self._closed:
            self._waiting.append(Command(words, missing))
            self._more.set()

    @property
    def is_full(self) -> bool:
        return len(self._waiting) >= FULL

    async def drain(self) -> None:
        """Wait until it is not full, or has ended."""
        while self.is_full and not self._closed:
            self._less.clear()
            await self._less.wait()

    async def empty(self) -> None:
        """Wait until all was written, or it has ended."""
        while self._waiting and not self._closed:
            self._less.clear()
            await self._less.wait()

    def forget(self) -> None:
        """What waits is for nobody any more."""
        self._waiting.clear()
        self._less.set()

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                require_wanted()
                if not self._waiting:
                    self._more.clear()
                    await self._more.wait()
                await self._write([self._waiting[number] for number in range(min(len(self._waiting), MOST_AT_ONCE))])
        finally:
            self._closed = True
            self._less.set()

    async def _write(self, commands: list[Command]) -> None:
        try:
            async with asyncio.timeout(2 * ANSWER_SECONDS), self._connection.pipeline(transaction=True) as pipeline:
                for command in commands:
                    pipeline.execute_command(*command.words)  # pyright: ignore[reportUnknownMemberType]
                answers: list[object] = await pipeline.execute(raise_on_error=False)
        except AWAY:
            await asyncio.sleep(AGAIN_SECONDS)
            return
        for command, answer in zip(commands, answers, strict=True):
            if self._waiting and self._waiting[0] is command:  # else all was forgotten meanwhile
                self._waiting.popleft()
            if answer is None or isinstance(answer, Exception):
                command.missing()
        self._less.set()

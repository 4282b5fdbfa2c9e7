"""Reads any number of streams with one read that waits. One a process, on a connection of its own.

The first stream is always read; whoever adds another from outside says something into the first one, which ends the wait.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import cast

import redis.asyncio

from fourhands.execution.cluster.connection import ANSWER_SECONDS, AWAY
from fourhands.redis_client.ending import require_wanted

WAIT_MS = 1000
"""How long a read waits before it is made again: a connection that is dead without a word is noticed by it."""
ENTRIES = 64
"""Of one stream and read."""
AGAIN_SECONDS = 0.25

Fields = Mapping[bytes, bytes]
Take = Callable[[bytes, Fields], None]


class Reader:
    """Each entry is given to its stream's `take`, in order, with its id; what it raises ends the reader. `failed` hears of each read that did."""

    def __init__(self, connection: "redis.asyncio.Redis", *, failed: Callable[[], None] = lambda: None) -> None:
        self._connection = connection
        self._failed = failed
        self._takes: dict[str, Take] = {}
        self._last: dict[str, bytes] = {}

    def add(self, key: str, take: Take) -> None:
        """Read it from its beginning; from the next read on."""
        self._takes[key], self._last[key] = take, b"0-0"

    def remove(self, key: str) -> None:
        """Read it no more, at once."""
        self._takes.pop(key, None)
        self._last.pop(key, None)

    async def run(self) -> None:
        """Until cancelled. While Redis is away it tries again."""
        while True:
            require_wanted()
            try:
                async with asyncio.timeout(WAIT_MS / 1000 + ANSWER_SECONDS):
                    read = self._connection.xread(dict(self._last), count=ENTRIES, block=WAIT_MS)  # pyright: ignore[reportArgumentType]
                    found = cast("list[tuple[bytes, list[tuple[bytes, Fields | None]]]]", await read)
            except AWAY:
                self._failed()
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            for key, entries in found:
                self._give(key.decode(), entries)

    def _give(self, key: str, entries: list[tuple[bytes, Fields | None]]) -> None:
        for entry, fields in entries:
            take = self._takes.get(key)
            if take is None:
                return
            self._last[key] = entry
            take(entry, fields or {})

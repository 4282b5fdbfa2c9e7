"""Rooms that nobody may load at the moment: one is deleted, or its past is rewritten. `registry.py` asks before it loads."""

import asyncio
import contextlib
from collections.abc import Generator

from fourhands.errors import Conflict


class Gates:
    """Those that are shut. Invariant: whoever waits at one goes on when it opens, whatever became of the room."""

    def __init__(self) -> None:
        self._shut: dict[str, asyncio.Event] = {}

    @contextlib.contextmanager
    def shut(self, room_id: str) -> Generator[None]:
        """Let nobody load the room meanwhile. Raises `Conflict` if it is shut already."""
        if room_id in self._shut:
            raise Conflict("Something is being erased from this room already. Try again in a moment.")
        opened = self._shut[room_id] = asyncio.Event()
        try:
            yield
        finally:
            del self._shut[room_id]
            opened.set()

    async def passed(self, room_id: str) -> bool:
        """Wait until the room may be loaded; whether there was anything to wait for."""
        if (shut := self._shut.get(room_id)) is None:
            return False
        await shut.wait()
        return True

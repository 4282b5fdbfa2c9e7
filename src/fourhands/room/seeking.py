"""Turns for rebuilding what a room was: each takes a processor for as long as its text is large, so they go one by one."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator

from fourhands.errors import LimitExceeded

AT_ONCE = 1
"""Of the whole server: more would not be faster, since they share Python's one lock with everybody's keystrokes."""

OF_A_MEMBER = 2
"""Under way or waiting: one, and one that came while a page was dragged on."""


class Seeks:
    """Who looks into the past now.

    Invariant: `_of` counts those who are inside `turn`, and names nobody else.
    """

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._of: Counter[tuple[str, str]] = Counter()

    @contextlib.asynccontextmanager
    async def turn(self, room_id: str, member_id: str) -> AsyncGenerator[None]:
        """Wait for one's turn, first come first served. Raises `LimitExceeded` when this member waits already."""
        who = (room_id, member_id)
        if self._of[who] >= OF_A_MEMBER:
            raise LimitExceeded("You ask for this room's past already: wait for that answer.", 1.0)
        self._of[who] += 1
        try:
            async with self._turns:
                yield
        finally:
            self._of[who] -= 1
            if not self._of[who]:
                del self._of[who]

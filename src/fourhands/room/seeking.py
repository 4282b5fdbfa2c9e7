"""Turns for rebuilding what a room was: each takes a processor for as long as its text is large, so they go one by one."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator

from fourhands.errors import LimitExceeded

AT_ONCE = 1
"""Of the whole server: more would not be faster, since they share Python's one lock with everybody's keystrokes."""

SEARCHES = 4
"""Under way in the whole server: each holds a document of its own."""

OF_A_MEMBER = 2
"""Under way or waiting: one, and one that came while a page was dragged on."""


class Seeks:
    """Who looks into the past now.

    Invariant: `_of` counts those who are inside `turn`, and names nobody else; `_searching` are those inside `search`.
    """

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._of: Counter[tuple[str, str]] = Counter()
        self._searching: set[tuple[str, str]] = set()

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

    @contextlib.asynccontextmanager
    async def search(self, room_id: str, member_id: str) -> AsyncGenerator[asyncio.Semaphore]:
        """For what looks through all of a past and may take minutes: the turns, of which one is to be taken for each short stretch of it, so
        that others look back in between. Raises `LimitExceeded` while this member searches already, or many others do."""
        who = (room_id, member_id)
        if who in self._searching:
            raise LimitExceeded("You have something looked for in this room already: wait for that answer.", 1.0)
        if len(self._searching) >= SEARCHES:
            raise LimitExceeded("Others have something looked for on this server: try again in a moment.", 5.0)
        self._searching.add(who)
        try:
            yield self._turns
        finally:
            self._searching.discard(who)

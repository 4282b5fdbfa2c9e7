"""Who and what is in memory, row by row, for whoever watches: what changed since they looked last, and what is gone.

Nothing is done while nobody asks. A table is made anew when somebody asks and it is older than `FRESH_SECONDS`, once for all who ask, some rows at a time.
"""

import asyncio
import zlib
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Generic, TypeVar

from fourhands.model.clock import Clock

FRESH_SECONDS = 1.5
GONE_KEPT = 20_000
"""Rows that are gone and remembered: who asks for more than that gets the whole table again."""

TAGS = 4096
"""Ticks of instances differ by the last bits; with them they fit into a JavaScript number until the year 2039."""

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Changes(Generic[Row]):
    """A table as it is at `tick`: the whole of it, or what has changed since the tick that was asked for."""

    tick: int
    whole: bool
    rows: Sequence[Row]
    gone: Sequence[str]


class Table(Generic[Row]):
    """Rows by their ids, as `scan` gives them.

    Invariant: `_rows` holds for each row the tick at which it became what it is; ticks rise, and begin at a number that no earlier process gave.
    """

    def __init__(self, scan: Callable[[], AsyncIterator[tuple[str, Row]]], clock: Clock, instance: str = "") -> None:
        """`instance`: of several, whose ticks are none of ours: who asks once here and once there is told all."""
        self._scan = scan
        self._clock = clock
        self._tag = zlib.crc32(instance.encode()) % TAGS if instance else None
        self._rows: dict[str, tuple[int, Row]] = {}
        self._gone: deque[tuple[int, str]] = deque(maxlen=GONE_KEPT)
        self._first = self.tick = self._tick_at(clock.now_ms())
        self._forgotten = self._first
        self._made_at = float("-inf")
        self._making = asyncio.Lock()

    async def changes(self, since: int = 0) -> Changes[Row]:
        """What changed since that tick; everything if it is not one of this table's, or too long ago."""
        async with self._making:
            if self._clock.monotonic() - self._made_at >= FRESH_SECONDS:
                await self._make()
        if not self._forgotten <= since <= self.tick or (self._tag is not None and since % TAGS != self._tag):
            return Changes(self.tick, True, [row for _, row in self._rows.values()], [])
        return Changes(
            self.tick,
            False,
            [row for tick, row in self._rows.values() if tick > since],
            [row_id for _, row_id in takewhile(lambda gone: gone[0] > since, reversed(self._gone)) if row_id not in self._rows][::-1],
        )

    def _tick_at(self, now_ms: int) -> int:
        return now_ms if self._tag is None else now_ms * TAGS + self._tag

    async def _make(self) -> None:
        tick = max(self.tick + (1 if self._tag is None else TAGS), self._tick_at(self._clock.now_ms()))
        rows: dict[str, tuple[int, Row]] = {}
        async for row_id, row in self._scan():
            known = self._rows.get(row_id)
            rows[row_id] = known if known is not None and (known[1] is row or known[1] == row) else (tick, row)
        self._note_gone(tick, rows)
        self._rows, self.tick = rows, tick
        self._made_at = self._clock.monotonic()

    def _note_gone(self, tick: int, rows: Mapping[str, object]) -> None:
        for row_id in self._rows:
            if row_id not in rows:
                if len(self._gone) == GONE_KEPT:
                    self._forgotten = self._gone[0][0]
                self._gone.append((tick, row_id))

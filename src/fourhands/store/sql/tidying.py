"""Which rooms have rows to merge, and the merging: a little while people type, for good when a room was left. `folder` works it on SQLite,
`postgres_store` on PostgreSQL, where several instances may do so at once: what one has merged the others find merged."""

import contextlib
from typing import Protocol

from fourhands.errors import Unavailable
from fourhands.store.sql.compaction import SMALL_ROWS

RESTING_ROOMS = 16
MOST_RESTING = 4096  # one more is merged when it is left another time, or by `fourhands journal compact`
MOST_GROWN = 16_384  # rooms whose rows are counted while people type; of others they are merged when they are left


class Merge(Protocol):
    """Makes a room's rows fewer, in one small step."""

    async def __call__(self, room_id: str, *, thorough: bool) -> bool:
        """Whether there was something to merge."""
        ...


class Tidying:
    """The rooms that are due. `grown`: rows that a room got since they were merged; `resting`: rooms whose rows are to be as few as can be.

    Invariant: `resting` holds no more than `MOST_RESTING` rooms, and `grown`, after `tidy`, no more than `MOST_GROWN`.
    """

    def __init__(self, merge: Merge) -> None:
        self._merge = merge
        self.grown: dict[str, int] = {}
        self.resting: dict[str, None] = {}

    def grew(self, room_id: str, rows: int) -> None:
        """The room got so many rows; who grew last is last."""
        self.grown[room_id] = self.grown.pop(room_id, 0) + rows

    def rest(self, room_id: str) -> None:
        """The room was left. Past `MOST_RESTING` rooms it is not noted."""
        if len(self.resting) < MOST_RESTING:
            self.resting[room_id] = None

    def settled(self, room_id: str) -> None:
        """Nothing of the room grows any more."""
        self.grown.pop(room_id, None)

    def forget(self, room_id: str) -> None:
        """The room is no more."""
        self.grown.pop(room_id, None)
        self.resting.pop(room_id, None)

    async def tidy(self) -> None:
        """Some of the merging that is due; a room that cannot be read is passed over, whoever opens it is told."""
        due = [(room_id, False) for room_id, rows in list(self.grown.items()) if rows >= SMALL_ROWS]
        due += [(room_id, True) for room_id in list(self.resting)[:RESTING_ROOMS]]
        for room_id, thorough in due:
            self.forget(room_id)
            with contextlib.suppress(Unavailable):
                while await self._merge(room_id, thorough=thorough):
                    pass
        for room_id in list(self.grown)[:-MOST_GROWN]:
            self.grown.pop(room_id, None)

"""One wheel for all heartbeats: each connection is looked at once a turn, not by a timer of its own."""

from collections.abc import Sequence
from typing import Protocol

from fourhands.guard.bans import IsFor


class Beating(Protocol):
    def beat(self) -> None:
        """Ping, or cut the connection if nothing was heard since the last time."""
        ...

    def end_if(self, is_for: IsFor) -> None:
        """Close it with 4403 if that holds of its address, account or member: they were banned."""
        ...


class Wheel:
    """`spokes` buckets; `turn` visits the next one. A connection is visited once in `spokes` turns."""

    def __init__(self, spokes: int) -> None:
        self._spokes: list[set[Beating]] = [set() for _ in range(spokes)]
        self._place: dict[Beating, int] = {}
        self._next_in = 0
        self._next_out = 0

    def add(self, connection: Beating) -> None:
        self._place[connection] = self._next_in
        self._spokes[self._next_in].add(connection)
        self._next_in = (self._next_in + 1) % len(self._spokes)

    def remove(self, connection: Beating) -> None:
        spoke = self._place.pop(connection, None)
        if spoke is not None:
            self._spokes[spoke].discard(connection)

    def all(self) -> Sequence[Beating]:
        """Everybody who is on it now."""
        return list(self._place)

    def turn(self) -> None:
        for connection in list(self._spokes[self._next_out]):
            connection.beat()
        self._next_out = (self._next_out + 1) % len(self._spokes)

    def __len__(self) -> int:
        return len(self._place)

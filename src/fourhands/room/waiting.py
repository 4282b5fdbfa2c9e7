"""The updates of a room that wait for others which they build on, and which of them may fit now.

Called by `document.py` alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import count

from fourhands.errors import InvalidRequest
from fourhands.protocol.split import Split
from fourhands.protocol.structs import Place

MOST_PIECES_WAITING = 1 << 12
"""Structs and ranges of deletions of a room that may wait for others; past it, whoever sends more is refused. With each edit that lets
one fit its whole update is read again."""


class Waiting:
    """What waits in one room, in the order of its coming."""

    __slots__ = ("_numbers", "_parts", "_wakes")

    def __init__(self) -> None:
        self._numbers = count()
        self._parts: dict[int, Split] = {}
        self._wakes: dict[int, dict[int, int]] = {}  # client id -> number of a waiting update -> the clock it waits for

    def __len__(self) -> int:
        return len(self._parts)

    @property
    def updates(self) -> Sequence[bytes]:
        return [part.rest for part in self._parts.values()]

    @property
    def size_bytes(self) -> int:
        return sum(len(part.rest) for part in self._parts.values())

    @property
    def places(self) -> Iterable[Place]:
        return {place for part in self._parts.values() for place in part.places}

    @property
    def pieces(self) -> int:
        """Structs and ranges of deletions that wait."""
        return sum(part.waits for part in self._parts.values())

    def require_patience(self, part: Split, most_bytes: int) -> None:
        """Raises `InvalidRequest` when too much waits already to let the rest of that update wait, too."""
        if part.waits + self.pieces > MOST_PIECES_WAITING or len(part.rest) + self.size_bytes > most_bytes:
            raise InvalidRequest("Too many edits build on others that never came.")

    def add(self, part: Split, number: int | None = None) -> None:
        """Let the rest of an update wait; `number`: in the place of that one, which waited already."""
        number = next(self._numbers) if number is None else number
        self._parts[number] = part
        for client, clock in part.blocks:
            self._wakes.setdefault(client, {})[number] = clock

    def due(self, client: int, clocks: Mapping[int, int]) -> Sequence[int]:
        """The numbers of those that waited for a clock of that client which is there now."""
        wakes = self._wakes.get(client)
        return [number for number, clock in wakes.items() if clock < clocks[client]] if wakes else ()

    def wake(self, number: int) -> bytes:
        """What waited under that number; it is asleep no more, and to be added again or dropped."""
        part = self._parts[number]
        for client, _ in part.blocks:
            del self._wakes[client][number]
            if not self._wakes[client]:
                del self._wakes[client]
        return part.rest

    def drop(self, number: int) -> None:
        del self._parts[number]

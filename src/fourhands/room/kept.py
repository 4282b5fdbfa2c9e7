"""How much output of a room's runs the journal keeps: so many bytes in any day. Past that, output is shown and not kept.

The registry has one for all rooms, so that a room that leaves memory and comes back has what was left to it.
"""

from collections import OrderedDict
from collections.abc import Callable

from fourhands.model.clock import Clock

DAY_SECONDS = 24 * 3600.0
HOUR_SECONDS = 3600.0

MayKeep = Callable[[int], bool]


def anything(size_bytes: int) -> bool:
    """Of rooms that nobody counts."""
    del size_bytes
    return True


class KeptOutput:
    """Bytes by room and hour.

    Invariant: no room has kept more than `most_bytes` in the last 24 hours and the hour before them, nor is one remembered that kept nothing in them.
    """

    def __init__(self, clock: Clock, most_bytes: int) -> None:
        self._clock = clock
        self._most_bytes = most_bytes
        self._rooms: OrderedDict[str, dict[int, int]] = OrderedDict()  # who kept something last is last

    def __len__(self) -> int:
        """How many rooms are remembered."""
        return len(self._rooms)

    def take(self, room_id: str, size_bytes: int) -> bool:
        """Count output that is to be kept; False if it is too much, and then it is not counted."""
        hour = int(self._clock.monotonic() // HOUR_SECONDS)
        first = hour - int(DAY_SECONDS // HOUR_SECONDS)
        self._forget(first)
        hours = {at: size for at, size in self._rooms.get(room_id, {}).items() if at >= first}
        if sum(hours.values()) + size_bytes > self._most_bytes:
            return False
        hours[hour] = hours.get(hour, 0) + size_bytes
        self._rooms[room_id] = hours
        self._rooms.move_to_end(room_id)
        return True

    def _forget(self, first: int) -> None:
        while self._rooms:
            room_id, hours = next(iter(self._rooms.items()))
            if max(hours) >= first:
                return
            del self._rooms[room_id]

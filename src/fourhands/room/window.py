"""A sliding window: at most so many events in the last so many seconds."""

from collections import deque
from typing import Protocol

from fourhands.errors import LimitExceeded


class SlidingWindow:
    """Invariant: `_times` holds the moments of the events still inside the window, oldest first."""

    def __init__(self, most: int, seconds: float, what: str) -> None:
        self._most, self._seconds, self._what = most, seconds, what
        self._times: deque[float] = deque()

    def take(self, now: float) -> None:
        """Count one event at `now` (monotonic seconds). Raises `LimitExceeded` with the time until the next may come."""
        self._forget(now)
        if len(self._times) >= self._most:
            wait = self._seconds - (now - self._times[0])
            raise LimitExceeded(f"That was fast: {self._most} {self._what} in {self._seconds:g} seconds are allowed. Try again in {wait:.0f} s.", wait)
        self._times.append(now)

    def note(self, now: float) -> None:
        """Count one that was let through elsewhere."""
        self._forget(now)
        self._times.append(now)

    def _forget(self, now: float) -> None:
        while self._times and now - self._times[0] >= self._seconds:
            self._times.popleft()


SECONDS = 60


class Windows:
    """What members of a room did in the last minute, by member and kind."""

    def __init__(self) -> None:
        self._windows: dict[tuple[str, str], SlidingWindow] = {}

    def take(self, member_id: str, what: str, most: int, now: float) -> None:
        """Count one. Raises `LimitExceeded`."""
        self._of(member_id, what, most).take(now)

    def note(self, member_id: str, what: str, most: int, now: float) -> None:
        """Count one that was let through at another instance."""
        self._of(member_id, what, most).note(now)

    def _of(self, member_id: str, what: str, most: int) -> SlidingWindow:
        return self._windows.setdefault((member_id, what), SlidingWindow(most, SECONDS, what))


class Counting(Protocol):
    """A room; most never count anything."""

    windows: Windows | None


def windows_of(room: Counting) -> Windows:
    """The room's, made when it first counts."""
    if room.windows is None:
        room.windows = Windows()
    return room.windows

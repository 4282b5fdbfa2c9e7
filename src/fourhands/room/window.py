"""A sliding window: at most so many events in the last so many seconds."""

from collections import deque

from fourhands.errors import LimitExceeded


class SlidingWindow:
    """Invariant: `_times` holds the moments of the events still inside the window, oldest first."""

    def __init__(self, most: int, seconds: float, what: str) -> None:
        self._most, self._seconds, self._what = most, seconds, what
        self._times: deque[float] = deque()

    def take(self, now: float) -> None:
        """Count one event at `now` (monotonic seconds). Raises `LimitExceeded` with the time until the next may come."""
        while self._times and now - self._times[0] >= self._seconds:
            self._times.popleft()
        if len(self._times) >= self._most:
            wait = self._seconds - (now - self._times[0])
            raise LimitExceeded(f"That was fast: {self._most} {self._what} in {self._seconds:g} seconds are allowed. Try again in {wait:.0f} s.", wait)
        self._times.append(now)

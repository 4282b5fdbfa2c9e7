"""How often somebody may run programs: so many in any minute."""

from collections import OrderedDict, deque

from fourhands.errors import LimitExceeded
from fourhands.model.clock import Clock

WINDOW_SECONDS = 60.0


class SlidingWindow:
    """Times of what was taken, by who took it. Invariant: holds nobody who took nothing in the last window."""

    def __init__(self, clock: Clock, *, window_seconds: float = WINDOW_SECONDS) -> None:
        self._clock = clock
        self._window_seconds = window_seconds
        self._taken: OrderedDict[str, deque[float]] = OrderedDict()

    def __len__(self) -> int:
        """How many people are remembered."""
        return len(self._taken)

    def require(self, who: str, most: int) -> None:
        """Whether one more may be taken. Raises `LimitExceeded` with the time until it may."""
        now = self._clock.monotonic()
        self._forget(now)
        taken = self._taken.get(who)
        if taken is None:
            return
        while taken and taken[0] <= now - self._window_seconds:
            taken.popleft()
        if len(taken) >= most:
            wait = taken[-most] + self._window_seconds - now
            raise LimitExceeded(f"{most} programs a minute may be run. Wait {max(1, round(wait))} seconds.", wait)

    def take(self, who: str) -> None:
        """Count one."""
        self._taken.setdefault(who, deque()).append(self._clock.monotonic())
        self._taken.move_to_end(who)

    def _forget(self, now: float) -> None:
        while self._taken:
            who, taken = next(iter(self._taken.items()))
            if taken[-1] > now - self._window_seconds:
                return
            del self._taken[who]

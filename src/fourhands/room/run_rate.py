"""How often a room's programs are started: so many by each person in any minute.

Whoever leaves and joins anew is another member, who has run nothing. So what members who are gone have run counts for everybody who comes
from where they came from. Those who are there count for themselves alone: a class behind one address has as many each as anybody.
"""

from collections import deque
from collections.abc import Container

from fourhands.errors import LimitExceeded
from fourhands.model.clock import Clock

WINDOW_SECONDS = 60.0


class RunRate:
    """Invariant: `_taken` has the runs of the last window, oldest first: when, of which member, from which address."""

    def __init__(self, clock: Clock, *, window_seconds: float = WINDOW_SECONDS) -> None:
        self._clock = clock
        self._window_seconds = window_seconds
        self._taken: deque[tuple[float, str, str]] = deque()

    def require(self, member_id: str, address: str, most: int, present: Container[str]) -> None:
        """Whether one more may be started; `most` 0: any number. Raises `LimitExceeded` with the time until it may."""
        now = self._clock.monotonic()
        while self._taken and self._taken[0][0] <= now - self._window_seconds:
            self._taken.popleft()
        counted = [at for at, who, where in self._taken if who == member_id or (address and where == address and who not in present)]
        if most and len(counted) >= most:
            wait = counted[-most] + self._window_seconds - now
            number = "One program" if most == 1 else f"{most} programs"
            raise LimitExceeded(f"{number} a minute may be run. Wait {max(1, round(wait))} seconds.", wait)

    def take(self, member_id: str, address: str) -> None:
        """Count one."""
        self._taken.append((self._clock.monotonic(), member_id, address))

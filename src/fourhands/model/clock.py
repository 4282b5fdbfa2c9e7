"""Time as it is handed in: tests bring their own."""

import time
from collections.abc import Callable
from typing import Protocol


class Clock(Protocol):
    def now_ms(self) -> int:
        """Milliseconds since the epoch (UTC): what is written down and shown. Never less than before."""
        ...

    def monotonic(self) -> float:
        """Seconds that only go forward: what is waited by."""
        ...


class SystemClock:
    """The machine's clock. Where that is set back, ours goes on at its usual pace until the machine's has caught up.

    `wall` (nanoseconds since the epoch) and `steady` (seconds that only go forward) are for tests.
    """

    def __init__(self, wall: Callable[[], int] = time.time_ns, steady: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self.monotonic = steady
        self._last_ms = 0
        self._set_back: tuple[int, float] | None = None  # our time and the steady one when it was noticed

    def now_ms(self) -> int:
        now_ms = self._wall() // 1_000_000
        if self._set_back is not None or now_ms < self._last_ms:
            now_ms = self._after_setting_back(now_ms)
        self._last_ms = now_ms
        return now_ms

    def _after_setting_back(self, wall_ms: int) -> int:
        at_ms, since = self._set_back = self._set_back or (self._last_ms, self.monotonic())
        steady_ms = at_ms + int((self.monotonic() - since) * 1000)
        if wall_ms >= steady_ms:
            self._set_back = None
        return max(wall_ms, steady_ms)

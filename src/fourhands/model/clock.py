"""Time as it is handed in: tests bring their own."""

import time
from typing import Protocol


class Clock(Protocol):
    def now_ms(self) -> int:
        """Milliseconds since the epoch (UTC): what is written down and shown."""
        ...

    def monotonic(self) -> float:
        """Seconds that only go forward: what is waited by."""
        ...


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic()

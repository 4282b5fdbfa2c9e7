"""The newest measurements of a kind, for their percentiles."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

KEPT = 600
"""A minute of probes, and of commits while people write."""
FRESH_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Percentiles:
    """In milliseconds; None: nothing was measured in the last minute."""

    p50: float | None
    p99: float | None


class Window:
    """Invariant: at most `KEPT`, in the order of their times."""

    def __init__(self) -> None:
        self._measured: deque[tuple[float, float]] = deque(maxlen=KEPT)

    def add(self, now: float, seconds: float) -> None:
        """`now`: monotonic seconds."""
        self._measured.append((now, seconds))

    def percentiles(self, now: float) -> Percentiles:
        """Of the last minute."""
        while self._measured and self._measured[0][0] < now - FRESH_SECONDS:
            self._measured.popleft()
        values = sorted(seconds for _, seconds in self._measured)
        return Percentiles(_at(values, 50), _at(values, 99))


def _at(values: Sequence[float], percent: int) -> float | None:
    """The nearest rank of rising values."""
    if not values:
        return None
    return round(values[-(-len(values) * percent // 100) - 1] * 1000, 3)

"""How long what arrives at the server now has to wait until it is taken: an edit as much as this probe.

The kernel makes a timer's descriptor readable at moments that nobody chose (an exponential distribution: such arrivals see the average of what others
see, R. W. Wolff, "Poisson Arrivals See Time Averages", 1982); the loop finds it as it finds a socket on which an edit came, behind all that is before it.
So that edits themselves carry no clock. What taking and passing on an edit takes besides is microseconds.

Source: timerfd_create(2), Linux. Elsewhere the loop's own timer stands in, whose steps are a millisecond.
"""

import asyncio
import ctypes
import os
import random
import struct
import time
from collections.abc import Callable

MEAN_SECONDS = 0.1

_MONOTONIC, _ABSOLUTE = 1, 1
_CLOEXEC, _NONBLOCK = 0o2000000, 0o4000
_SECOND_NS = 1_000_000_000


def _timer() -> tuple[int, Callable[[int, int], None]] | None:
    """A descriptor, and what sets when it becomes readable (nanoseconds of the monotonic clock); None where there are none."""
    try:
        library = ctypes.CDLL(None, use_errno=True)
        descriptor = int(library.timerfd_create(_MONOTONIC, _CLOEXEC | _NONBLOCK))
    except (OSError, AttributeError):
        return None
    if descriptor < 0:
        return None

    def arm(descriptor: int, at_ns: int) -> None:
        library.timerfd_settime(descriptor, _ABSOLUTE, struct.pack("qqqq", 0, 0, *divmod(at_ns, _SECOND_NS)), None)

    return descriptor, arm


class Probe:
    """Tells `heard` the seconds that each probe waited. `start` and `stop` on the loop that it is about."""

    def __init__(self, heard: Callable[[float], object], *, mean_seconds: float = MEAN_SECONDS, kernel: bool = True) -> None:
        self._heard = heard
        self._mean_seconds = mean_seconds
        self._kernel = kernel
        self._at_ns = 0
        self._descriptor = -1
        self._arm: Callable[[int, int], None] | None = None
        self._handle: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        if self._kernel and (timer := _timer()) is not None:
            self._descriptor, self._arm = timer
            self._loop.add_reader(self._descriptor, self._came)
        self._next()

    def stop(self) -> None:
        if self._loop is not None and self._descriptor >= 0:
            self._loop.remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor, self._arm = -1, None
        if self._handle is not None:
            self._handle.cancel()

    def _next(self) -> None:
        wait = random.expovariate(1 / self._mean_seconds)
        self._at_ns = time.monotonic_ns() + int(wait * _SECOND_NS)
        if self._arm is not None:
            self._arm(self._descriptor, self._at_ns)
        elif self._loop is not None:
            self._handle = self._loop.call_later(wait, self._came)

    def _came(self) -> None:
        waited = time.monotonic_ns() - self._at_ns
        if self._descriptor >= 0:
            try:
                os.read(self._descriptor, 8)
            except BlockingIOError:  # it is not due: the loop looked for nothing
                return
        self._heard(max(0, waited) / _SECOND_NS)
        self._next()

"""The machine's clock."""

import time

from fourhands.model.clock import SystemClock


def test_the_clock_tells_milliseconds_since_the_epoch_and_never_goes_back() -> None:
    clock = SystemClock()
    assert abs(clock.now_ms() - time.time() * 1000) < 1000
    first = clock.monotonic()
    assert clock.monotonic() >= first

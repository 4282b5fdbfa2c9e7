"""The sliding window."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourhands.errors import LimitExceeded
from fourhands.room.window import SlidingWindow, Windows


def test_the_eleventh_waits_until_the_first_is_a_minute_old() -> None:
    window = SlidingWindow(10, 60, "messages")
    for second in range(10):
        window.take(100 + second)
    with pytest.raises(LimitExceeded, match="10 messages in 60 seconds") as refused:
        window.take(110)
    assert refused.value.retry_after_seconds == 50
    with pytest.raises(LimitExceeded):
        window.take(159.999)
    window.take(160)
    with pytest.raises(LimitExceeded):
        window.take(160.5)
    window.take(161)


@given(st.lists(st.floats(0, 5, allow_subnormal=False), max_size=60), st.integers(1, 5))
def test_never_more_than_allowed_in_any_window(steps: list[float], most: int) -> None:
    window, now, taken, waits = SlidingWindow(most, 3, "things"), 0.0, list[float](), list[float]()
    for step in steps:
        now += step
        try:
            window.take(now)
        except LimitExceeded as error:
            waits.append(error.retry_after_seconds)
            continue
        taken.append(now)
        assert len([one for one in taken if now - one < 3]) <= most
    assert all(0 < wait <= 3 for wait in waits)


def test_what_was_let_through_elsewhere_counts_here() -> None:
    windows = Windows()
    windows.take("ada", "messages", 2, 100)
    windows.note("ada", "messages", 2, 110)
    windows.note("lin", "messages", 2, 110)
    with pytest.raises(LimitExceeded) as refused:
        windows.take("ada", "messages", 2, 120)
    assert refused.value.retry_after_seconds == 40
    windows.take("ada", "changes of a name", 2, 120)
    windows.take("lin", "messages", 2, 120)
    windows.take("ada", "messages", 2, 160)

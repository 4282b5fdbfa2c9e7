"""How fast a connection may send."""

import pytest

from fourhands.edge.ws.pace import Pace
from fourhands.errors import LimitExceeded
from fourhands.model.limits import Limits

LIMITS = Limits(messages_per_second=10, bytes_per_second=1000, message_bytes=5000)


def test_five_seconds_worth_of_messages_at_once_and_then_the_rate() -> None:
    pace = Pace(LIMITS)
    for _ in range(50):
        pace.take(1, 100.0)
    with pytest.raises(LimitExceeded):
        pace.take(1, 100.0)
    for second in range(1, 100):
        for _ in range(10):
            pace.take(1, 100.2 + second)


def test_two_of_the_largest_messages_always_fit() -> None:
    pace = Pace(LIMITS)
    pace.take(5000, 1.0)
    pace.take(5000, 1.0)
    with pytest.raises(LimitExceeded):
        pace.take(5000, 2.0)


def test_it_can_be_switched_off() -> None:
    pace = Pace(Limits(rates=False, messages_per_second=1))
    for _ in range(1000):
        pace.take(1 << 30, 1.0)

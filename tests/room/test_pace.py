"""How fast messages may come."""

import pytest

from fourhands.errors import InvalidRequest, LimitExceeded
from fourhands.model.limits import Limits
from fourhands.room.pace import Pace, connection_rates, room_rates
from tests.house import HandClock

LIMITS = Limits(messages_per_second=10, bytes_per_second=1000, message_bytes=5000, cursors_per_second=4, room_messages_per_second=20)


def test_five_seconds_worth_of_messages_at_once_and_then_the_rate() -> None:
    clock = HandClock()
    pace = Pace(connection_rates(LIMITS, clock))
    for _ in range(50):
        pace.take(1)
    with pytest.raises(LimitExceeded, match="You send more"):
        pace.take(1)
    for _ in range(990):
        clock.pass_seconds(0.1001)
        pace.take(1)
        with pytest.raises(LimitExceeded):
            pace.take(1)


def test_a_message_counts_for_the_connection_and_for_its_room() -> None:
    clock = HandClock()
    connections = [Pace(connection_rates(LIMITS, clock)) for _ in range(4)]
    room = Pace(room_rates(LIMITS, clock))
    for _ in range(50):
        connections[0].take_both(room, 1)
    with pytest.raises(LimitExceeded, match="You send more"):
        connections[0].take_both(room, 1)
    for connection in connections[1:3] * 25:
        connection.take_both(room, 1)
    with pytest.raises(LimitExceeded, match="into this room"):
        connections[3].take_both(room, 1)


def test_two_of_the_largest_messages_always_fit() -> None:
    clock = HandClock()
    pace = Pace(connection_rates(LIMITS, clock))
    pace.take(5000)
    pace.take(5000)
    with pytest.raises(LimitExceeded):
        pace.take(1)
    clock.pass_seconds(4.999)
    with pytest.raises(LimitExceeded):
        pace.take(5000)
    clock.pass_seconds(0.001)
    pace.take(5000)


def test_a_long_pause_allows_about_twice_at_once() -> None:
    clock = HandClock()
    pace = Pace(connection_rates(LIMITS, clock))
    clock.pass_seconds(3600)
    for _ in range(101):
        pace.take(1)
    with pytest.raises(LimitExceeded):
        pace.take(1)


def test_cursors_past_their_rate_are_put_off_and_never_refused() -> None:
    clock = HandClock()
    pace = Pace(connection_rates(LIMITS, clock))
    assert [pace.take_cursor(1) for _ in range(1000)] == [True] * 8 + [False] * 992
    clock.pass_seconds(0.25)
    assert [pace.take_cursor(1) for _ in range(2)] == [True, False]
    for _ in range(50):
        pace.take(1)  # they are no messages


def test_a_cursor_counts_for_the_connection_and_for_its_room() -> None:
    clock = HandClock()
    connection = Pace(connection_rates(LIMITS, clock))
    room = Pace(room_rates(LIMITS, clock))
    assert [connection.take_cursor_both(room, 1) for _ in range(1000)] == [True] * 8 + [False] * 992
    crowded = Pace(room_rates(Limits(room_cursors_per_second=1), clock))
    others = [Pace(connection_rates(LIMITS, clock)) for _ in range(4)]
    assert [other.take_cursor_both(crowded, 1) for other in others] == [True, True, False, False]
    with pytest.raises(LimitExceeded, match="You send more"):
        others[0].take_cursor_both(crowded, 10_000)


def test_cursors_count_as_bytes() -> None:
    clock = HandClock()
    pace = Pace(connection_rates(LIMITS, clock))
    assert pace.take_cursor(9_999)
    assert pace.take_cursor(1)
    with pytest.raises(LimitExceeded):
        pace.take_cursor(1)
    clock.pass_seconds(1)
    assert pace.take_cursor(1000)


def test_what_was_refused_took_nothing() -> None:
    """In a room others go on at once when somebody was sent away."""
    clock = HandClock()
    pace = Pace(room_rates(LIMITS, clock))
    for _ in range(100):
        pace.take(1)
    for _ in range(1000):
        with pytest.raises(LimitExceeded, match="into this room"):
            pace.take(1)
    clock.pass_seconds(0.051)
    pace.take(1)


def test_it_can_be_switched_off() -> None:
    pace = Pace(connection_rates(Limits(rates=False, messages_per_second=1), HandClock()))
    for _ in range(1000):
        pace.take(1 << 30)
        assert pace.take_cursor(1 << 30)


def test_answers_count_by_the_time_they_took_and_the_first_is_always_given() -> None:
    clock = HandClock()
    pace = Pace(connection_rates(Limits(answer_milliseconds_per_second=50), clock))
    with pytest.raises(InvalidRequest), pace.answering():
        clock.pass_seconds(0.6)
        raise InvalidRequest("It counts all the same.")
    with pytest.raises(LimitExceeded, match="You ask for more"), pace.answering():
        pass
    clock.pass_seconds(1.39)
    with pytest.raises(LimitExceeded), pace.answering():
        pass
    clock.pass_seconds(0.02)
    with pace.answering():
        pass
    without = Pace(connection_rates(Limits(rates=False), clock))
    for _ in range(2):
        with without.answering():
            clock.pass_seconds(3600)


def test_work_counts_by_the_time_it_took_and_one_update_may_take_twice_as_much() -> None:
    clock = HandClock()
    pace = Pace(connection_rates(Limits(work_milliseconds_per_second=100), clock))
    pace.require_work()
    pace.worked(3.5)
    pace.require_patience()
    with pytest.raises(LimitExceeded, match="more time"):
        pace.require_work()
    clock.pass_seconds(5.01)
    pace.require_work()
    pace.worked(3.1)
    with pytest.raises(LimitExceeded):
        pace.require_patience()

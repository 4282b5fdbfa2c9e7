"""What of the output of a room's runs is kept in a day."""

from fourhands.room.kept import DAY_SECONDS, HOUR_SECONDS, KeptOutput
from tests.house import HandClock


def test_a_room_keeps_so_much_a_day_to_the_byte_and_each_for_itself() -> None:
    kept = KeptOutput(HandClock(), 100)
    assert [kept.take("a", size) for size in (60, 41, 40, 1, 0)] == [True, False, True, False, True]
    assert kept.take("b", 100)


def test_after_a_day_it_keeps_as_much_again() -> None:
    clock = HandClock()
    kept = KeptOutput(clock, 100)
    assert kept.take("a", 70)
    clock.pass_seconds(DAY_SECONDS / 2)
    assert kept.take("a", 30)
    clock.pass_seconds(DAY_SECONDS / 2 + HOUR_SECONDS)
    assert [kept.take("a", 71), kept.take("a", 70)] == [False, True]


def test_rooms_that_kept_nothing_in_a_day_are_forgotten() -> None:
    clock = HandClock()
    kept = KeptOutput(clock, 100)
    for number in range(50):
        kept.take(f"room{number}", 1)
    clock.pass_seconds(DAY_SECONDS + HOUR_SECONDS)
    kept.take("new", 1)
    assert len(kept) == 1

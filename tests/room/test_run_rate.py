"""How often programs of a room are started, and that leaving and joining anew gives no more."""

import pytest

from fourhands.errors import LimitExceeded
from fourhands.room.run_rate import RunRate
from tests.house import HandClock

HOME, SCHOOL = "192.0.2.1", "192.0.2.2"


def allowed(rate: RunRate, member: str, address: str, *present: str, most: int = 3) -> int:
    """How many more somebody may start now."""
    for number in range(most + 1):
        try:
            rate.require(member, address, most, present)
        except LimitExceeded:
            return number
        rate.take(member, address)
    return most + 1


def test_each_has_so_many_a_minute() -> None:
    clock = HandClock()
    rate = RunRate(clock)
    assert allowed(rate, "ada", HOME, "ada") == 3
    clock.pass_seconds(45)
    with pytest.raises(LimitExceeded, match=r"3 programs a minute.*Wait 15 seconds") as refused:
        rate.require("ada", HOME, 3, ["ada"])
    assert refused.value.retry_after_seconds == 15
    clock.pass_seconds(15)
    assert allowed(rate, "ada", HOME, "ada") == 3


def test_whoever_comes_back_under_another_name_has_what_was_left() -> None:
    rate = RunRate(HandClock())
    rate.take("ada", HOME)
    assert allowed(rate, "ada again", HOME, "ada again") == 2
    assert allowed(rate, "ada once more", HOME, "ada once more") == 0


def test_a_class_behind_one_address_has_as_many_each() -> None:
    rate = RunRate(HandClock())
    present = [f"pupil{number}" for number in range(30)]
    assert [allowed(rate, pupil, SCHOOL, *present) for pupil in present] == [3] * 30
    assert allowed(rate, "lin", HOME, "lin") == 3


def test_members_whose_address_is_not_known_are_apart() -> None:
    rate = RunRate(HandClock())
    assert [allowed(rate, "a", ""), allowed(rate, "b", "")] == [3, 3]


def test_without_a_limit_any_number_is_started() -> None:
    rate = RunRate(HandClock())
    for _ in range(100):
        rate.require("ada", HOME, 0, ["ada"])
        rate.take("ada", HOME)

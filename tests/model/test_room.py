"""When a room takes nobody any more."""

from dataclasses import replace

from fourhands.model.role import GuestRole
from fourhands.model.room import Room

ROOM = Room("k7f3-9q2m-x4tz", "", "python", GuestRole.EDITOR, False, "epoch", 1, 1)


def test_a_room_is_over_once_it_was_ended_or_closed_or_its_time_is_up() -> None:
    assert not ROOM.is_over(5)
    assert replace(ROOM, ended_at_ms=3).is_over(5)
    assert replace(ROOM, closed_at_ms=3).is_over(5)
    assert not replace(ROOM, expires_at_ms=6).is_over(5)
    assert replace(ROOM, expires_at_ms=6).is_over(6)
